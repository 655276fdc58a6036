import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PageProbe } from '../web-viewer/src/page-probe.js';
import type { StreamSettings } from '../web-viewer/src/settings/stream-requests.js';
import type { PublishedStatus } from '../src/server/published-stream.js';
import { clipFolder } from './clip.js';
import { ask } from './http-answer.js';
import { RunningAfterglow } from './running-afterglow.js';
import { smallClip } from './small-clip.js';
import { ViewerBrowser } from './viewer-browser.js';

const WALL = 'a-token-for-the-wall-of-pictures';
const DESK = 'a-token-for-the-desk-of-control';
const SHOWN = '#pictures video:last-of-type';

let afterglow: RunningAfterglow;
let viewer: ViewerBrowser;

beforeAll(async () => {
  const config = path.join(clipFolder, 'settings.yaml');
  writeFileSync(
    config,
    `server:
  tokens:
    - {name: wall, token: ${WALL}}
    - {name: desk, role: control, token: ${DESK}}
recordings: {folder: ${path.join(clipFolder, 'settings-recordings')}}
streams:
  - {id: camera, input: ${smallClip('settings.mp4', 150, { width: 640, height: 360 })}, pipeline: passthrough}
`,
  );
  afterglow = await RunningAfterglow.start(['--config', config]);
  viewer = await ViewerBrowser.open(afterglow.address);
});
afterAll(async () => {
  expect(viewer.faults).toEqual([]);
  await viewer.close();
  await afterglow.stop();
});

/** Whether there is a picture, however it comes. */
const plays = ({ transport }: PageProbe): boolean => transport === 'webrtc' || transport === 'hls';

async function settings(): Promise<StreamSettings> {
  return JSON.parse((await ask(afterglow, '/api/streams/camera/settings', { token: DESK })).body) as StreamSettings;
}
async function status(): Promise<PublishedStatus> {
  return JSON.parse((await ask(afterglow, '/api/streams/camera', { token: DESK })).body) as PublishedStatus;
}

/** Drags over the picture, from and to shares of its sides. */
async function drag(from: readonly [number, number], to: readonly [number, number]): Promise<void> {
  const box = await viewer.page.locator('#frame').boundingBox();
  if (!box) throw new Error('there is no picture');
  const [x, y] = [(share: number) => box.x + share * box.width, (share: number) => box.y + share * box.height];
  await viewer.page.mouse.move(x(from[0]), y(from[1]));
  await viewer.page.mouse.down();
  await viewer.page.mouse.move(x(to[0]), y(to[1]), { steps: 4 });
  await viewer.page.mouse.up();
}

describe('who may see the viewer page', () => {
  it('is asked for the token, refused with a wrong one, and let in with the right one', async () => {
    const { page } = viewer;
    await viewer.logIn('not-the-right-secret');
    await expect.poll(() => page.locator('#login-error').textContent()).toMatch(/token/i);
    await viewer.logIn(WALL);
    await viewer.until(plays);
    expect(await page.locator('#login[open]').count()).toBe(0);
    expect(page.url()).not.toContain(WALL);
  });

  it('sees the settings, but cannot change them with a token that may only look, and reads why', async () => {
    const { page } = viewer;
    await page.locator('#settings > summary').click();
    expect(await page.locator('#settings-reason').textContent()).toMatch(/may look and not change/);
    for (const control of ['#gate-mode', '#edit-regions', '#strength']) {
      expect(await page.locator(control).isDisabled()).toBe(true);
    }
    await expect.poll(() => page.locator('#pipeline').isVisible()).toBe(true);
    expect(await page.locator('#pipeline').isDisabled()).toBe(true);
    await page.evaluate(() => sessionStorage.clear());
    await page.reload();
    await viewer.logIn(DESK);
    await viewer.until(plays);
    await page.locator('#settings > summary').click();
    expect(await page.locator('#settings-reason').isVisible()).toBe(false);
  });
});

describe('settings on the viewer page', () => {
  it('choose the pipeline among those for live video, and name its network', async () => {
    const { page } = viewer;
    await expect.poll(() => page.locator('#pipeline').inputValue()).toBe('passthrough');
    const names = (): Promise<string[]> =>
      page
        .locator('#pipeline option')
        .evaluateAll((options) => options.map((each) => (each as HTMLOptionElement).value));
    await expect.poll(names).toContain('night-cctv');
    expect(await names()).not.toContain('restore-film');
    expect(await page.locator('#network-name').textContent()).toMatch(/^None/);
    await page.locator('#pipeline').selectOption('exposure');
    await expect.poll(async () => (await status()).pipeline).toBe('exposure');
    await expect.poll(() => page.locator('#settings-message').textContent()).toBe('Saved.');
    await expect.poll(() => page.locator('#network-name').textContent()).toBe('msec-live');
    expect(await page.locator('#pipeline-note').textContent()).not.toBe('');
    await page.locator('#pipeline').selectOption('passthrough');
    await expect.poll(async () => (await status()).pipeline).toBe('passthrough');
  });

  it('choose when it is enhanced: always, in the dark, at set times', async () => {
    const { page } = viewer;
    await page.locator('#gate-mode').selectOption('dark');
    await expect.poll(async () => (await settings()).gate).toEqual({ mode: 'dark', below: 0.2, above: 0.3 });
    await page.locator('#gate-below').fill('35');
    await page.locator('#gate-below').press('Enter');
    // The other limit stays above it.
    await expect.poll(async () => (await settings()).gate).toEqual({ mode: 'dark', below: 0.35, above: 0.36 });
    await page.locator('#gate-mode').selectOption('schedule');
    await page.locator('#gate-from').fill('22:15');
    await page.locator('#gate-from').blur();
    await expect.poll(async () => (await settings()).gate).toEqual({ mode: 'schedule', from: '22:15', to: '06:00' });
    // Changed by somebody else, it is shown here too.
    await ask(afterglow, '/api/streams/camera', { method: 'PATCH', token: DESK, body: { gate: { mode: 'always' } } });
    await expect.poll(() => page.locator('#gate-mode').inputValue()).toBe('always');
  });

  it('show the limits that somebody else sets, but not over what is being written', async () => {
    const { page } = viewer;
    const [below, above] = [page.locator('#gate-below'), page.locator('#gate-above')];
    const change = async (gate: StreamSettings['gate']): Promise<void> => {
      const read = page.waitForResponse(/\/api\/streams\/camera\/settings$/);
      await ask(afterglow, '/api/streams/camera', { method: 'PATCH', token: DESK, body: { gate } });
      await (await read).finished();
    };
    await change({ mode: 'dark', below: 0.2, above: 0.3 });
    await expect.poll(() => below.inputValue()).toBe('20');
    await change({ mode: 'dark', below: 0.25, above: 0.5 });
    await expect.poll(() => below.inputValue()).toBe('25');
    expect(await above.inputValue()).toBe('50');
    await below.fill('40');
    await change({ mode: 'dark', below: 0.1, above: 0.6 });
    await expect.poll(() => above.inputValue()).toBe('60');
    expect(await below.inputValue()).toBe('40');
    await below.blur();
    await expect.poll(async () => (await settings()).gate).toEqual({ mode: 'dark', below: 0.4, above: 0.6 });
    // Looked at and left as it was, it follows.
    await below.focus();
    await change({ mode: 'dark', below: 0.15, above: 0.7 });
    await expect.poll(() => above.inputValue()).toBe('70');
    expect(await below.inputValue()).toBe('40');
    await below.blur();
    expect(await below.inputValue()).toBe('15');
    await change({ mode: 'always' });
  });

  it('black out what is drawn as private, by mouse and keyboard, and keep the viewer', async () => {
    const { page } = viewer;
    const before = await viewer.picture(SHOWN);
    expect(before.left).toBeGreaterThan(100);
    await page.locator('#edit-regions').click();
    expect(await page.locator('.region-restart').textContent()).toMatch(/anew/);
    await drag([0.1, 0.1], [0.5, 0.9]);
    expect(await page.locator('.region-private').count()).toBe(1);
    // By its corner, then as a whole by keys.
    await drag([0.5, 0.9], [0.45, 0.95]);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Shift+ArrowRight');
    // Another, corner by corner.
    await page.locator('#region-kind').selectOption('private');
    await page.locator('#region-shape').selectOption('polygon');
    const box = await page.locator('#frame').boundingBox();
    if (!box) throw new Error('there is no picture');
    for (const [x, y] of [[0.7, 0.2], [0.9, 0.2], [0.8, 0.6], [0.7, 0.2]] as const) {
      await page.mouse.click(box.x + x * box.width, box.y + y * box.height);
    } // prettier-ignore
    expect(await page.locator('.region').count()).toBe(2);
    await page.locator('#region-kind').selectOption('untouched');
    expect(await page.locator('.region-untouched').count()).toBe(1);
    await page.locator('#region-save').click();
    await page.locator('#region-tools').waitFor({ state: 'hidden' });

    const { regions } = await settings();
    expect(regions.untouched).toHaveLength(1);
    expect(regions.untouched[0]).toHaveLength(3);
    const [first] = regions.private;
    if (!first) throw new Error('nothing is private');
    // The corner alone was dragged down; all of it went a step to the left, and was then stretched by one.
    expect(first[2]?.[1]).toBeCloseTo(0.95, 2);
    expect(first[3]?.[1]).toBeCloseTo(0.9, 2);
    expect(first[0]?.[0]).toBeCloseTo(0.09, 2);
    expect(first[1]?.[0]).toBeCloseTo(0.5, 2);
    await expect.poll(async () => (await viewer.picture(SHOWN)).left).toBeLessThan(before.left * 0.6);
    await expect.poll(() => page.locator('#region-count').textContent()).toBe('1 private, 1 untouched');
    await viewer.until(plays);
  });

  it('take regions away again; what is not saved changes nothing', async () => {
    const { page } = viewer;
    await expect.poll(async () => (await status()).state.kind).toBe('live');
    await page.locator('#edit-regions').click();
    expect(await page.locator('.region').count()).toBe(2);
    await page.keyboard.press('Space');
    await page.keyboard.press('Delete');
    expect(await page.locator('.region').count()).toBe(1);
    await page.keyboard.press('Escape');
    expect(await page.locator('#region-tools').isVisible()).toBe(false);
    expect((await settings()).regions.private).toHaveLength(1);
    await page.locator('#edit-regions').click();
    for (let i = 0; i < 2; i++) {
      await page.keyboard.press('Space');
      await page.keyboard.press('Delete');
    }
    await page.locator('#region-save').click();
    await expect.poll(async () => (await settings()).regions).toEqual({ private: [], untouched: [] });
    await expect.poll(async () => (await viewer.picture(SHOWN)).left).toBeGreaterThan(100);
  });

  it('are drawn in full screen too', async () => {
    const { page } = viewer;
    await expect.poll(async () => (await status()).state.kind).toBe('live');
    await page.keyboard.press('f');
    await expect.poll(() => page.evaluate(() => document.fullscreenElement?.id)).toBe('theatre');
    await page.keyboard.press('r');
    await page.locator('#region-tools').waitFor();
    const isWithin = async (selector: string): Promise<boolean> => {
      const box = await page.locator(selector).boundingBox();
      const height = await page.evaluate(() => innerHeight);
      return box !== null && box.height > 0 && box.y >= 0 && box.y + box.height <= height + 1;
    };
    // The window takes its new size a moment after the browser says that it is full.
    for (const each of ['#frame', '#region-tools', '#region-save'])
      await expect.poll(() => isWithin(each), { message: each }).toBe(true);
    const toolsBelowFrame = async (): Promise<number> => {
      const tools = await page.locator('#region-tools').boundingBox();
      const frame = await page.locator('#frame').boundingBox();
      return (tools?.y ?? 0) - (frame?.y ?? 0) - (frame?.height ?? 0);
    };
    await expect.poll(toolsBelowFrame).toBeGreaterThanOrEqual(-1);
    // While the picture still finds its place, a drag may begin beside it.
    const drawn = async (): Promise<number> => {
      if ((await page.locator('.region-private').count()) === 0) await drag([0.6, 0.2], [0.9, 0.5]);
      return page.locator('.region-private').count();
    };
    await expect.poll(drawn, { interval: 300 }).toBe(1);
    await page.locator('#region-save').click();
    await page.locator('#region-tools').waitFor({ state: 'hidden' });
    expect((await settings()).regions.private).toHaveLength(1);
    await page.keyboard.press('f');
    await expect.poll(() => page.evaluate(() => document.fullscreenElement)).toBeNull();
    const body = { regions: { private: [], untouched: [] } };
    expect((await ask(afterglow, '/api/streams/camera', { method: 'PATCH', token: DESK, body })).status).toBe(200);
  });

  it('say why the server does not take them', async () => {
    const { page } = viewer;
    const body = { recording: { original: true } };
    const answer = await ask(afterglow, '/api/streams/camera', { method: 'PATCH', token: DESK, body });
    expect(answer.status, answer.body).toBe(200);
    await expect.poll(async () => (await status()).state.kind).toBe('live');
    await page.locator('#edit-regions').click();
    await page.locator('#region-shape').selectOption('rectangle');
    await page.locator('#region-add').click();
    await page.locator('#region-save').click();
    await expect.poll(() => page.locator('#region-message').textContent()).toMatch(/^Recording\.original/);
    expect(await page.locator('#region-tools').isVisible()).toBe(true);
    await page.locator('#region-cancel').click();
    expect((await settings()).regions.private).toEqual([]);
  });
});
