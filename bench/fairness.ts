// node dist/bench/fairness.js [seconds] [modest]: so many modest cameras (320x180) and one greedy
// one (1080p), all at 30 pictures a second, on one machine: whether the greedy one starves the others.

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import os from 'node:os';
import path from 'node:path';
import { packageRoot } from '../src/config/package-root.js';
import type { PublishedStatus } from '../src/server/published-stream.js';
import { benchFolder, scaledDemo } from './bench-clip.js';
import { median, printTable } from './cpu-time.js';

const SECONDS = Number(process.argv[2] ?? 60);
const MODEST = Number(process.argv[3] ?? 15);
/** Seconds until all have found their level. */
const SETTLING = 45;

const modest = scaledDemo(320, 180);
const greedy = scaledDemo(1920, 1080);
const config = path.join(benchFolder, 'fairness.yaml');
const streams = [
  { id: 'greedy', input: greedy },
  ...Array.from({ length: MODEST }, (_, i) => ({ id: `modest-${i + 1}`, input: modest, pipeline: 'passthrough' })),
];
writeFileSync(config, JSON.stringify({ streams }));
const child = spawn(
  process.execPath,
  [path.join(packageRoot, 'dist', 'src', 'cli', 'afterglow.js'), 'run', '--port', '0', '--config', config],
  { stdio: ['ignore', 'pipe', 'ignore'] },
);
process.on('exit', () => child.kill('SIGTERM'));
let address = '';
for await (const line of createInterface({ input: child.stdout })) {
  address = /Open (http:\S+) /.exec(line)?.[1] ?? '';
  if (address !== '') break;
}

const seen = new Map<string, { rates: number[]; ages: number[]; levels: number[] }>();
for (let second = 0; second < SETTLING + SECONDS; second++) {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  if (second < SETTLING) continue;
  const { streams: statuses } = (await (await fetch(`${address}api/streams`)).json()) as { streams: PublishedStatus[] };
  for (const { id, rates, governor } of statuses) {
    const entry = seen.get(id) ?? { rates: [], ages: [], levels: [] };
    seen.set(id, entry);
    entry.rates.push(rates?.outputRate ?? 0);
    entry.ages.push(rates?.ageP95Ms ?? 0);
    entry.levels.push(governor?.level ?? 0);
  }
}
child.kill('SIGTERM');

console.log(`\n${MODEST} cameras of 320x180 passed through and one of 1920x1080 enhanced, all at 30 pictures a second, ${os.availableParallelism()} cores, medians of ${SECONDS} s:\n`); // prettier-ignore
printTable(
  ['stream', 'pictures/s', 'age p95 ms', 'governor level'],
  [...seen].map(([id, { rates, ages, levels }]) => [
    id,
    median(rates).toFixed(1),
    median(ages).toFixed(0),
    median(levels).toFixed(0),
  ]),
);
process.exit(0);
