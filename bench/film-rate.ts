// node dist/bench/film-rate.js: pictures a second of whole films, against the same decoding and encoding without any
// stage, on all cores, on the demo clip. Says how much of the cores was in use.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { packageVersion } from '../src/config/package-version.js';
import { loadRecipe, recipeSchema, type Recipe } from '../src/config/recipe.js';
import { processFilm } from '../src/film/job/film-run.js';
import { localWorkers } from '../src/film/job/worker-pool.js';
import { silenceFfmpeg } from '../src/media/ffmpeg-log.js';
import { scaledDemo } from './bench-clip.js';
import { median, printTable } from './cpu-time.js';

const RUNS = 3;
const cores = os.availableParallelism();
const SIZES = [
  [854, 480],
  [1280, 720],
  [1920, 1080],
] as const;
const nothing: Recipe = recipeSchema.parse({ description: 'nothing', stages: [] });
const RECIPES: readonly (readonly [name: string, recipe: Recipe])[] = [
  ['no stage', nothing],
  ['colorize-film', loadRecipe('colorize-film')],
  ['restore-film', loadRecipe('restore-film')],
  ['night-cctv', loadRecipe('night-cctv')],
];

interface Rate {
  readonly picturesPerSecond: number;
  /** Cores in use on average, by the kernel's count of all of the machine's work. */
  readonly coresBusy: number;
}

/** Processor time of the whole machine that was not idle, in seconds, or NaN where the kernel does not say. */
function busySeconds(): number {
  if (!existsSync('/proc/stat')) return NaN;
  const [line] = readFileSync('/proc/stat', 'utf8').split('\n');
  const times = (line ?? '').trim().split(/\s+/).slice(1).map(Number);
  const idle = (times[3] ?? 0) + (times[4] ?? 0);
  // Clock ticks of a hundredth of a second; guests' time is in the users' already.
  return (times.slice(0, 8).reduce((a, b) => a + b, 0) - idle) / 100;
}

async function measure(file: string, recipe: Recipe, folder: string): Promise<Rate> {
  const output = path.join(folder, 'out.mp4');
  let [start, busy] = [0, 0];
  const result = await processFilm(
    {
      input: file,
      output,
      settings: {
        recipe, strength: 1, codec: 'h264', crf: 18, preset: 'veryfast', compare: false, stretch: null,
        references: [], mask: null, version: packageVersion,
      },
      overwrite: true,
      restart: true,
      workers: localWorkers(cores),
      software: 'bench',
    },
    ({ phase }) => {
      // The look through the film is the same for all.
      if (phase === 'found') [start, busy] = [performance.now(), busySeconds()];
    },
    new AbortController().signal,
  ); // prettier-ignore
  const seconds = (performance.now() - start) / 1000;
  return { picturesPerSecond: (result?.pictures ?? 0) / seconds, coresBusy: (busySeconds() - busy) / seconds };
}

silenceFfmpeg();
const folder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-bench-'));
const rows: string[][] = [];
for (const [width, height] of SIZES) {
  const file = scaledDemo(width, height);
  let identity = NaN;
  for (const [name, recipe] of RECIPES) {
    const rates: Rate[] = [];
    for (let run = 0; run < RUNS; run++) rates.push(await measure(file, recipe, folder));
    const rate = median(rates.map(({ picturesPerSecond }) => picturesPerSecond));
    if (name === 'no stage') identity = rate;
    const busy = median(rates.map(({ coresBusy }) => coresBusy));
    rows.push([`${height}p`, name, rate.toFixed(1), (rate / identity).toFixed(2), busy.toFixed(2)]);
  }
}
rmSync(folder, { recursive: true });
console.log(
  `\n${os.cpus()[0]?.model ?? 'unknown processor'}, ${cores} cores, Node ${process.version}; start of networks included\n`,
);
printTable(['size', 'pipeline', 'pictures a second', 'to no stage', `of ${cores} cores busy`], rows);
