import { writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/config/package-root.js';
import { clipFolder, makeClip } from './clip.js';
import { RtspCamera } from './rtsp-camera.js';
import { RunningAfterglow } from './running-afterglow.js';
import { gpuPlace, networkRecipe } from './software-gpu.js';
import { ViewerBrowser } from './viewer-browser.js';
import { WhepClient } from './whep-client.js';

const SHOWN = '#pictures video:last-of-type';
/** Long enough that no test comes to its end. */
const FRAMES = 25 * 60;

let camera: RtspCamera | null = null;
let running: RunningAfterglow | null = null;
let browser: ViewerBrowser | null = null;
afterEach(async () => {
  await browser?.close();
  await running?.stop();
  await camera?.kill();
  browser = running = camera = null;
});

/** A bright clip with a bar that moves. */
function clip(name: string, width: number, height: number, tone?: number): string {
  return makeClip(name, {
    width,
    height,
    frames: FRAMES,
    codec: 'libx264',
    ...(tone === undefined ? {} : { tone }),
    draw: (picture, index) => {
      picture.fill(180, 0, width * height).fill(128, width * height);
      const x = (index * 4) % (width - 16);
      for (let y = 0; y < height; y++) picture.fill(40, y * width + x, y * width + x + 16);
    },
  });
}

/** Number of the newest segment of a stream's playlist, and the playlist. */
async function playlist(afterglow: RunningAfterglow): Promise<{ readonly last: number; readonly text: string }> {
  const response = await fetch(`${afterglow.address}hls/camera/index.m3u8`);
  const text = await response.text();
  const numbers = [...text.matchAll(/segment-(\d+)\.ts/g)].map(([, number]) => Number(number));
  return { last: numbers.at(-1) ?? 0, text };
}

describe('a camera that goes away', () => {
  it('leaves its last picture, dimmed, by WebRTC and HLS, and comes back with another size to the same viewer', async () => {
    const [large, small] = [clip('large.mp4', 640, 360), clip('small.mp4', 320, 240)];
    camera = await RtspCamera.start({ clip: large });
    const { port } = camera;
    running = await RunningAfterglow.start(['--input', camera.url(), '--pipeline', 'passthrough']);
    const afterglow = running;
    await afterglow.statusWhere(({ state, totals }) => state.kind === 'live' && (totals?.encoded ?? 0) > 25);
    browser = await ViewerBrowser.open(afterglow.address);
    const viewer = browser;
    await viewer.until((probe) => probe.transport === 'webrtc' && (probe.fps ?? 0) > 10);
    const bright = await viewer.picture(SHOWN);
    const joined = (await viewer.probe()).firstFrameMs;
    expect(bright.left).toBeGreaterThan(120);

    await camera.kill();
    await expect.poll(async () => (await viewer.picture(SHOWN)).left).toBeLessThan(bright.left * 0.6);
    const dimmed = await viewer.picture(SHOWN);
    // Dimmed, not black; and it goes on.
    expect(dimmed.left).toBeGreaterThan(bright.left * 0.2);
    const before = await playlist(afterglow);
    await expect.poll(async () => (await playlist(afterglow)).last).toBeGreaterThan(before.last + 2);
    const away = await afterglow.statusWhere(({ state }) => state.kind === 'reconnecting');
    expect(away.totals?.placeholders).toBeGreaterThan(5);

    camera = await RtspCamera.start({ clip: small, port });
    await afterglow.statusWhere(({ state }) => state.kind === 'live' && state.source.width === 320);
    await expect.poll(async () => (await viewer.picture(SHOWN)).left).toBeGreaterThan(bright.left * 0.9);
    const size = await viewer.page.locator(SHOWN).evaluate((video) => (video as HTMLVideoElement).videoWidth);
    expect(size).toBe(320);
    const probe = await viewer.probe();
    expect([probe.transport, probe.firstFrameMs]).toEqual(['webrtc', joined]);
    expect((await afterglow.status()).viewers).toBe(1);
    // HLS went on where it was, over a discontinuity.
    await expect.poll(async () => (await playlist(afterglow)).text).toMatch(/EXT-X-DISCONTINUITY/);
    expect((await playlist(afterglow)).last).toBeGreaterThan(before.last);
    expect(viewer.faults).toEqual([]);
  });

  it('has its last picture shown by the next process when the stream was killed while it was away', async () => {
    camera = await RtspCamera.start({ clip: clip('killed.mp4', 640, 360) });
    running = await RunningAfterglow.start(['--input', camera.url(), '--pipeline', 'passthrough']);
    const afterglow = running;
    await afterglow.statusWhere(({ state, totals }) => state.kind === 'live' && (totals?.encoded ?? 0) > 60);
    browser = await ViewerBrowser.open(afterglow.address);
    const viewer = browser;
    await viewer.until((probe) => probe.transport === 'webrtc' && (probe.fps ?? 0) > 10);
    const bright = await viewer.picture(SHOWN);
    await camera.kill();
    await afterglow.statusWhere(({ state }) => state.kind === 'reconnecting');
    process.kill(afterglow.descendants()[0] ?? 0, 'SIGKILL');
    await afterglow.statusWhere(({ restarts, totals }) => restarts > 0 && (totals?.placeholders ?? 0) > 10);
    await expect.poll(async () => (await viewer.picture(SHOWN)).left).toBeLessThan(bright.left * 0.6);
    expect((await viewer.picture(SHOWN)).left).toBeGreaterThan(bright.left * 0.2);
    expect((await viewer.probe()).transport).toBe('webrtc');
  });

  it('that has never been there is waited for with a picture that says so', async () => {
    running = await RunningAfterglow.start(['--input', 'rtsp://127.0.0.1:9/camera']);
    await running.statusWhere(({ state }) => state.kind === 'reconnecting');
    browser = await ViewerBrowser.open(running.address);
    const viewer = browser;
    await viewer.until((probe) => probe.transport === 'webrtc');
    // A dark grey with white letters, not black.
    const { left, right } = await viewer.picture(SHOWN);
    expect((left + right) / 2).toBeGreaterThan(8);
    await expect.poll(async () => (await playlist(running as RunningAfterglow)).last).toBeGreaterThan(0);
  });

  it('gets its sound, and loses it again, without a viewer lost', async () => {
    const [silent, sounding] = [clip('silent.mp4', 320, 240), clip('sounding.mp4', 320, 240, 440)];
    camera = await RtspCamera.start({ clip: silent });
    const { port } = camera;
    running = await RunningAfterglow.start(['--input', camera.url(), '--pipeline', 'passthrough']);
    const afterglow = running;
    await afterglow.statusWhere(({ state }) => state.kind === 'live' && !state.source.sound);
    for (const [clipFile, sound] of [
      [sounding, true],
      [silent, false],
    ] as const) {
      await camera.kill();
      await afterglow.statusWhere(({ state }) => state.kind === 'reconnecting');
      camera = await RtspCamera.start({ clip: clipFile, sound, port });
      const { totals } = await afterglow.statusWhere(
        ({ state }) => state.kind === 'live' && state.source.sound === sound,
      );
      await afterglow.statusWhere((status) => (status.totals?.encoded ?? 0) > (totals?.encoded ?? 0) + 25);
    }
    expect((await afterglow.status()).restarts, afterglow.output).toBe(0);
  });
});

describe('a running stream', () => {
  const demo = path.join(packageRoot, 'demo', 'night-street.mp4');

  /** Mean level of a snapshot, by its halves. */
  async function snapshot(
    afterglow: RunningAfterglow,
    view: string,
  ): Promise<{ readonly left: number; readonly right: number; readonly width: number }> {
    const response = await fetch(`${afterglow.address}api/streams/camera/snapshot.jpg?view=${view}`);
    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect(Date.now() - Date.parse(response.headers.get('last-modified') ?? '')).toBeLessThan(20_000);
    const { data, info } = await sharp(Buffer.from(await response.arrayBuffer()))
      .greyscale()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const sums = [0, 0];
    data.forEach(
      (level, i) =>
        (sums[i % info.width < info.width / 2 ? 0 : 1] = (sums[i % info.width < info.width / 2 ? 0 : 1] ?? 0) + level),
    );
    const half = data.length / 2;
    return { left: (sums[0] ?? 0) / half, right: (sums[1] ?? 0) / half, width: info.width };
  }

  const change = (afterglow: RunningAfterglow, body: object): Promise<Response> =>
    fetch(`${afterglow.address}api/streams/camera`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it('gives snapshots as enhanced, as the camera sees it, and both side by side', async () => {
    running = await RunningAfterglow.start(['--input', demo]);
    await running.statusWhere(({ totals }) => (totals?.answers ?? 0) > 10);
    const enhanced = await snapshot(running, 'enhanced');
    const original = await snapshot(running, 'original');
    const both = await snapshot(running, 'compare');
    expect([enhanced.width, original.width, both.width]).toEqual([1280, 1280, 2560]);
    expect(enhanced.left).toBeGreaterThan(2 * original.left);
    expect(both.right).toBeGreaterThan(2 * both.left);
    expect(Math.abs(both.right - (enhanced.left + enhanced.right) / 2)).toBeLessThan(8);
  });

  it('takes another pipeline, strength and gate while it runs; no viewer is dropped and every picture is accounted for', async () => {
    running = await RunningAfterglow.start(['--input', demo]);
    const afterglow = running;
    await afterglow.statusWhere(({ totals }) => (totals?.answers ?? 0) > 10);
    const viewer = await WhepClient.join(afterglow.address, 'camera');
    let hasEnded = false;
    viewer.once('ended', () => (hasEnded = true));
    await viewer.packets(10);
    const lit = await snapshot(afterglow, 'enhanced');

    const other = await change(afterglow, { pipeline: 'night-nerco' });
    expect(other.status, await other.text()).toBe(200);
    expect((await afterglow.status()).pipeline).toBe('night-nerco');
    await expect.poll(async () => (await snapshot(afterglow, 'enhanced')).left).toBeGreaterThan(20);

    expect((await change(afterglow, { pipeline: 'passthrough' })).status).toBe(200);
    await expect.poll(async () => (await snapshot(afterglow, 'enhanced')).left).toBeLessThan(lit.left / 2);
    expect((await change(afterglow, { pipeline: 'night-cctv' })).status).toBe(200);
    await expect.poll(async () => (await snapshot(afterglow, 'enhanced')).left).toBeGreaterThan(lit.left * 0.8);

    // The demo street is darker than this: with these thresholds it is day.
    expect((await change(afterglow, { gate: { mode: 'dark', below: 0.01, above: 0.02 } })).status).toBe(200);
    await afterglow.statusWhere(({ gate }) => gate.open === false);
    await expect.poll(async () => (await snapshot(afterglow, 'enhanced')).left).toBeLessThan(lit.left / 2);
    // By day the network rests, once the fade is over: two seconds of pictures, and no answer more.
    let { totals } = await afterglow.status();
    for (let rests = false; !rests;) {
      const before = totals;
      ({ totals } = await afterglow.statusWhere((now) => (now.totals?.encoded ?? 0) > (before?.encoded ?? 0) + 50));
      rests = totals?.answers === before?.answers;
    }
    expect((await change(afterglow, { gate: { mode: 'always' }, strength: 0.5 })).status).toBe(200);
    await afterglow.statusWhere((status) => (status.totals?.answers ?? 0) > (totals?.answers ?? 0) + 3);

    const refused = await change(afterglow, { pipeline: 'no-such-thing' });
    expect(refused.status).toBe(400);
    expect((await afterglow.status()).pipeline).toBe('night-cctv');

    await viewer.packets(10);
    expect(hasEnded).toBe(false);
    const end = await afterglow.status();
    expect(end).toMatchObject({ restarts: 0, viewers: 1 });
    await viewer.close();
    const { overtaken = 0, noSlot = 0, governor = 0 } = end.drops ?? {};
    const [decoded, encoded] = [end.totals?.decoded ?? 0, end.totals?.encoded ?? 0];
    // What is on its way between the two lies in the rings.
    expect(decoded - encoded - overtaken - noSlot - governor).toBeGreaterThanOrEqual(0);
    expect(decoded - encoded - overtaken - noSlot - governor).toBeLessThanOrEqual(8);
  });
});

describe('private regions', () => {
  it('are black in the stream, and what is to be left alone is left', async () => {
    const config = path.join(clipFolder, 'regions.yaml');
    const demo = path.join(packageRoot, 'demo', 'night-street.mp4');
    writeFileSync(
      config,
      `streams:
  - id: camera
    input: ${demo}
    regions:
      private: [[[0, 0], [0.53, 0], [0.53, 1], [0, 1]]]
      untouched: [[[0.5, 0], [1, 0], [1, 1], [0.5, 1]]]
`,
    );
    running = await RunningAfterglow.start(['--config', config]);
    await running.statusWhere(({ state, totals }) => state.kind === 'live' && (totals?.encoded ?? 0) > 25);
    browser = await ViewerBrowser.open(running.address);
    await browser.until((probe) => probe.transport === 'webrtc' && (probe.fps ?? 0) > 10);
    const { left, right } = await browser.picture(SHOWN);
    expect(left).toBeLessThan(3);
    // As dark as the camera, but not black.
    expect(right).toBeGreaterThan(4);
    expect(right).toBeLessThan(40);
  });
});

describe('a recipe whose network sees whole pictures', () => {
  it('shows details that the grid alone does not give, live', async () => {
    const { environment } = gpuPlace('native', { sharpen: 'sharpen' }, false);
    const args = ['--input', clip('native.mp4', 320, 180), '--pipeline', networkRecipe('sharpen', 64, 10, true)];
    const afterglow = await RunningAfterglow.start(args, environment);
    running = afterglow;
    await afterglow.statusWhere(({ governor, totals }) => governor?.native === true && (totals?.answers ?? 0) > 10);
    /** Sum of what neighbours along a row differ by. */
    const edges = async (view: string): Promise<number> => {
      const response = await fetch(`${afterglow.address}api/streams/camera/snapshot.jpg?view=${view}`);
      const { data, info } = await sharp(await response.arrayBuffer()).greyscale().raw().toBuffer({ resolveWithObject: true }); // prettier-ignore
      let sum = 0;
      for (let i = 1; i < data.length; i++)
        if (i % info.width > 0) sum += Math.abs((data[i] ?? 0) - (data[i - 1] ?? 0));
      return sum;
    };
    // A picture for which the network is late has the grid's light alone.
    await expect.poll(async () => (await edges('enhanced')) / (await edges('original'))).toBeGreaterThan(1.3);
  });
});
