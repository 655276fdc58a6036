import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/config/package-root.js';
import { NarrowLink } from './narrow-link.js';
import { RunningAfterglow } from './running-afterglow.js';
import { ViewerBrowser } from './viewer-browser.js';
import { ENGINES } from './webrtc-engines.js';

const DEMO = path.join(packageRoot, 'demo', 'night-street.mp4');

let browser: ViewerBrowser | null = null;
let running: RunningAfterglow | null = null;
let link: NarrowLink | null = null;
afterEach(async () => {
  await browser?.close();
  await running?.stop();
  link?.close();
  browser = running = link = null;
});

/** Widths of the pictures that the shown video presents, and the longest time in ms between two of them, since it was asked last. */
interface Watched {
  readonly widths: readonly number[];
  readonly longestGap: number;
}

/** Begins to watch the shown video; returns what tells about it. */
async function watch(viewer: ViewerBrowser): Promise<() => Promise<Watched>> {
  await viewer.page.evaluate(() => {
    const video = document.querySelector('#pictures video:last-of-type') as HTMLVideoElement;
    const seen = { widths: [] as number[], longestGap: 0, last: performance.now(), video };
    const frame: VideoFrameRequestCallback = (now, { width }) => {
      seen.longestGap = Math.max(seen.longestGap, now - seen.last);
      seen.last = now;
      if (seen.widths.at(-1) !== width) seen.widths.push(width);
      video.requestVideoFrameCallback(frame);
    };
    video.requestVideoFrameCallback(frame);
    Object.assign(window, { seen });
  });
  return () =>
    viewer.page.evaluate(() => {
      const { seen } = window as unknown as { seen: { widths: number[]; longestGap: number; video: HTMLVideoElement } };
      if (!seen.video.isConnected) throw new Error('the connection is another one');
      const { longestGap } = seen;
      const widths = seen.widths.splice(0, Math.max(0, seen.widths.length - 1));
      if (seen.widths[0] !== undefined) widths.push(seen.widths[0]);
      seen.longestGap = 0;
      return { widths, longestGap };
    });
}

/** Bits a second that pass a link, told from so many bytes. */
async function rateOf(link: NarrowLink, bytes: number): Promise<number> {
  const [start, from] = [performance.now(), link.passed];
  await expect.poll(() => link.passed - from, { interval: 10 }).toBeGreaterThan(bytes);
  return ((link.passed - from) * 8000) / (performance.now() - start);
}

const GOES = 'is sent half the size, and the whole again when it is fast, in one connection';

describe.each(ENGINES)('a viewer whose connection is slow, by $name', ({ name, environment }) => {
  // On a machine that is too busy to show the pictures in time, the page connects anew by itself, for a reason of its own.
  it(GOES, { retry: 2 }, async () => {
    running = await RunningAfterglow.start(['--input', DEMO, '--pipeline', 'passthrough'], environment);
    link = await NarrowLink.open();
    browser = await ViewerBrowser.open('about:blank');
    await link.lead(browser.page);
    await browser.page.goto(running.address);
    await browser.until(({ transport, fps }) => transport === 'webrtc' && (fps ?? 0) > 20);
    // A page that has tried HLS first has asked for the small rendition.
    await running.statusWhere(({ renditions, viewers }) => renditions.length === 1 && viewers === 1);
    expect((await running.status()).reducedViewers).toBe(0);
    const watched = await watch(browser);
    link.bitsPerSecond = (await rateOf(link, 500_000)) / 2;
    const whole = (await watched()).widths[0] ?? 0;
    await running.statusWhere(({ reducedViewers }) => reducedViewers === 1);
    await expect.poll(() => browser?.page.locator('#figure-connection-note').textContent()).toMatch(/Half the size/);
    await browser.until(({ fps }) => (fps ?? 0) > 20);
    expect((await watched()).widths.at(-1)).toBe(whole / 2);
    // The link is wide again: the whole picture is tried after ten good seconds.
    link.bitsPerSecond = Infinity;
    await running.statusWhere(({ reducedViewers, renditions }) => reducedViewers === 0 && renditions.length === 1);
    await browser.page.waitForFunction((width) => {
      const video = document.querySelector<HTMLVideoElement>('#pictures video:last-of-type');
      return video?.videoWidth === width;
    }, whole);
    const { widths, longestGap } = await watched();
    console.log(`${name}, to the whole picture: at most ${longestGap.toFixed(0)} ms between two pictures`);
    expect(widths).toEqual([whole / 2, whole]);
    // A busy machine has gaps of its own; a new connection would take longer.
    expect(longestGap).toBeLessThan(5000);
    expect((await browser.probe()).transport).toBe('webrtc');
    expect(browser.faults).toEqual([]);
  });
});
