import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/config/package-root.js';
import { packageVersion } from '../src/config/package-version.js';
import { clipFolder } from './clip.js';
import { RunningAfterglow } from './running-afterglow.js';
import { smallClip } from './small-clip.js';
import { ViewerBrowser } from './viewer-browser.js';

const DEMO = path.join(packageRoot, 'demo', 'night-street.mp4');
const SHOWN = '#pictures video:last-of-type';

let afterglow: RunningAfterglow;
let viewer: ViewerBrowser;

beforeAll(async () => {
  const config = path.join(clipFolder, 'stream-keys.yaml');
  const lane = smallClip('lane.mp4', 60);
  writeFileSync(
    config,
    `streams:\n  - {id: street, name: Street, input: ${DEMO}}\n  - {id: lane, input: ${lane}, pipeline: passthrough}\n`,
  );
  afterglow = await RunningAfterglow.start(['--config', config]);
  viewer = await ViewerBrowser.open(`${afterglow.address}#/street`);
  await viewer.until((probe) => probe.view === 'stream' && probe.transport === 'webrtc' && (probe.fps ?? 0) > 2);
});
afterAll(async () => {
  expect(viewer.faults).toEqual([]);
  await viewer.close();
  await afterglow.stop();
});

/** A hash of what a video or canvas shows now. */
const fingerprint = (selector: string): Promise<string> =>
  viewer.page.evaluate((found) => {
    const source = document.querySelector(found) as HTMLVideoElement | HTMLCanvasElement;
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [160, 90];
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    context.drawImage(source, 0, 0, 160, 90);
    return context
      .getImageData(0, 0, 160, 90)
      .data.reduce((sum, value) => (sum * 31 + value) >>> 0, 7)
      .toString(16);
  }, selector);

/** Waits until another picture than the one of the fingerprint is shown. */
async function untilOther(selector: string, before: string): Promise<void> {
  await expect.poll(() => fingerprint(selector)).not.toBe(before);
}

describe('one camera on the viewer page', () => {
  it('compares original and enhanced, side by side from the same instant', async () => {
    const { page } = viewer;
    await page.keyboard.press('b');
    await viewer.until((probe) => probe.comparing);
    const halves = await viewer.picture('#comparison');
    expect(halves.right).toBeGreaterThan(2 * halves.left);

    // The divider follows the pointer: all of it original.
    const frame = await page.locator('#frame').boundingBox();
    const handle = await page.locator('#divider').boundingBox();
    if (!frame || !handle) throw new Error('nothing is there');
    await page.mouse.move(handle.x + handle.width / 2, handle.y + handle.height / 2);
    await page.mouse.down();
    await page.mouse.move(frame.x + frame.width - 2, frame.y + frame.height / 2, { steps: 5 });
    await page.mouse.up();
    await expect.poll(async () => (await viewer.picture('#comparison')).right).toBeLessThan(halves.right / 2);

    await page.keyboard.press('Escape');
    await viewer.until((probe) => !probe.comparing);
    expect(new URL(page.url()).hash).toBe('#/street');
  });

  it('shows the original for as long as B is held', async () => {
    const { page } = viewer;
    const bright = await viewer.picture(SHOWN);
    await page.locator('#stream-name').focus();
    await page.keyboard.down('b');
    await viewer.until((probe) => probe.comparing);
    await page.locator('#frame[data-peeking]').waitFor();
    await expect.poll(async () => (await viewer.picture('#comparison')).right).toBeLessThan(bright.right / 2);
    await page.keyboard.up('b');
    await expect.poll(async () => (await viewer.picture('#comparison')).right).toBeGreaterThan(bright.right * 0.7);
    expect(await page.locator('#frame[data-peeking]').count()).toBe(0);
    // Who looks again does not wait; who does not, costs the server nothing after a while.
    expect((await viewer.probe()).comparing).toBe(true);
    await viewer.until((probe) => !probe.comparing);
    expect(await page.locator('#compare').getAttribute('aria-pressed')).toBe('false');
  });

  it('freezes the picture and goes on with the live one, both sides when comparing', async () => {
    const { page } = viewer;
    const badge = page.locator('#frozen-badge');
    await page.locator('#stream-name').focus();
    await page.keyboard.press('Space');
    expect(await badge.textContent()).toMatch(/^Frozen since \d\d:\d\d:\d\d$/);
    expect(await page.locator('#frozen').isVisible()).toBe(true);
    const [still, behind] = [await fingerprint('#frozen'), await fingerprint(SHOWN)];
    await untilOther(SHOWN, behind);
    expect(await fingerprint('#frozen')).toBe(still);
    expect(await page.locator(SHOWN).evaluate((video) => (video as HTMLVideoElement).muted)).toBe(true);

    // The comparison of a frozen picture stands as well, and its divider moves.
    await page.keyboard.press('b');
    await viewer.until((probe) => probe.comparing);
    const pair = await fingerprint('#comparison');
    await untilOther(SHOWN, await fingerprint(SHOWN));
    expect(await fingerprint('#comparison')).toBe(pair);
    await page.locator('#divider').focus();
    await page.keyboard.press('ArrowRight');
    await untilOther('#comparison', pair);
    await page.locator('#stream-name').focus();
    await page.keyboard.press('Escape');
    await viewer.until((probe) => !probe.comparing);
    expect(await badge.isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    await badge.waitFor({ state: 'hidden' });
    expect(await page.locator('#frozen').isVisible()).toBe(false);
  });

  it('has a lens that shows pixels as they are, of both sides when comparing', async () => {
    const { page } = viewer;
    const frame = await page.locator('#frame').boundingBox();
    if (!frame) throw new Error('nothing is there');
    await page.mouse.move(frame.x + frame.width / 2, frame.y + frame.height / 2);
    await page.locator('#stream-name').focus();
    await page.keyboard.down('z');
    await page.locator('#lens:not([data-empty])').waitFor();
    const width = await page.locator('#lens').evaluate((lens) => lens.clientWidth);
    expect(await page.locator('#lens-picture').getAttribute('aria-label')).toMatch(/pixel/);
    // The middle of the lens is the middle of the picture: the still one, so that both are of one instant.
    await page.keyboard.press('Space');
    const differing = (): Promise<number> =>
      page.evaluate(() => {
        const context = (id: string): CanvasRenderingContext2D =>
          (document.getElementById(id) as HTMLCanvasElement).getContext('2d') as CanvasRenderingContext2D;
        const pixels = (from: CanvasRenderingContext2D, x: number, y: number): Uint8ClampedArray =>
          from.getImageData(Math.round(from.canvas.width / 2) - 20 + x, Math.round(from.canvas.height / 2) - 20 + y, 40, 40).data; // prettier-ignore
        const shown = pixels(context('lens-picture'), 0, 0);
        // A fraction of a pixel of the screen may round to a neighbour.
        const means = [-1, 0, 1].flatMap((x) =>
          [-1, 0, 1].map((y) => {
            const own = pixels(context('frozen'), x, y);
            return shown.reduce((sum, value, index) => sum + Math.abs(value - (own[index] ?? 0)), 0) / shown.length;
          }),
        );
        return Math.min(...means);
      });
    await expect.poll(differing).toBeLessThan(1);
    await page.keyboard.press('Space');
    await page.keyboard.up('z');
    await page.locator('#lens').waitFor({ state: 'hidden' });

    await page.keyboard.press('b');
    await viewer.until((probe) => probe.comparing);
    await page.locator('#magnify').click();
    await page.mouse.move(frame.x + frame.width / 2, frame.y + frame.height / 2);
    await page.locator('#lens[data-double]').waitFor();
    expect(await page.locator('#lens').evaluate((lens) => lens.clientWidth)).toBe(2 * width);
    await expect
      .poll(async () => {
        const { left, right } = await viewer.picture('#lens-picture');
        return right / left;
      })
      .toBeGreaterThan(1.5);
    await page.locator('#stream-name').focus();
    await page.keyboard.press('Escape');
    await page.locator('#lens').waitFor({ state: 'hidden' });
    await page.keyboard.press('Escape');
    await viewer.until((probe) => !probe.comparing);
  });

  it('saves the picture, goes to full screen and shows its keys', async () => {
    const { page } = viewer;
    const download = page.waitForEvent('download');
    await page.keyboard.press('s');
    expect((await download).suggestedFilename()).toMatch(/^street-\d{4}-.*\.png$/);
    await page.keyboard.press('f');
    await expect.poll(() => page.evaluate(() => document.fullscreenElement?.id)).toBe('theatre');
    await page.keyboard.press('f');
    await expect.poll(() => page.evaluate(() => document.fullscreenElement)).toBeNull();
    await page.keyboard.press('?');
    await page.locator('#help:popover-open').waitFor();
    for (const key of ['Space', 'Z', 'B', 'S', 'F']) {
      expect(await page.locator('#help kbd', { hasText: new RegExp(`^${key}$`) }).count()).toBe(1);
    }
    await page.keyboard.press('Escape');
    expect(await page.locator('#help:popover-open').count()).toBe(0);
    expect(new URL(page.url()).hash).toBe('#/street');
  });

  it('plots how bright both sides are, the light and the network’s cadence, and says it in words', async () => {
    const { page } = viewer;
    await page.locator('#details > summary').click();
    await page.locator('#stream-name').focus();
    await page.keyboard.press('b');
    await viewer.until((probe) => probe.comparing);
    await expect
      .poll(() => page.locator('#histogram').getAttribute('aria-label'))
      .toMatch(/^Original: mean \d+ %.*Enhanced: mean \d+ %/);
    const label = (await page.locator('#histogram').getAttribute('aria-label')) ?? '';
    const [original = 0, enhanced = 0] = [...label.matchAll(/mean (\d+) %/g)].map(([, value]) => Number(value));
    expect(enhanced).toBeGreaterThan(1.5 * original);
    const painted = (id: string): Promise<number> =>
      page.locator(`#${id}`).evaluate((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const context = (canvas as HTMLCanvasElement).getContext('2d') as CanvasRenderingContext2D;
        return context.getImageData(0, 0, width, height).data.filter((value, index) => index % 4 === 3 && value > 0)
          .length;
      });
    expect(await painted('histogram')).toBeGreaterThan(100);
    for (const plot of ['light-plot', 'network-plot']) {
      await expect.poll(() => page.locator(`#${plot}`).getAttribute('aria-label')).toMatch(/two minutes: .* now /);
      expect(await painted(plot)).toBeGreaterThan(100);
    }
    await page.keyboard.press('Escape');
  });

  it('copies a bundle for support, or shows it where it may not', async () => {
    const { page } = viewer;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.locator('#support').click();
    await expect.poll(() => page.locator('#support').textContent()).toBe('Copied');
    const bundle = JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as {
      readonly version: string;
      readonly stream: { readonly id: string };
      readonly browser: { readonly userAgent: string };
      readonly playback: { readonly transport: string };
      readonly webrtc: readonly { readonly type: string; readonly kind?: string }[];
    };
    expect(bundle.version).toBe(packageVersion);
    expect([bundle.stream.id, bundle.playback.transport]).toEqual(['street', 'webrtc']);
    expect(bundle.browser.userAgent).toContain('Chrome');
    expect(bundle.webrtc.some(({ type, kind }) => type === 'inbound-rtp' && kind === 'video')).toBe(true);
    expect(JSON.stringify(bundle.webrtc)).not.toMatch(/127\.0\.0\.1|"(address|ip|port)"/);

    await page.evaluate(() => {
      Object.defineProperty(navigator.clipboard, 'writeText', { value: () => Promise.reject(new Error('not here')) });
    });
    await page.locator('#support').click();
    await page.locator('#support-dialog[open]').waitFor();
    expect(await page.locator('#support-text').inputValue()).toContain('"product": "Afterglow"');
    await page.locator('#support-close').click();
  });

  it('turns to the next camera and back with the arrow keys, but not while a slider has them', async () => {
    const { page } = viewer;
    await page.locator('#strength').focus();
    await page.keyboard.press('ArrowLeft');
    await afterglow.statusWhere(({ strength }) => strength === 0.99, 'street');
    expect(new URL(page.url()).hash).toBe('#/street');
    await page.locator('#stream-name').focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.locator('#stream-name').textContent()).toBe('lane');
    await viewer.until((probe) => probe.transport !== 'connecting' && (probe.fps ?? 0) > 2);
    // From the last to the first.
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.locator('#stream-name').textContent()).toBe('Street');
    expect(await page.title()).toBe('Street · Afterglow');
  });
});
