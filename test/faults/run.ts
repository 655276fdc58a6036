// npm run faults: brings about each fault many times in a row on the real program with a real RTSP server, and says what
// came of it. --rounds 20, --only server-killed,disk-full, --parallel 3.

import { Command } from 'commander';
import { FAULTS } from './fault-list.js';
import { CameraClips } from './fault-scene.js';
import { tryFault, type TrialResult } from './fault-trial.js';

const values = new Command('npm run faults --')
  .description('Brings about each fault many times in a row, and says what came of it.')
  .option('--rounds <n>', 'times in a row', '20')
  .option('--only <names>', `some of ${FAULTS.map(({ name }) => name).join(', ')}`, '')
  .option('--parallel <n>', 'faults at a time, each with a program of its own', '3')
  .parse()
  .opts<{ rounds: string; only: string; parallel: string }>();
const rounds = Math.max(1, Number(values.rounds));
const names = values.only.split(',').filter(Boolean);
const unknown = names.filter((name) => !FAULTS.some((fault) => fault.name === name));
if (unknown.length > 0) {
  console.error(`no such fault: ${unknown.join(', ')}; there are ${FAULTS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const faults = FAULTS.filter(({ name }) => names.length === 0 || names.includes(name));

const clips = new CameraClips();
clips.clip(640, 360);
const results: TrialResult[] = [];
const failures: string[] = [];
const start = performance.now();
let done = 0;
const total = faults.length * rounds;

function progress(name: string): void {
  done++;
  const elapsed = (performance.now() - start) / 1000;
  const left = ((elapsed / done) * (total - done)) / 60;
  console.error(`${done}/${total} rounds, ${elapsed.toFixed(0)} s, about ${left.toFixed(1)} min left (${name})`);
}

const waiting = [...faults];
async function work(): Promise<void> {
  for (let fault = waiting.shift(); fault; fault = waiting.shift()) {
    const { name } = fault;
    try {
      const result = await tryFault(fault, clips, rounds, () => progress(name));
      if (result) results.push(result);
    } catch (error) {
      failures.push(`${name}: ${(error as Error).message}`);
    }
  }
}
await Promise.all(Array.from({ length: Math.max(1, Number(values.parallel)) }, () => work()));
clips.remove();

const seconds = (milliseconds: number | undefined): string =>
  milliseconds === undefined ? '-' : (milliseconds / 1000).toFixed(1);
results.sort(
  (a, b) => faults.findIndex(({ name }) => name === a.name) - faults.findIndex(({ name }) => name === b.name),
);
console.log('\n| fault | rounds passed | picture back, median (max) s | orphans | supervisor RSS, MB | descriptors | pictures counted of expected | placeholders |'); // prettier-ignore
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
for (const result of results) {
  const back = [...result.back].sort((a, b) => a - b);
  const account = `${result.counted} of ${result.expected} (${((100 * result.counted) / result.expected).toFixed(1)} %)`;
  console.log(
    `| ${result.name} | ${result.passed} of ${result.rounds} | ${seconds(back[back.length >> 1])} (${seconds(back.at(-1))}) ` +
      `| ${result.orphans} | ${(result.rssChange / 1e6).toFixed(1)} | ${result.descriptorChange} | ${account} | ${result.placeholders} |`,
  );
}
for (const { name, complaints } of results) for (const complaint of complaints) failures.push(`${name}: ${complaint}`);
for (const failure of failures) console.log(`\nFAILED ${failure}`);
process.exitCode = failures.length > 0 ? 1 : 0;
