import { closeSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Packet } from 'node-av/lib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../config/package-root.js';
import { Demuxer } from '../../media/demuxer.js';
import { silenceFfmpeg } from '../../media/ffmpeg-log.js';
import { probeRecording } from '../../media/recording-probe.js';
import { describeTrack } from '../../media/recording-track.js';
import type { RecordingOptions } from '../stream-messages.js';
import { RecordingArchive } from './recording-archive.js';
import { parseRecordingIndex, readRecordingIndex, RECORDING_INDEX } from './recording-index.js';
import { SegmentWriter } from './segment-writer.js';

silenceFfmpeg();
const DEMO = path.join(packageRoot, 'demo', 'night-street.mp4');
let folder = '';
beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-archive-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const COMMENT = 'enhanced by Afterglow: pipeline night-cctv, model liednet-live, strength 0.80';
const options = (more: Partial<RecordingOptions> = {}): RecordingOptions => ({
  ...{ original: true, enhanced: true, segmentSeconds: 5, keepDays: 14, keepGigabytes: 50, folder, minFreeBytes: 0 },
  ...more,
});

/** Records `seconds` of the demo camera into an archive; ends the file unless it is to be cut off. */
function record(archive: RecordingArchive, start: string, seconds: number, cutOff = false): string {
  const made = { pipeline: 'night-cctv', model: 'liednet-live', strength: 0.8 };
  const file = archive.create('enhanced', { start, seconds: 0, bytes: 0, complete: false, ...made });
  const demuxer = Demuxer.open({ kind: 'file', path: DEMO });
  const tracks = { video: describeTrack(demuxer.video.codecpar, demuxer.video.timeBase), audio: null };
  const writer = new SegmentWriter(file, tracks, { start: 0, at: 0, metadata: { comment: COMMENT } });
  const packet = new Packet();
  packet.alloc();
  for (;;) {
    if (demuxer.read(packet) === 'video') {
      const { num, den } = demuxer.video.timeBase;
      const line = (Number(packet.dts) * num) / den;
      if (line >= seconds) break;
      const data = new Uint8Array(packet.data ?? []);
      const { pts, dts, duration, isKeyframe: key } = packet;
      writer.write({ kind: 'packet', track: 'video', data, pts, dts, duration, key, at: 0 }, line, 0);
    }
    packet.unref();
  }
  packet.free();
  demuxer.close();
  if (cutOff) {
    closeSync(file.descriptor);
  } else {
    writer.close();
    archive.end(file.file, writer.seconds, writer.bytes, true);
  }
  archive.save();
  return file.file;
}

describe('the archive of recordings', () => {
  it('never overwrites a file, and lists what there is', async () => {
    const archive = RecordingArchive.enter(options());
    const first = record(archive, '2026-11-21T10:00:00.100Z', 3);
    const second = record(archive, '2026-11-21T10:00:00.700Z', 2);
    expect([first, second]).toEqual(['enhanced-20261121T100000Z.mp4', 'enhanced-20261121T100000Z-1.mp4']);
    const { segments } = await readRecordingIndex(folder);
    expect(segments.map(({ seconds }) => seconds)).toEqual([3, 2]);
    expect(segments[0]).toMatchObject({ complete: true, kind: 'enhanced', pipeline: 'night-cctv', strength: 0.8 });
    expect(probeRecording(path.join(folder, first))).toMatchObject({ seconds: 3, comment: COMMENT, ended: true });
  });

  it.each(['lost', 'damaged'])('makes an index that is %s anew from the files', async (what) => {
    const file = record(RecordingArchive.enter(options()), '2026-11-21T10:00:00.000Z', 3);
    const before = await readRecordingIndex(folder);
    const index = path.join(folder, RECORDING_INDEX);
    if (what === 'lost') rmSync(index);
    else writeFileSync(index, '{"version":1,"segm');
    expect(await readRecordingIndex(folder)).toEqual({ version: 1, segments: [] });
    RecordingArchive.enter(options());
    expect(await readRecordingIndex(folder)).toEqual(before);
    expect(file).toBe(before.segments[0]?.file);
  });

  it('finds out how much of a file that was cut off can be played', () => {
    const file = record(RecordingArchive.enter(options()), '2026-11-21T10:00:00.000Z', 6, true);
    const whole = probeRecording(path.join(folder, file));
    expect(whole).toMatchObject({ seconds: 5, ended: false });
    truncateSync(path.join(folder, file), whole.bytes - 100);
    RecordingArchive.enter(options());
    const segment = parseRecordingIndex(readFileSync(path.join(folder, RECORDING_INDEX), 'utf8'))?.segments[0];
    expect(segment).toMatchObject({ seconds: 4, complete: false, pipeline: 'night-cctv' });
  });

  it('drops files that are gone or empty, and leaves those of others alone', () => {
    const archive = RecordingArchive.enter(options());
    const file = record(archive, '2026-11-21T10:00:00.000Z', 2);
    rmSync(path.join(folder, file));
    const empty = path.join(folder, 'original-20261121T100000Z.mp4');
    writeFileSync(empty, '');
    writeFileSync(path.join(folder, 'holiday.mp4'), 'mine');
    expect(RecordingArchive.enter(options({ keepDays: 0.001 })).segments).toEqual([]);
    expect(existsSync(empty)).toBe(false);
    expect(readFileSync(path.join(folder, 'holiday.mp4'), 'utf8')).toBe('mine');
  });

  it('deletes the oldest files when there is too much, and never one that is being written', () => {
    record(RecordingArchive.enter(options()), '2026-11-21T10:00:00.000Z', 2);
    const { bytes } = probeRecording(path.join(folder, 'enhanced-20261121T100000Z.mp4'));
    const archive = RecordingArchive.enter(options({ keepGigabytes: (bytes * 2.5) / 1e9 }));
    const open = record(archive, '2026-11-21T09:00:00.000Z', 2, true);
    const files = ['10:01', '10:02'].map((time) => record(archive, `2026-11-21T${time}:00.000Z`, 2));
    writeFileSync(path.join(folder, 'holiday.mp4'), Buffer.alloc(10 * bytes));
    expect(archive.makeRoom()).toBe(true);
    expect(archive.segments.map(({ file }) => file)).toEqual([open, ...files]);
    expect(existsSync(path.join(folder, open))).toBe(true);
    expect(existsSync(path.join(folder, 'enhanced-20261121T100000Z.mp4'))).toBe(false);
    expect(existsSync(path.join(folder, 'holiday.mp4'))).toBe(true);
  });

  it('says when the volume lacks the room that it must have', () => {
    expect(RecordingArchive.enter(options({ minFreeBytes: 1e18 })).makeRoom()).toBe(false);
  });
});
