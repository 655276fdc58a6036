// node dist/bench/first-tile.js [visits] [width]: time from opening the viewer page to pictures on a wall of four cameras, in a
// Chromium with an empty profile for each visit. The cameras are live before anybody comes; server and browser share the machine.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { silenceFfmpeg } from '../src/media/ffmpeg-log.js';
import { BROWSER_FLAGS } from '../test/browser-flags.js';
import { RunningAfterglow } from '../test/running-afterglow.js';
import { ENGINES } from '../test/webrtc-engines.js';
import { benchFolder, DEMO, scaledDemo } from './bench-clip.js';
import { median, printTable } from './cpu-time.js';

const VISITS = Number(process.argv[2] ?? 9);
const WIDTH = Number(process.argv[3] ?? 1280);
const CAMERAS = ['north', 'east', 'south', 'west'];
/** Milliseconds that a browser has to itself before the visit: it starts once, and pages are opened all day. */
const SETTLING = 2000;

/** Steps of a visit, in milliseconds since its navigation began. */
const STEPS = {
  html: 'page there',
  script: 'its program run',
  asked: 'first stream asked for',
  answered: 'first answer',
  first: 'first picture',
  all: 'pictures of all four',
} as const;
type Visit = Record<keyof typeof STEPS, number>;

/** Notes when each video shows its first picture; the page's own language, which is not this program's. */
const WATCH = `(() => {
  const known = new WeakSet();
  window.firstPictures = [];
  new MutationObserver(() => {
    for (const video of document.querySelectorAll('video')) {
      if (known.has(video)) continue;
      known.add(video);
      video.requestVideoFrameCallback((_now, { expectedDisplayTime }) => window.firstPictures.push(expectedDisplayTime));
    }
  }).observe(document, { childList: true, subtree: true });
})()`;
const ALL_PLAY = `window.firstPictures.length >= ${CAMERAS.length} &&
  window.afterglow.tiles.every(({ transport }) => transport === 'webrtc')`;
const READ_STEPS = `(() => {
  const [navigation] = performance.getEntriesByType('navigation');
  const entries = performance.getEntriesByType('resource');
  const least = (values) => Math.min(...values);
  const joins = entries.filter(({ name }) => name.includes('/whep'));
  return {
    html: navigation.responseEnd,
    // Modules run before this.
    script: navigation.domContentLoadedEventStart,
    asked: least(joins.map(({ startTime }) => startTime)),
    answered: least(joins.map(({ responseEnd }) => responseEnd).filter((end) => end > 0)),
    first: least(window.firstPictures),
    all: Math.max(...window.firstPictures),
  };
})()`;

async function visit(address: string): Promise<Visit> {
  const profile = mkdtempSync(path.join(os.tmpdir(), 'afterglow-visit-'));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    args: BROWSER_FLAGS,
    viewport: { width: 1280, height: 800 },
  });
  try {
    const page = browser.pages()[0] ?? (await browser.newPage());
    // By the debugger: what the page's policy says of scripts does not concern it.
    await page.addInitScript(WATCH);
    await page.waitForTimeout(SETTLING);
    await page.goto(address);
    while (!(await page.evaluate<boolean>(ALL_PLAY))) await page.waitForTimeout(100);
    return await page.evaluate<Visit>(READ_STEPS);
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

silenceFfmpeg();
const input = WIDTH === 1280 ? DEMO : scaledDemo(WIDTH, (WIDTH * 9) / 16);
const config = path.join(benchFolder, 'first-tile.yaml');
writeFileSync(config, JSON.stringify({ streams: CAMERAS.map((id) => ({ id, input })) }));
const steps = Object.keys(STEPS) as (keyof typeof STEPS)[];
const rows: string[][] = [];
for (const { name, environment } of ENGINES) {
  const afterglow = await RunningAfterglow.start(['--config', config], environment);
  try {
    for (const id of CAMERAS) await afterglow.statusWhere(({ totals }) => (totals?.encoded ?? 0) > 150, id);
    const visits: Visit[] = [];
    for (let i = 0; i < VISITS; i++) visits.push(await visit(afterglow.address));
    const of = (step: keyof Visit): readonly number[] => visits.map((times) => times[step]);
    rows.push([name, 'median', ...steps.map((step) => median(of(step)).toFixed(0))]);
    rows.push([name, 'worst', ...steps.map((step) => Math.max(...of(step)).toFixed(0))]);
  } finally {
    await afterglow.stop();
  }
}
console.log(
  `\nA wall of ${CAMERAS.length} cameras, ${WIDTH} wide, ${VISITS} visits with each engine; ms since navigation began:\n`,
);
printTable(['engine', '', ...steps.map((step) => STEPS[step])], rows);
process.exit(0);
