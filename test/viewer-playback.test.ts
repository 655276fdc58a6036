import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/config/package-root.js';
import { RunningAfterglow } from './running-afterglow.js';
import { ViewerBrowser, type ViewerBrowserOptions } from './viewer-browser.js';
import { ENGINES } from './webrtc-engines.js';

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
  environment: Record<string, string>,
  options: ViewerBrowserOptions = {},
): Promise<{ viewer: ViewerBrowser; afterglow: RunningAfterglow }> {
  running = await RunningAfterglow.start(['--input', DEMO], environment);
  browser = await ViewerBrowser.open(running.address, options);
  return { viewer: browser, afterglow: running };
}

describe.each(ENGINES)('the picture of the viewer page in Chromium, by $name', ({ name, environment }) => {
  it('plays by WebRTC; the strength slider makes it as dark as the camera', async () => {
    const { viewer, afterglow } = await open(environment);
    await viewer.until((probe) => probe.transport === 'webrtc' && (probe.fps ?? 0) > 15 && probe.latencyMs !== null);
    expect((await afterglow.status()).viewers).toBe(1);
    expect((await viewer.probe()).firstFrameMs).toBeGreaterThan(0);
    const bright = await viewer.picture(SHOWN);

    await viewer.page.locator('#strength').fill('0');
    await afterglow.statusWhere((status) => status.strength === 0);
    await expect.poll(async () => (await viewer.picture(SHOWN)).left).toBeLessThan(bright.left / 2);
    expect(await viewer.page.locator('#strength-value').textContent()).toBe('0 %');

    await viewer.page.locator('#strength').fill('100');
    await expect.poll(async () => (await viewer.picture(SHOWN)).left).toBeGreaterThan(bright.left * 0.8);
    expect(viewer.faults).toEqual([]);
  });

  // mediasoup's worker listens to TCP too.
  it.runIf(name === 'mediasoup')('plays by WebRTC over TCP where UDP is blocked', async () => {
    const { viewer } = await open(environment, { blockUdp: true });
    // A busy machine may take longer than the page waits before it changes to HLS.
    for (let tries = 0; tries < 3; tries++) {
      await viewer.until((probe) => probe.transport === 'webrtc' || probe.transport === 'hls');
      if ((await viewer.probe()).transport === 'webrtc') break;
      await viewer.page.reload();
    }
    await viewer.until((probe) => probe.transport === 'webrtc' && (probe.fps ?? 0) > 10 && probe.latencyMs !== null);
    expect(viewer.faults).toEqual([]);
  });

  it.runIf(name === 'werift')('plays by HLS where UDP is blocked, says why, and compares there too', async () => {
    const { viewer } = await open(environment, { blockUdp: true });
    await viewer.until((probe) => probe.transport === 'hls' && (probe.fps ?? 0) > 15 && probe.latencyMs !== null);
    // Segments of a second, played as close to the edge as they allow.
    await viewer.until(({ latencyMs }) => (latencyMs ?? Infinity) < 4500);
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

  it('comes back by itself when the camera and when the server was away', async () => {
    const { viewer, afterglow } = await open(environment);
    await viewer.until((probe) => probe.transport === 'webrtc' && (probe.fps ?? 0) > 10);
    process.kill(afterglow.descendants()[0] ?? 0, 'SIGKILL');
    await viewer.page.locator('#condition:not([data-kind="live"])').waitFor();
    await viewer.until((probe) => probe.transport === 'webrtc' && (probe.fps ?? 0) > 10);

    const { port } = new URL(afterglow.address);
    await afterglow.stop();
    await viewer.until((probe) => probe.transport === 'lost');
    expect(await viewer.page.locator('#overlay-title').textContent()).not.toBe('');
    running = await RunningAfterglow.start(['--port', port, '--input', DEMO], environment);
    await viewer.until((probe) => probe.transport === 'webrtc' && (probe.fps ?? 0) > 10);
    expect(viewer.faults).toEqual([]);
  });
});
