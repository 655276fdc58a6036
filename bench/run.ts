// npm run bench: what each stage costs, and what a whole stream gives, at 720p and 1080p on the demo clip.

import os from 'node:os';
import { silenceFfmpeg } from '../src/media/ffmpeg-log.js';
import { RATE, scaledDemo } from './bench-clip.js';
import { median, printTable } from './cpu-time.js';
import { runStream, type RunResult } from './end-to-end.js';
import { measureNetworks } from './networks.js';
import { measurePhotograph } from './photograph.js';
import { measureStages } from './stages.js';

/** Whole runs of each kind; their medians are printed. */
const RUNS = 3;
const LIVE_SECONDS = 12;

silenceFfmpeg();
const sizes = [
  { name: '720p', file: scaledDemo(1280, 720) },
  { name: '1080p', file: scaledDemo(1920, 1080) },
] as const;

console.log(`\n${os.cpus()[0]?.model ?? 'unknown processor'}, ${os.cpus().length} cores, Node ${process.version}\n`);
console.log('CPU milliseconds per stage, each alone on one thread, median:\n');
const stages: ReadonlyMap<string, number>[] = [];
for (const { file } of sizes) stages.push(await measureStages(file));
printTable(
  ['stage', ...sizes.map(({ name }) => name)],
  [...(stages[0]?.keys() ?? [])].map((stage) => [
    stage,
    ...stages.map((times) => (times.get(stage) ?? NaN).toFixed(2)),
  ]),
);

async function several(work: () => Promise<RunResult>): Promise<(pick: (result: RunResult) => number) => number> {
  const results: RunResult[] = [];
  for (let i = 0; i < RUNS; i++) results.push(await work());
  return (pick) => median(results.map(pick));
}

console.log(`\nA whole stream as fast as it goes (decode, pipeline, encode, HLS), median of ${RUNS} runs:\n`);
const rows: string[][] = [];
for (const { name, file } of sizes) {
  const identity = await several(() => runStream(file, 'passthrough', { exact: true }));
  const night = await several(() => runStream(file, 'night-cctv', { exact: true }));
  const [plain, enhanced] = [identity((r) => r.framesPerSecond), night((r) => r.framesPerSecond)];
  rows.push([`${name} identity`, plain.toFixed(0), identity((r) => r.cpuPerFrame).toFixed(1), '1.00']);
  rows.push([
    `${name} night-cctv`,
    enhanced.toFixed(0),
    night((r) => r.cpuPerFrame).toFixed(1),
    (enhanced / plain).toFixed(2),
  ]);
}
printTable(['stream', 'frames a second', 'CPU ms a frame', 'of the identity transcode'], rows);

console.log(`\nAs a live camera at ${RATE} frames a second, ${LIVE_SECONDS} s:\n`);
const live: string[][] = [];
for (const { name, file } of sizes) {
  const result = await runStream(file, 'night-cctv', { seconds: LIVE_SECONDS });
  live.push([
    name,
    result.framesPerSecond.toFixed(1),
    String(result.dropped),
    result.networkPerSecond.toFixed(1),
    result.age.toFixed(0),
    ((result.cpuPerFrame * result.framesPerSecond) / 10).toFixed(0),
  ]);
}
printTable(['stream', 'frames a second', 'dropped', 'network a second', 'ms in to encoded', 'CPU % of one core'], live);
console.log('\nNetworks, one run on one thread, median CPU milliseconds:\n');
printTable(
  ['network', 'size', 'run', 'allowed', 'loading'],
  (await measureNetworks()).map(({ name, size, run, allowed, load }) => [
    name,
    size,
    run.toFixed(1),
    String(allowed),
    load.toFixed(0),
  ]),
);
console.log('\nA photograph of 16 megapixels (4928x3264 JPEG), median:\n');
const photograph = await measurePhotograph();
printTable(
  ['step', 'CPU ms'],
  [...photograph].map(([step, time]) => [step, time.toFixed(0)]),
);
process.exit(0);
