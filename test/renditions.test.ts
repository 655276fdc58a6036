import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clipFolder, makeClip } from './clip.js';
import { ffprobe } from './film-clips.js';
import { drawScene } from './pictures.js';
import { RtspCamera } from './rtsp-camera.js';
import { RunningAfterglow } from './running-afterglow.js';

const [WIDTH, HEIGHT] = [650, 362];

let afterglow: RunningAfterglow;
beforeAll(async () => {
  const draw = (picture: Uint8Array, index: number): void => drawScene(picture, WIDTH, HEIGHT, index / 25);
  const input = makeClip('renditions.mkv', { width: WIDTH, height: HEIGHT, frames: 50, draw, tone: 440 });
  const config = path.join(clipFolder, 'renditions.yaml');
  writeFileSync(config, JSON.stringify({ streams: [{ id: 'camera', input, pipeline: 'passthrough' }] }));
  afterglow = await RunningAfterglow.start(['--config', config]);
});
afterAll(() => afterglow.stop());

const text = async (target: string): Promise<string> => {
  const response = await fetch(`${afterglow.address}hls/camera/${target}`);
  expect(response.status).toBe(200);
  return response.text();
};

/** Size of the pictures of the newest segment of a playlist. */
async function sizeOf(playlist: string): Promise<string> {
  const segment = /segment-\d+\.ts\s*$/.exec((await text(playlist)).trim())?.[0] ?? '';
  const response = await fetch(`${afterglow.address}hls/camera/${path.posix.join(path.dirname(playlist), segment)}`);
  const file = path.join(clipFolder, 'newest.ts');
  writeFileSync(file, Buffer.from(await response.arrayBuffer()));
  return ffprobe(file, '-select_streams', 'v', '-show_entries', 'stream=width,height')[0] ?? '';
}

const renditions = async (): Promise<readonly string[]> => (await afterglow.status()).renditions;

describe('renditions', () => {
  it('are listed with their sizes, the full one first', async () => {
    await afterglow.statusWhere(({ state, totals }) => state.kind === 'live' && (totals?.encoded ?? 0) > 30);
    const master = await text('master.m3u8');
    expect([...master.matchAll(/RESOLUTION=(\d+x\d+)/g)].map(([, size]) => size)).toEqual(['650x362', '324x180']);
    const rates = [...master.matchAll(/[:,]BANDWIDTH=(\d+)/g)].map(([, rate]) => Number(rate));
    expect(rates[0]).toBeGreaterThan(1.2 * (rates[1] ?? 0));
    expect(master).toMatch(/^index\.m3u8$/m);
    expect(master).toMatch(/^small\/index\.m3u8$/m);
    expect(await renditions()).toEqual(['enhanced']);
  });

  it('are made when somebody asks for them, and no longer than somebody does', async () => {
    expect(await sizeOf('small/index.m3u8')).toBe('324,180');
    expect(await renditions()).toEqual(['enhanced', 'small']);
    expect(await sizeOf('compare/index.m3u8')).toBe('1300,362');
    expect(await renditions()).toEqual(['enhanced', 'compare', 'small']);
    await expect.poll(renditions, { interval: 250 }).toEqual(['enhanced']);
    expect(await sizeOf('index.m3u8')).toBe('650,362');
    // Again, where the playlist of the last time still lies.
    const newest = async (): Promise<number> =>
      Number(/segment-(\d+)\.ts\s*$/.exec((await text('small/index.m3u8')).trim())?.[1]);
    const first = await newest();
    await expect.poll(newest, { interval: 200 }).toBeGreaterThan(first);
    expect((await afterglow.status()).drops).toMatchObject({ noSlot: 0 });
  });

  it('show the last picture too while the camera is away, whenever they are asked for', async () => {
    const clip = makeClip('away.mp4', { width: 320, height: 240, frames: 50, codec: 'libx264', draw: (picture, index) => drawScene(picture, 320, 240, index / 25) }); // prettier-ignore
    const camera = await RtspCamera.start({ clip });
    const args = ['--input', camera.url(), '--pipeline', 'passthrough'];
    const away = await RunningAfterglow.start(args);
    try {
      await away.statusWhere(({ totals }) => (totals?.encoded ?? 0) > 30);
      await camera.kill();
      await away.statusWhere(({ state }) => state.kind === 'reconnecting');
      for (const [rendition, width] of [
        ['small', 160],
        ['compare', 640],
      ] as const) {
        const folder = `${away.address}hls/camera/${rendition}/`;
        const playlist = await (await fetch(`${folder}index.m3u8`)).text();
        const segment = /segment-\d+\.ts/.exec(playlist)?.[0] ?? '';
        const file = path.join(clipFolder, `away-${rendition}.ts`);
        writeFileSync(file, Buffer.from(await (await fetch(folder + segment)).arrayBuffer()));
        const tags = 'frame=width:frame_tags=lavfi.signalstats.YLOW,lavfi.signalstats.YHIGH';
        const [first = ''] = ffprobe('movie=' + file + ',signalstats', '-f', 'lavfi', '-show_entries', tags);
        const [found, low, high] = first.split(',').map(Number);
        expect(found).toBe(width);
        // One tenth of the pixels are darker and one tenth brighter than these: a grey picture has none of either.
        expect((high ?? 0) - (low ?? 0)).toBeGreaterThan(10);
      }
    } finally {
      await away.stop();
      await camera.kill();
    }
  });
});
