// node dist/bench/picture-answer.js [rounds]: how long the film room takes to answer with a picture. By its API, as the page uses
// it: upload (tus), the look at the file, a job with night-cctv, the JPEG of the result. And by the page in Chromium, from the
// press on the button to the result on the screen. The very first round is told apart: the room's process is started in it.

import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { Upload } from 'tus-js-client';
import type { RoomItem, RoomJob } from '../src/film-room/room-item.js';
import { BROWSER_FLAGS } from '../test/browser-flags.js';
import { RunningAfterglow } from '../test/running-afterglow.js';
import { benchFolder } from './bench-clip.js';
import { median, printTable } from './cpu-time.js';

const ROUNDS = Number(process.argv[2] ?? 5);
const SIZES = [
  { name: '0.3 MP', width: 640, height: 480 },
  { name: '2 MP', width: 1632, height: 1224 },
  { name: '12 MP', width: 4000, height: 3000 },
] as const;
/** Far finer than what is measured, and it costs the server next to nothing. */
const ASK_EVERY = 5;
/** Milliseconds for which somebody looks at the picture before asking for anything. */
const DECIDING = 2000;

/** A dark slope of light with noise, as a camera's JPEG. */
async function darkPicture(width: number, height: number): Promise<Buffer> {
  const noise = randomBytes(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const light = 8 + (30 * x) / width + (12 * y) / height;
      for (let channel = 0; channel < 3; channel++, at++) noise[at] = light + ((noise[at] ?? 0) & 7);
    }
  }
  return sharp(noise, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 92 })
    .toBuffer();
}

/** What is waited for, in milliseconds. */
interface Answer {
  /** From the last byte sent to the picture's having been looked at. */
  readonly looked: number;
  /** From the order to the job's being done, and to its JPEG's being here. */
  readonly done: number;
  readonly viewed: number;
}

function upload(address: string, picture: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const running = new Upload(picture, {
      endpoint: `${address}api/films/uploads`,
      metadata: { filename: 'night.jpg' },
      onError: reject,
      onSuccess: () => resolve(running.url?.split('/').at(-1) ?? ''),
    });
    running.start();
  });
}

async function answerTo(address: string, picture: Buffer): Promise<Answer> {
  const id = await upload(address, picture);
  let start = performance.now();
  const since = (): number => performance.now() - start;
  const film = `${address}api/films/${id}`;
  const itemWhere = async (wanted: (item: RoomItem) => boolean): Promise<void> => {
    for (;;) {
      const item = (await (await fetch(film)).json()) as RoomItem;
      if (item.error) throw new Error(item.error.message);
      if (item.jobs.some(({ state }) => state.kind === 'failed')) throw new Error(JSON.stringify(item.jobs));
      if (wanted(item)) return;
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY));
    }
  };
  await itemWhere(({ facts }) => facts !== null);
  const looked = since();
  await new Promise((resolve) => setTimeout(resolve, DECIDING));
  start = performance.now();
  const response = await fetch(`${film}/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'whole', pipeline: 'night-cctv' }),
  });
  if (!response.ok) throw new Error(await response.text());
  const { id: job } = (await response.json()) as RoomJob;
  await itemWhere(({ jobs }) => jobs.some(({ state }) => state.kind === 'done'));
  const done = since();
  const view = await fetch(`${film}/jobs/${job}/view.jpg`);
  if (!view.ok || (await view.arrayBuffer()).byteLength === 0) throw new Error('no picture of the result');
  const viewed = since();
  await fetch(film, { method: 'DELETE' });
  return { looked, done, viewed };
}

/** Presses the button and waits for the result beside the original; the page's own language, which is not this program's. */
const PRESS = `new Promise((resolve) => {
  const divider = document.querySelector('#film-divider');
  const start = performance.now();
  document.querySelector('#film-whole').click();
  const look = () => {
    if (!divider.hidden && divider.getAttribute('aria-valuenow') === '50') resolve(performance.now() - start);
    else requestAnimationFrame(look);
  };
  look();
})`;

/** Milliseconds from the press to the picture on the page, of each round. */
async function pageAnswers(address: string, picture: Buffer): Promise<number[]> {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: BROWSER_FLAGS });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const answers: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await page.goto('about:blank');
      await page.goto(`${address}#films`);
      const file = { name: 'night.jpg', mimeType: 'image/jpeg', buffer: picture };
      await page.locator('#film-file').setInputFiles(file);
      await page.locator('#film-pipeline').selectOption('night-cctv');
      await page.locator('#film-whole:enabled').waitFor();
      await page.waitForTimeout(DECIDING);
      answers.push(await page.evaluate<number>(PRESS));
    }
    return answers;
  } finally {
    await browser.close();
  }
}

const folder = path.join(benchFolder, 'room');
mkdirSync(folder);
const config = path.join(benchFolder, 'picture-answer.yaml');
writeFileSync(config, JSON.stringify({ streams: [], server: { maxRequestsPerMinute: 1_000_000 }, films: { folder } }));
const afterglow = await RunningAfterglow.start(['--config', config]);
const rows: string[][] = [];
const rowOf = (name: string, answers: readonly Answer[]): string[] => [
  name,
  ...(['looked', 'done', 'viewed'] as const).map((step) => median(answers.map((one) => one[step])).toFixed(0)),
];
try {
  for (const { name, width, height } of SIZES) {
    const picture = await darkPicture(width, height);
    const first = await answerTo(afterglow.address, picture);
    if (rows.length === 0) rows.push([...rowOf(`${name}, the first of all`, [first]), '']);
    const others: Answer[] = [];
    for (let round = 0; round < ROUNDS; round++) others.push(await answerTo(afterglow.address, picture));
    const answers = await pageAnswers(afterglow.address, picture);
    rows.push([...rowOf(name, others), median(answers).toFixed(0)]);
  }
} finally {
  await afterglow.stop();
}
console.log(`\nA picture through the film room, median of ${ROUNDS} rounds, ms:\n`);
printTable(
  ['picture', 'upload to looked at', 'order to done', 'order to result here', 'page: press to result on the screen'],
  rows,
);
process.exit(0);
