import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/config/package-root.js';
import type { PublishedStatus } from '../src/server/published-stream.js';
import { clipFolder } from './clip.js';
import { convertFilm } from './film-clips.js';
import { RtspCamera } from './rtsp-camera.js';
import { RunningAfterglow } from './running-afterglow.js';

// Research material that may not be part of the repository; AFTERGLOW_DATA names another place for it.
const VIDEOS = path.join(process.env['AFTERGLOW_DATA'] ?? path.join(packageRoot, '..', 'shared', 'data'), 'video');
/** Seconds of each that are played; AFTERGLOW_WHOLE_CLIPS=1 plays all, which takes minutes. */
const MOST_SECONDS = process.env['AFTERGLOW_WHOLE_CLIPS'] === '1' ? Infinity : 10;
const CLIPS = [
  { name: 'guoqi_dark', codec: 'h264' },
  { name: 'cctv_night_ir_hevc', codec: 'hevc' },
  { name: 'vtest', codec: 'h264' },
] as const;

const present = existsSync(path.join(VIDEOS, 'clips.json'));
if (!present) console.log(`NOT RUN: tests on real clips, which are not at ${VIDEOS}`);

interface Clip {
  readonly name: string;
  readonly file: string;
  readonly frames: number;
  readonly fps: number;
}

let camera: RtspCamera | null = null;
let running: RunningAfterglow | null = null;
afterEach(async () => {
  await running?.stop();
  await camera?.kill();
  running = camera = null;
});

/** Decoded pictures that neither were sent nor are counted as dropped. */
function unaccounted({ totals, drops }: PublishedStatus): number {
  return (totals?.decoded ?? 0) - (totals?.encoded ?? 0) - (drops?.overtaken ?? 0) - (drops?.noSlot ?? 0);
}

describe.runIf(present)('real clips from start to end', () => {
  const clips = present ? (JSON.parse(readFileSync(path.join(VIDEOS, 'clips.json'), 'utf8')) as Clip[]) : [];
  const find = (name: string): Clip => {
    const clip = clips.find((each) => each.name === name) as Clip;
    const file = path.join(VIDEOS, clip.file);
    const frames = Math.round(MOST_SECONDS * clip.fps);
    if (clip.frames <= frames) return { ...clip, file };
    const start = convertFilm(file, clipFolder, clip.file, '-c', 'copy', '-frames:v', String(frames));
    return { ...clip, file: start, frames };
  };

  it.each(CLIPS)('$name as a file', async ({ name }) => {
    const clip = find(name);
    running = await RunningAfterglow.start(['--input', clip.file, '--no-loop']);
    let last = await running.status();
    for (;;) {
      const status = await Promise.race([running.status().catch(() => null), running.outcome.then(() => null)]);
      if (!status) break;
      last = status;
      if (status.state.kind === 'ended') break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const { code, output } = await running.outcome;
    const accounts = /accounts: (\d+) decoded, (\d+) sent, (\d+) overtaken, (\d+) without a slot, (\d+) damaged/.exec(
      output,
    );
    expect(code).toBe(0);
    expect(accounts).not.toBeNull();
    const [decoded, sent, overtaken, noSlot] = (accounts ?? []).slice(1).map(Number) as [
      number,
      number,
      number,
      number,
    ];
    console.log(`${name} as a file: ${decoded} decoded of ${clip.frames}, ${sent} sent, ${overtaken + noSlot} dropped`);
    expect(decoded).toBe(clip.frames);
    expect(sent + overtaken + noSlot).toBe(decoded);
    expect(last.drops?.damaged ?? 0).toBe(0);
  });

  it.each(CLIPS)('$name by RTSP', async ({ name, codec }) => {
    const clip = find(name);
    camera = await RtspCamera.start({ clip: clip.file, codec });
    running = await RunningAfterglow.start(['--input', camera.url()]);
    // The server sends the clip once and closes: the camera went away.
    await running.statusWhere((status) => (status.totals?.encoded ?? 0) > 10);
    await running.statusWhere((status) => status.state.kind === 'reconnecting', 'camera', 250);
    // Before it can be connected to again.
    await camera.kill();
    const status = await running.statusWhere((now) => now.totals?.decoded === clip.frames && unaccounted(now) === 0);
    const dropped = (status.drops?.overtaken ?? 0) + (status.drops?.noSlot ?? 0);
    console.log(
      `${name} by RTSP: ${status.totals?.decoded} decoded of ${clip.frames}, ${status.totals?.encoded} sent, ${dropped} dropped`,
    );
    expect(status.drops?.damaged).toBe(0);
  });
});
