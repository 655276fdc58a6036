import { describe, expect, it } from 'vitest';
import type { RecordingSegment } from './recording-index.js';
import { expiredSegments } from './retention.js';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const DAY = 86_400_000;

/** A file of 100 bytes and an hour, which began so many days ago. */
function segment(daysAgo: number): RecordingSegment {
  const start = new Date(NOW - daysAgo * DAY);
  const file = `enhanced-${start.toISOString().replace(/[-:]|\.\d+/g, '')}.mp4`;
  const made = { pipeline: null, model: null, strength: null };
  return { file, kind: 'enhanced', start: start.toISOString(), seconds: 3600, bytes: 100, complete: true, ...made };
}

const LOOSE = { keepDays: 1000, keepBytes: 1e9, minFreeBytes: 0 };
const FACTS = { now: NOW, freeBytes: 1000, open: new Set<string>() };
const days = (segments: readonly RecordingSegment[]): number[] =>
  segments.map(({ start }) => Math.round((NOW - Date.parse(start)) / DAY));

describe('retention', () => {
  const segments = [segment(1), segment(4), segment(3), segment(2)];

  it('keeps everything within the rules', () => {
    expect(expiredSegments(segments, LOOSE, FACTS)).toEqual([]);
  });

  it('deletes what ended too long ago', () => {
    expect(days(expiredSegments(segments, { ...LOOSE, keepDays: 2.5 }, FACTS))).toEqual([4, 3]);
    // Two days old at its start, an hour less at its end.
    expect(days(expiredSegments(segments, { ...LOOSE, keepDays: 1.99 }, FACTS))).toEqual([4, 3]);
  });

  it('deletes nothing for its age while the clock is not to be trusted', () => {
    expect(expiredSegments(segments, { ...LOOSE, keepDays: 1 }, { ...FACTS, now: null })).toEqual([]);
  });

  it('deletes the oldest while there is too much, and never an open file', () => {
    expect(days(expiredSegments(segments, { ...LOOSE, keepBytes: 250 }, FACTS))).toEqual([4, 3]);
    const open = new Set([segments[1]?.file ?? '']);
    expect(days(expiredSegments(segments, { ...LOOSE, keepBytes: 250 }, { ...FACTS, open }))).toEqual([3, 2]);
    expect(expiredSegments([segment(1)], { ...LOOSE, keepBytes: 1 }, { ...FACTS, open: new Set([segment(1).file]) })).toEqual([]); // prettier-ignore
  });

  it('makes room on the volume, but not where that cannot help', () => {
    expect(days(expiredSegments(segments, { ...LOOSE, minFreeBytes: 1150 }, FACTS))).toEqual([4, 3]);
    expect(expiredSegments(segments, { ...LOOSE, minFreeBytes: 2000 }, FACTS)).toEqual([]);
  });
});
