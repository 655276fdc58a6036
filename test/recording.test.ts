import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/config/package-root.js';
import { readRecordingIndex, type RecordingSegment } from '../src/stream/recording/recording-index.js';
import { convertFilm, ffmpeg, ffprobe, packets } from './film-clips.js';
import { RtspCamera } from './rtsp-camera.js';
import { RunningAfterglow } from './running-afterglow.js';
import { SmallVolume } from './small-volume.js';

const DEMO = path.join(packageRoot, 'demo', 'night-street.mp4');

let folder = '';
let camera: RtspCamera | null = null;
let running: RunningAfterglow | null = null;
let volume: SmallVolume | null = null;
beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-recording-'))));
afterEach(async () => {
  await running?.stop();
  await camera?.kill();
  volume?.unmount();
  rmSync(folder, { recursive: true, force: true });
  running = camera = volume = null;
});

/** Starts the program with streams that record, into `folder` or another one. */
async function start(streams: readonly object[], recordings = path.join(folder, 'recordings')): Promise<string> {
  const config = path.join(folder, 'afterglow.yaml');
  // YAML takes JSON.
  writeFileSync(config, JSON.stringify({ recordings: { folder: recordings, minFreeGigabytes: 0 }, streams }));
  running = await RunningAfterglow.start(['--config', config]);
  return recordings;
}

/** Waits until a stream's index is as wanted. */
async function indexWhere(
  recordings: string,
  id: string,
  wanted: (segments: readonly RecordingSegment[]) => boolean,
): Promise<readonly RecordingSegment[]> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const { segments } = await readRecordingIndex(path.join(recordings, id));
    if (wanted(segments)) return segments;
    if (Date.now() > deadline) throw new Error(`not within a minute: ${JSON.stringify(segments)}\n${running?.output}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const ended = (kind: RecordingSegment['kind'], count: number) => (segments: readonly RecordingSegment[]) =>
  segments.filter((segment) => segment.kind === kind && segment.complete).length >= count;

/** Seconds at which a track's packets begin and end. */
function span(file: string, kind: 'v' | 'a'): readonly [number, number] {
  const times = packets(file, kind).map((line) => Number(line.split(',')[0]));
  return [Math.min(...times), Math.max(...times)];
}

function tag(file: string, name: string): string {
  return ffprobe(file, '-show_entries', `format_tags=${name}`).join().replaceAll('"', '');
}

describe('a recording', () => {
  it('holds the enhanced pictures and the camera’s own, each with sound in time', async () => {
    // Longer than the test: a camera that comes back begins with pictures, and sound follows.
    const [short, clip] = [path.join(folder, 'short.mp4'), path.join(folder, 'long.mp4')];
    const small = ['-vf', 'scale=640:360', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-bf', '0'];
    ffmpeg('-i', DEMO, ...small, '-c:a', 'copy', short);
    ffmpeg('-stream_loop', '11', '-i', short, '-c', 'copy', clip);
    camera = await RtspCamera.start({ clip, sound: true });
    const recording = { original: true, enhanced: true, segmentSeconds: 5 };
    const recordings = await start([{ id: 'gate', input: camera.url(), recording, strength: 0.8 }]);
    const segments = await indexWhere(
      recordings,
      'gate',
      (all) => ended('enhanced', 2)(all) && ended('original', 1)(all),
    );
    for (const segment of segments.filter(({ complete }) => complete)) {
      const file = path.join(recordings, 'gate', segment.file);
      expect(faults(file)).toBe('');
      expect(ffprobe(file, '-select_streams', 'v', '-show_entries', 'stream=codec_name,width,height')).toEqual([
        'h264,640,360',
      ]);
      const [video, audio] = [span(file, 'v'), span(file, 'a')];
      expect(video[0]).toBeCloseTo(0);
      // While a stream starts, sound comes later than the first picture; from then on none is missing.
      const isFirst = segment === segments.find(({ kind }) => kind === segment.kind);
      expect(audio[0]).toBeLessThan(isFirst ? 4 : 0.2);
      expect(Math.abs(audio[1] - video[1])).toBeLessThan(0.4);
      expect(segment.seconds).toBeCloseTo(video[1] + 0.04, 1);
      expect(tag(file, 'title')).toBe('gate');
      expect(Math.abs(Date.parse(segment.start) - Date.parse(tag(file, 'creation_time')))).toBeLessThan(1001);
      if (segment.kind === 'enhanced') {
        expect(tag(file, 'comment')).toBe(
          'enhanced by Afterglow: pipeline night-cctv, model liednet-live, strength 0.80',
        );
        expect(segment).toMatchObject({ pipeline: 'night-cctv', model: 'liednet-live', strength: 0.8 });
      } else {
        expect(tag(file, 'comment')).toBe('original');
      }
    }
    const lengths = segments.filter(({ complete }) => complete).map(({ seconds }) => Math.round(seconds));
    expect(Math.min(...lengths)).toBe(5);
    const { recording: state } = await (running as unknown as RunningAfterglow).status('gate');
    expect(state).toMatchObject({ kind: 'recording', error: null, lost: 0 });
    // Ended as it should be, the program leaves whole files alone.
    await running?.stop();
    expect((await readRecordingIndex(path.join(recordings, 'gate'))).segments.every(({ complete }) => complete)).toBe(
      true,
    );
  });

  it('copies the camera’s packets bit by bit over the end of a film, and encodes sound that MP4 cannot hold', async () => {
    const clip = path.join(folder, 'clip.mp4');
    ffmpeg(
      '-i',
      DEMO,
      '-t',
      '6',
      '-vf',
      'scale=320:180',
      '-g',
      '25',
      '-bf',
      '2',
      '-c:v',
      'libx264',
      '-c:a',
      'aac',
      clip,
    );
    const phone = convertFilm(clip, folder, 'phone.mkv', '-c:v', 'copy', '-c:a', 'pcm_alaw', '-ar', '8000', '-ac', '1');
    const recording = { original: true, segmentSeconds: 8 };
    const recordings = await start([
      { id: 'aac', input: clip, recording, pipeline: 'passthrough' },
      { id: 'phone', input: phone, recording, pipeline: 'passthrough' },
    ]);
    await indexWhere(recordings, 'aac', ended('original', 1));
    await indexWhere(recordings, 'phone', ended('original', 1));
    const hashes = (file: string): string[] => packets(file, 'v').map((line) => line.split(',').pop() ?? '');
    const sent = hashes(clip);
    for (const id of ['aac', 'phone']) {
      const [segment] = (await readRecordingIndex(path.join(recordings, id))).segments;
      const file = path.join(recordings, id, segment?.file ?? '');
      const recorded = hashes(file);
      // It began again after six seconds: nothing is missing at the seam.
      expect(recorded.length).toBeGreaterThan(sent.length);
      expect(recorded).toEqual(recorded.map((_, i) => sent[i % sent.length]));
      expect(faults(file)).toBe('');
      expect(ffprobe(file, '-select_streams', 'a', '-show_entries', 'stream=codec_name')).toEqual(['aac']);
      expect(Math.abs(span(file, 'a')[1] - span(file, 'v')[1])).toBeLessThan(0.4);
    }
  });

  it('leaves files that play when the stream’s process is killed, and goes on in new ones', async () => {
    const recording = { original: true, enhanced: true, segmentSeconds: 3600 };
    const recordings = await start([{ id: 'demo', input: DEMO, recording, pipeline: 'passthrough' }]);
    const afterglow = running as unknown as RunningAfterglow;
    const written = (segments: readonly RecordingSegment[]): boolean => {
      const sizes = sizesIn(path.join(recordings, 'demo'));
      return segments.length === 2 && sizes.length === 2 && sizes.every((size) => size > 1_000_000);
    };
    const [one, two] = await indexWhere(recordings, 'demo', written);
    for (const pid of afterglow.descendants()) process.kill(pid, 'SIGKILL');
    const after = await indexWhere(recordings, 'demo', (segments) => segments.length === 4);
    for (const { file } of [one, two] as RecordingSegment[]) {
      const segment = after.find((other) => other.file === file);
      expect(segment).toMatchObject({ complete: false });
      expect(segment?.seconds).toBeGreaterThan(2);
      expect(faults(path.join(recordings, 'demo', file))).toBe('');
      expect(span(path.join(recordings, 'demo', file), 'v')[1]).toBeCloseTo((segment?.seconds ?? 0) - 0.04, 1);
    }
    expect(after.find(({ file }) => file === one?.file)?.pipeline).toBe(one?.pipeline);
  });

  it('deletes the oldest files when there are too many', async () => {
    const clip = path.join(folder, 'clip.mp4');
    ffmpeg('-i', DEMO, '-t', '4', '-vf', 'scale=320:180', '-g', '25', '-c:v', 'libx264', '-b:v', '800k', '-an', clip);
    const recording = { original: true, segmentSeconds: 5, keepGigabytes: 0.0012 };
    const recordings = await start([{ id: 'cam', input: clip, recording, pipeline: 'passthrough' }]);
    const [first] = await indexWhere(recordings, 'cam', ended('original', 1));
    const later = await indexWhere(recordings, 'cam', (all) => all.length > 1 && all[0]?.file !== first?.file);
    expect(existsSync(path.join(recordings, 'cam', first?.file ?? '?'))).toBe(false);
    for (const { file } of later) expect(existsSync(path.join(recordings, 'cam', file))).toBe(true);
  });

  it('pauses when the disk is full, while the picture goes on, and goes on when there is room', async () => {
    volume = SmallVolume.mount(16, 'recording to a full disk');
    if (!volume) return;
    const recording = { enhanced: true, segmentSeconds: 3600 };
    await start([{ id: 'demo', input: DEMO, recording, pipeline: 'passthrough' }], volume.folder);
    const afterglow = running as unknown as RunningAfterglow;
    await afterglow.statusWhere((status) => (status.recording?.bytes ?? 0) > 500_000, 'demo');
    volume.fill();
    const paused = await afterglow.statusWhere((status) => status.recording?.kind === 'paused', 'demo');
    expect(paused.recording?.error).toMatchObject({ code: 'recording-failed', retryable: true });
    expect(paused.recording?.error?.message).toMatch(/volume is full/);
    expect(afterglow.output).toMatch(/volume is full: make room/);
    const lost = await afterglow.statusWhere((status) => (status.recording?.lost ?? 0) > 25, 'demo');
    expect(lost.state.kind).toBe('live');
    expect((lost.totals?.encoded ?? 0) - (paused.totals?.encoded ?? 0)).toBeGreaterThan(10);
    volume.empty();
    await afterglow.statusWhere((status) => status.recording?.kind === 'recording', 'demo');
    const files = readdirSync(path.join(volume.folder, 'demo')).filter((file) => file.endsWith('.mp4'));
    expect(files.length).toBe(2);
    const { segments } = await readRecordingIndex(path.join(volume.folder, 'demo'));
    expect(segments.map(({ complete }) => complete)).toEqual([false, false]);
    expect(faults(path.join(volume.folder, 'demo', segments[0]?.file ?? ''))).toBe('');
  });
});

/** Bytes of the recorded files of a folder. */
function sizesIn(recordings: string): number[] {
  const files = existsSync(recordings) ? readdirSync(recordings).filter((file) => file.endsWith('.mp4')) : [];
  return files.map((file) => statSync(path.join(recordings, file)).size);
}

/** What FFmpeg's tool complains of when it decodes all pictures and sounds at their own times; empty if all is well. */
function faults(file: string): string {
  const exact = ['-fps_mode', 'passthrough', '-enc_time_base', '1:90000', '-f', 'null', '-'];
  return spawnSync('/usr/bin/ffmpeg', ['-v', 'warning', '-i', file, ...exact], { encoding: 'utf8' }).stderr;
}
