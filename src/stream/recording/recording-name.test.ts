import { describe, expect, it } from 'vitest';
import { parseRecordingName, recordingName } from './recording-name.js';

describe('names of recorded files', () => {
  it('hold kind and start, and are read again', () => {
    const start = new Date('2026-11-21T22:05:09.999Z');
    expect(recordingName('enhanced', start)).toBe('enhanced-20261121T220509Z.mp4');
    expect(recordingName('original', start, 2)).toBe('original-20261121T220509Z-2.mp4');
    expect(parseRecordingName('original-20261121T220509Z-2.mp4')).toEqual({
      kind: 'original',
      start: new Date('2026-11-21T22:05:09Z'),
    });
  });

  it('are told from those of others', () => {
    for (const name of ['holiday.mp4', 'enhanced-2026.mp4', '../enhanced-20261121T220509Z.mp4', 'index.json']) {
      expect(parseRecordingName(name)).toBeNull();
    }
    expect(parseRecordingName('enhanced-20261121T220509Z.mp4.txt')).toBeNull();
  });
});
