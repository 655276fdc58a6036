import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/config/package-root.js';
import { clipFolder } from './clip.js';
import { RunningAfterglow } from './running-afterglow.js';
import { ViewerBrowser } from './viewer-browser.js';

const DEMO = path.join(packageRoot, 'demo', 'night-street.mp4');
const SHOWN = '#pictures video:last-of-type';

let browser: ViewerBrowser | null = null;
let running: RunningAfterglow | null = null;
afterEach(async () => {
  await browser?.close();
  await running?.stop();
  browser = running = null;
});

async function open(
  options: { readonly blockUdp?: boolean; readonly args?: readonly string[] } = {},
): Promise<{ viewer: ViewerBrowser; afterglow: RunningAfterglow }> {
  running = await RunningAfterglow.start(options.args ?? ['--input', DEMO]);
  browser = await ViewerBrowser.open(running.address, options);
  return { viewer: browser, afterglow: running };
}

describe('the viewer page in Chromium', () => {
  it('plays by WebRTC; the strength slider makes it as dark as the camera', async () => {
    const { viewer, afterglow } = await open();
    await viewer.until((probe) => probe.transport === 'webrtc' && (probe.fps ?? 0) > 15 && probe.latencyMs !== null);
    expect((await afterglow.status()).viewers).toBe(1);
    expect((await viewer.probe()).firstFrameMs).toBeGreaterThan(0);
    const bright = await viewer.picture(SHOWN);

    await viewer.page.locator('#strength').fill('0');
    await afterglow.statusWhere((status) => status.strength === 0);
    await expect
      .poll(async () => (await viewer.picture(SHOWN)).left, { timeout: 20_000 })
      .toBeLessThan(bright.left / 2);
    expect(await viewer.page.locator('#strength-value').textContent()).toBe('0 %');

    await viewer.page.locator('#strength').fill('100');
    await expect
      .poll(async () => (await viewer.picture(SHOWN)).left, { timeout: 20_000 })
      .toBeGreaterThan(bright.left * 0.8);
    expect(viewer.faults).toEqual([]);
  });

  it('compares original and enhanced, side by side from the same instant', async () => {
    const { viewer } = await open();
    await viewer.until((probe) => probe.transport === 'webrtc');
    await viewer.page.keyboard.press('b');
    await viewer.until((probe) => probe.comparing);
    const halves = await viewer.picture('#comparison');
    expect(halves.right).toBeGreaterThan(2 * halves.left);

    // The divider follows the pointer: all of it original.
    const frame = await viewer.page.locator('#frame').boundingBox();
    const handle = await viewer.page.locator('#divider').boundingBox();
    if (!frame || !handle) throw new Error('nothing is there');
    await viewer.page.mouse.move(handle.x + handle.width / 2, handle.y + handle.height / 2);
    await viewer.page.mouse.down();
    await viewer.page.mouse.move(frame.x + frame.width - 2, frame.y + frame.height / 2, { steps: 5 });
    await viewer.page.mouse.up();
    await expect
      .poll(async () => (await viewer.picture('#comparison')).right, { timeout: 10_000 })
      .toBeLessThan(halves.right / 2);

    await viewer.page.keyboard.press('Escape');
    await viewer.until((probe) => !probe.comparing);
    expect(viewer.faults).toEqual([]);
  });

  it('plays by HLS where UDP is blocked, says why, and compares there too', async () => {
    const { viewer } = await open({ blockUdp: true });
    await viewer.until((probe) => probe.transport === 'hls' && (probe.fps ?? 0) > 15 && probe.latencyMs !== null, 60);
    // Segments of a second, played as close to the edge as they allow.
    expect((await viewer.probe()).latencyMs).toBeLessThan(4500);
    expect(await viewer.page.locator('#figure-connection').textContent()).toBe('HLS');
    expect(await viewer.page.locator('#figure-connection-note').textContent()).not.toBe('');
    const bright = await viewer.picture(SHOWN);
    expect(bright.left + bright.right).toBeGreaterThan(80);
    await viewer.page.keyboard.press('b');
    await viewer.until((probe) => probe.comparing);
    const halves = await viewer.picture('#comparison');
    expect(halves.right).toBeGreaterThan(2 * halves.left);
    expect(viewer.faults).toEqual([]);
  });

  it('asks for the token, refuses a wrong one and plays with the right one', async () => {
    const config = path.join(clipFolder, 'locked.yaml');
    writeFileSync(config, `server: {token: a-long-enough-secret}\nstreams:\n  - {id: camera, input: ${DEMO}}\n`);
    const { viewer } = await open({ args: ['--config', config] });
    await viewer.page.locator('#login[open]').waitFor();
    await viewer.page.locator('#token').fill('not-the-right-secret');
    await viewer.page.keyboard.press('Enter');
    await expect.poll(() => viewer.page.locator('#login-error').textContent(), { timeout: 15_000 }).toMatch(/token/i);
    await viewer.page.locator('#token').fill('a-long-enough-secret');
    await viewer.page.keyboard.press('Enter');
    await viewer.until((probe) => probe.transport === 'webrtc' && (probe.fps ?? 0) > 10);
    expect(await viewer.page.locator('#login[open]').count()).toBe(0);
    expect(viewer.page.url()).not.toContain('secret');
    expect(viewer.faults).toEqual([]);
  });

  it('comes back by itself when the camera and when the server was away', async () => {
    const { viewer, afterglow } = await open();
    await viewer.until((probe) => probe.transport === 'webrtc' && (probe.fps ?? 0) > 10);
    process.kill(afterglow.descendants()[0] ?? 0, 'SIGKILL');
    await viewer.page.locator('#condition:not([data-kind="live"])').waitFor();
    await viewer.until((probe) => probe.transport === 'webrtc' && (probe.fps ?? 0) > 10, 60);

    const { port } = new URL(afterglow.address);
    await afterglow.stop();
    await viewer.until((probe) => probe.transport === 'lost', 30);
    expect(await viewer.page.locator('#overlay-title').textContent()).not.toBe('');
    running = await RunningAfterglow.start(['--port', port, '--input', DEMO]);
    await viewer.until((probe) => probe.transport === 'webrtc' && (probe.fps ?? 0) > 10, 60);
    expect(viewer.faults).toEqual([]);
  });
});
