import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clipFolder } from './clip.js';
import { RunningAfterglow } from './running-afterglow.js';
import { smallClip } from './small-clip.js';
import { ViewerBrowser } from './viewer-browser.js';

const TOKEN = 'a-token-for-the-wall-of-pictures';

let afterglow: RunningAfterglow;
let viewer: ViewerBrowser;

beforeAll(async () => {
  const config = path.join(clipFolder, 'access.yaml');
  const streams = ['gate', 'yard']
    .map(
      (id) =>
        `  - {id: ${id}, pipeline: ${id === 'gate' ? 'exposure' : 'passthrough'}, input: ${smallClip(`access-${id}.mp4`, 90)}}\n`,
    )
    .join('');
  const away = '  - {id: cellar, input: "rtsp://127.0.0.1:9/cellar"}\n';
  writeFileSync(config, `server: {token: ${TOKEN}}\nstreams:\n${streams}${away}`);
  afterglow = await RunningAfterglow.start(['--config', config]);
  viewer = await ViewerBrowser.open(afterglow.address);
});
afterAll(async () => {
  await viewer.close();
  await afterglow.stop();
});

describe.each(['dark', 'light'] as const)('the viewer page in the %s', (colorScheme) => {
  beforeAll(async () => {
    await viewer.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await viewer.page.evaluate(() => sessionStorage.clear());
    await viewer.page.goto(afterglow.address);
    await viewer.page.reload();
    await viewer.page.locator('#login[open]').waitFor();
  });

  it('is accessible while it asks for the token', async () => {
    expect(await viewer.seriousViolations()).toEqual([]);
  });

  it('is accessible as a wall', async () => {
    await viewer.page.locator('#token').fill(TOKEN);
    await viewer.page.keyboard.press('Enter');
    await viewer.until(({ tiles }) => tiles.filter(({ transport }) => transport !== null).length === 3);
    expect(await viewer.seriousViolations()).toEqual([]);
  });

  it('is accessible with one camera, all its panels and its keys', async () => {
    const { page } = viewer;
    await page.locator('[data-stream="gate"]').click();
    await viewer.until(({ view, transport }) => view === 'stream' && (transport === 'webrtc' || transport === 'hls'));
    for (const panel of ['#settings', '#details']) await page.locator(`${panel} > summary`).click();
    await page.locator('#pipeline').waitFor();
    await page.locator('#edit-regions:enabled').click();
    await page.locator('#region-add').click();
    expect(await viewer.seriousViolations()).toEqual([]);
    await page.locator('#region-cancel').click();
    await page.locator('#stream-name').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('?');
    expect(await viewer.seriousViolations()).toEqual([]);
    expect(viewer.faults).toEqual([]);
  });
});
