// node dist/bench/glass-to-glass.js [seconds] [joins]: delay from the moment a camera takes a picture to the moment it is on the
// screen, read back from the video element by a bar code of the time that the camera draws; and the time from asking for
// the stream to its first picture. Camera (with its encoder), server and browser share the machine, and its clock.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { packageRoot } from '../src/config/package-root.js';
import { BROWSER_FLAGS } from '../test/browser-flags.js';
import { RunningAfterglow } from '../test/running-afterglow.js';
import { ENGINES } from '../test/webrtc-engines.js';
import { benchFolder } from './bench-clip.js';
import { printTable } from './cpu-time.js';

const SECONDS = Number(process.argv[2] ?? 300);
const JOINS = Number(process.argv[3] ?? 15);
const PIPELINES = ['passthrough', 'night-cctv'] as const;
/** Seconds after the first picture that are not counted: the network is loaded, the decoder finds its pace. */
const SETTLING = 5;

/** A delay and when it was measured, both in milliseconds. */
interface Delay {
  readonly at: number;
  readonly delay: number;
}

async function startCamera(): Promise<{ readonly url: string; readonly end: () => void }> {
  const child = spawn('/usr/bin/python3', [path.join(packageRoot, 'bench', 'clock_camera.py')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /^ready (\d+)$/.exec(line)?.[1];
    if (port !== undefined) return { url: `rtsp://127.0.0.1:${port}/camera`, end: () => void child.kill() };
  }
  throw new Error('the camera did not start');
}

/** Reads the bar code of every picture that is shown, for some seconds; the page's own language, which is not this program's. */
const READ_DELAYS = `(wanted) => new Promise((resolve) => {
  const [cells, cell, bits] = [32, 40, 30];
  const video = document.querySelector('#pictures video:last-of-type');
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [cells * cell, 1];
  const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false });
  const delays = [];
  const start = performance.now();
  const read = (_now, { expectedDisplayTime }) => {
    context.drawImage(video, 0, 24, cells * cell, 1, 0, 0, cells * cell, 1);
    const { data } = context.getImageData(0, 0, cells * cell, 1);
    const level = (index) => data[4 * (index * cell + cell / 2) + 1];
    const middle = (level(0) + level(1)) / 2;
    let taken = 0;
    for (let bit = 0; bit < bits; bit++) taken = 2 * taken + (level(2 + bit) > middle ? 1 : 0);
    const delay = (performance.timeOrigin + expectedDisplayTime - taken) % 2 ** bits;
    // Without a bar code, as on a placeholder, it is no picture of the camera.
    if (level(1) - level(0) > 60) delays.push({ at: performance.now() - start, delay });
    if (performance.now() - start < wanted * 1000) video.requestVideoFrameCallback(read);
    else resolve(delays);
  };
  video.requestVideoFrameCallback(read);
})`;

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

const rows: string[][] = [];
for (const engine of ENGINES) {
  for (const pipeline of PIPELINES) {
    const camera = await startCamera();
    const config = path.join(benchFolder, `glass-${engine.name}-${pipeline}.yaml`);
    writeFileSync(config, JSON.stringify({ streams: [{ id: 'camera', input: camera.url, pipeline }] }));
    const afterglow = await RunningAfterglow.start(['--config', config], engine.environment);
    await afterglow.statusWhere(({ totals }) => (totals?.encoded ?? 0) > 150);
    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: BROWSER_FLAGS });
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(afterglow.address);
    const joins: number[] = [];
    for (let join = 0; join < JOINS; join++) {
      if (join > 0) await page.reload();
      // Not waitForFunction: the page's policy forbids what that does.
      while (!(await page.evaluate<boolean>("window.afterglow?.transport === 'webrtc'"))) await page.waitForTimeout(50);
      joins.push(await page.evaluate<number>('window.afterglow.firstFrameMs'));
    }
    const all = await page.evaluate<readonly Delay[]>(`(${READ_DELAYS})(${SECONDS + SETTLING})`);
    const delays = all.filter(({ at }) => at > SETTLING * 1000);
    const of = (some: readonly Delay[], share: number): string =>
      quantile(
        some.map(({ delay }) => delay),
        share,
      ).toFixed(0);
    const third = Math.floor(delays.length / 3);
    rows.push([
      engine.name, pipeline, (delays.length / SECONDS).toFixed(1), of(delays, 0.5), of(delays, 0.95), of(delays, 0.99),
      `${of(delays.slice(0, third), 0.5)} / ${of(delays.slice(-third), 0.5)}`, quantile(joins, 0.5).toFixed(0),
    ]); // prettier-ignore
    await browser.close();
    await afterglow.stop();
    camera.end();
  }
}
console.log(`\n1280x720 at 30 a second, ${SECONDS} s each, ${JOINS} joins\n`);
printTable(
  [
    'engine',
    'pipeline',
    'pictures/s',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    'p50 of the first and last third',
    'join, median ms',
  ],
  rows,
);
