import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import sharp from 'sharp';
import { clipFolder } from './clip.js';
import { makeFilm } from './film-clips.js';
import { RunningAfterglow } from './running-afterglow.js';
import { ViewerBrowser } from './viewer-browser.js';

const WALL = 'a-token-for-the-wall-of-pictures';
const DESK = 'a-token-for-the-desk-of-control';

let afterglow: RunningAfterglow;
let viewer: ViewerBrowser;
let film: string;
let picture: string;

beforeAll(async () => {
  film = makeFilm(clipFolder, 'three-scenes.mp4');
  picture = path.join(clipFolder, 'dark.png');
  const background = { r: 26, g: 18, b: 14 };
  await sharp({ create: { width: 640, height: 360, channels: 3, background } }).toFile(picture);
  const config = path.join(clipFolder, 'films.yaml');
  const tokens = [
    { name: 'wall', token: WALL },
    { name: 'desk', role: 'control', token: DESK },
  ];
  writeFileSync(config, JSON.stringify({ server: { tokens }, films: { folder: path.join(clipFolder, 'films') } }));
  afterglow = await RunningAfterglow.start(['--config', config]);
  viewer = await ViewerBrowser.open(`${afterglow.address}#films`);
});
afterAll(async () => {
  expect(viewer.faults).toEqual([]);
  await viewer.close();
  await afterglow.stop();
});

/** Lets go of a file over the page, as from a file manager. */
async function drop(file: string, type: string): Promise<void> {
  const { page } = viewer;
  const content = { name: path.basename(file), type, base64: readFileSync(file).toString('base64') };
  const data = await page.evaluateHandle(({ name, type, base64 }) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name, { type }));
    return transfer;
  }, content);
  await page.locator('#film-drop').dispatchEvent('dragover', { dataTransfer: data });
  expect(await page.locator('#film-drop').getAttribute('data-over')).not.toBeNull();
  await page.locator('#film-drop').dispatchEvent('drop', { dataTransfer: data });
}

/** Mean luma of both halves of the stage. */
const stage = (): Promise<{ readonly left: number; readonly right: number }> => viewer.picture('#film-canvas');

describe('the film room', () => {
  it('lets a token that may look alone look, and says why no more', async () => {
    await viewer.logIn(WALL);
    await viewer.page.locator('#login:not([open])').waitFor({ state: 'attached' });
    const { page } = viewer;
    await page.locator('#films-empty').waitFor();
    expect(await page.locator('#film-choose').isDisabled()).toBe(true);
    expect(await page.locator('#film-reason').textContent()).toMatch(/look/);
    expect(await viewer.seriousViolations()).toEqual([]);
    await page.evaluate(() => localStorage.clear());
    await page.evaluate(() => sessionStorage.clear());
    await page.reload();
    await viewer.logIn(DESK);
    await viewer.page.locator('#login:not([open])').waitFor({ state: 'attached' });
    await page.locator('#film-choose:enabled').waitFor();
  });

  it('takes a picture that is chosen, and shows it enhanced beside the original', async () => {
    const { page } = viewer;
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.locator('#film-choose').click()]);
    await chooser.setFiles(picture);
    // One file alone leads to what can be done with it.
    await page.locator('#film-frame').waitFor();
    expect(new URL(page.url()).hash).toMatch(/^#films\/[0-9a-f-]{36}$/);
    expect(await page.locator('#stream-name').textContent()).toBe('dark.png');
    expect(await page.locator('#film-sample').isVisible()).toBe(false);
    await expect.poll(async () => (await stage()).left).toBeGreaterThan(1);
    const before = await stage();
    await page.locator('#film-pipeline').selectOption('night-cctv');
    await page.locator('#film-whole').click();
    await page.locator('.job[data-kind="done"]').waitFor();
    await expect.poll(async () => (await stage()).right).toBeGreaterThan(1.5 * before.right);
    // Left of the divider, the original.
    expect((await stage()).left).toBeLessThan(1.2 * before.left + 3);
    expect(await page.locator('.film-frame .divider-knob').isVisible()).toBe(true);
    await page.locator('#film-divider').focus();
    await page.keyboard.press('Home');
    await expect.poll(async () => (await stage()).left).toBeGreaterThan(1.5 * before.left);
    expect(await viewer.seriousViolations()).toEqual([]);
  });

  it('takes a film that is dropped, and plays a sample with both sides', async () => {
    const { page } = viewer;
    await page.locator('.film-back').click();
    await page.locator('.film-card').waitFor();
    await drop(film, 'video/mp4');
    await page.locator('#film-sample:enabled').waitFor();
    expect(await page.locator('#film-facts').textContent()).toBe('320 × 240, 24 fps, 0:05');
    await page.locator('#film-pipeline').selectOption('night-cctv');
    await page.locator('#film-strength').fill('60');
    await page.locator('#film-sample').click();
    await page.locator('.job[data-kind="done"]').waitFor();
    expect(await page.locator('.job-title').textContent()).toBe('Sample · night-cctv · 60 %');
    // It plays: the stage changes by itself, and stands when it is told to.
    await page.locator('#film-play').waitFor();
    const seen = new Set<string>();
    await expect.poll(async () => seen.add(JSON.stringify(await stage())).size, { interval: 150 }).toBeGreaterThan(3);
    await page.locator('#film-play').click();
    await page.locator('#film-play[data-on]').waitFor();
    expect(await page.locator('#film-canvas').evaluate((canvas: HTMLCanvasElement) => canvas.width)).toBe(320);
  });

  it('makes the whole film with its shots, and saves it', async () => {
    const { page } = viewer;
    await page.locator('#film-pipeline').selectOption('passthrough');
    await page.locator('#film-whole').click();
    await expect.poll(() => page.locator('.job').count()).toBe(2);
    await page.locator('.job[data-kind="done"]').nth(1).waitFor();
    await expect.poll(() => page.locator('.shot').count()).toBe(3);
    await page.locator('.shot').nth(2).scrollIntoViewIfNeeded();
    await expect
      .poll(() =>
        page
          .locator('.shot img')
          .nth(2)
          .evaluate((image: HTMLImageElement) => image.naturalWidth),
      )
      .toBe(320);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('.job').first().getByRole('button', { name: 'Download' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('three-scenes.passthrough.mp4');
    expect(download.url()).not.toContain(DESK);
    expect(await viewer.seriousViolations()).toEqual([]);
  });

  it('says what is wrong with a file, in the list of uploads', async () => {
    const { page } = viewer;
    await page.locator('.film-back').click();
    const odd = path.join(clipFolder, 'notes.txt');
    writeFileSync(odd, 'no film');
    await page.locator('#film-file').setInputFiles(odd);
    await page.locator('.upload[data-kind="failed"]').waitFor();
    expect(await page.locator('.upload .note').textContent()).toMatch(/not known.*\.mp4/);
    await page.locator('.upload').getByRole('button', { name: 'Give up' }).click();
    expect(await page.locator('.upload').count()).toBe(0);
  });

  it('deletes a film after asking', async () => {
    const { page } = viewer;
    await page.locator('.film-link', { hasText: 'three-scenes.mp4' }).click();
    page.once('dialog', (dialog) => void dialog.accept());
    await page.locator('#film-remove').click();
    await expect.poll(() => page.locator('.film-card').count()).toBe(1);
    expect(new URL(page.url()).hash).toBe('#films');
  });

  it('serves on a phone and in the light', async () => {
    const phone = await ViewerBrowser.open(`${afterglow.address}#films`, { phone: true });
    try {
      await phone.page.emulateMedia({ colorScheme: 'light' });
      await phone.page.locator('#token').fill(DESK);
      await phone.page.keyboard.press('Enter');
      await phone.page.locator('.film-card').waitFor();
      expect(await phone.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
      expect(await phone.seriousViolations()).toEqual([]);
    } finally {
      await phone.close();
    }
  });
});
