// npm run soak -- --minutes 30 --streams 4: cameras for a long time, and whether memory, descriptors and delay stay where
// they are. --hls adds a player of each stream's HLS.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { RtspCamera } from '../rtsp-camera.js';
import { RunningAfterglow } from '../running-afterglow.js';
import { CameraClips, processFigures } from './fault-scene.js';

const values = new Command('npm run soak --')
  .description('Runs cameras for a long time, and says whether memory, descriptors and delay stay where they are.')
  .option('--minutes <n>', 'how long', '30')
  .option('--streams <n>', 'how many cameras of 640x360', '4')
  .option('--pipeline <name>', 'what to do with the pictures', 'night-cctv')
  .option('--hls', 'with a player of the HLS of each')
  .parse()
  .opts<{ minutes: string; streams: string; pipeline: string; hls?: boolean }>();
const minutes = Math.max(1, Number(values.minutes));
const ids = Array.from({ length: Math.max(1, Number(values.streams)) }, (_, i) => `camera-${i + 1}`);

const SAMPLE_EVERY = 10_000;
/** Memory is compared from here on: before, caches fill. In minutes, at most a third of the run. */
const SETTLED = Math.min(5, minutes / 3);
/** Memory rises and falls by some percent with each collection: its median over so many minutes is compared. */
const MEMORY_OVER = Math.min(2, minutes / 6);
/** By what share it may be more at the end; and by how many descriptors. */
const MOST_GROWTH = 0.05;
const MOST_DESCRIPTORS = 5;

/** Memory and descriptors of each process, and the delay of each stream, at one moment. */
interface Sample {
  readonly minutes: number;
  readonly processes: ReadonlyMap<string, { readonly rss: number; readonly descriptors: number }>;
  /** 95 % of the pictures are younger than this, in milliseconds, by stream. */
  readonly ageP95: readonly number[];
  readonly rates: readonly number[];
}

const clips = new CameraClips();
const clip = clips.clip(640, 360);
const cameras = await Promise.all(ids.map(() => RtspCamera.start({ clip, sound: true })));
const config = path.join(clips.folder, 'soak.yaml');
const streams = ids.map((id, i) => ({ id, input: cameras[i]?.url() ?? '', pipeline: values.pipeline }));
writeFileSync(config, JSON.stringify({ streams }));
const program = await RunningAfterglow.start(['--config', config]);
const start = performance.now();
for (const id of ids) await program.statusWhere(({ totals }) => (totals?.decoded ?? 0) > 30, id);

/** Fetches what a player would: the playlist and its newest segment. */
async function playHls(id: string): Promise<void> {
  const folder = `${program.address}hls/${id}/`;
  const playlist = await (await fetch(`${folder}index.m3u8`)).text();
  const newest = /segment-\d+\.ts\s*$/.exec(playlist.trim())?.[0];
  if (newest !== undefined) await (await fetch(folder + newest)).arrayBuffer();
}

async function sample(): Promise<Sample> {
  const processes = new Map([['supervisor', processFigures(program.process.pid ?? 0)]]);
  program.descendants().forEach((pid, i) => processes.set(`process ${i + 1}`, processFigures(pid)));
  const statuses = await Promise.all(ids.map((id) => program.status(id)));
  if (values.hls) await Promise.all(ids.map(playHls));
  return {
    minutes: (performance.now() - start) / 60_000,
    processes,
    ageP95: statuses.map(({ rates }) => rates?.ageP95Ms ?? 0),
    rates: statuses.map(({ rates }) => rates?.outputRate ?? 0),
  };
}

const samples: Sample[] = [];
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
/** Ends the program and its cameras. */
async function end(): Promise<void> {
  await program.stop();
  await Promise.all(cameras.map((camera) => camera.kill()));
  clips.remove();
}

/** What is there now; where a process has gone, says what the program said last, and ends all. */
async function sampleOrEnd(): Promise<Sample> {
  try {
    return await sample();
  } catch (error) {
    console.error(`a process has gone (${(error as Error).message}); the program said last:`);
    console.error(program.output.trim().split('\n').slice(-15).join('\n'));
    await end();
    process.exit(1);
  }
}

while ((performance.now() - start) / 60_000 < minutes) {
  await new Promise((resolve) => setTimeout(resolve, SAMPLE_EVERY));
  const taken = await sampleOrEnd();
  samples.push(taken);
  const rss = [...taken.processes.values()].map((figures) => megabytes(figures.rss)).join(' + ');
  console.error(
    `${taken.minutes.toFixed(1)} of ${minutes} min: RSS ${rss} MB, age p95 ${taken.ageP95.map((age) => age.toFixed(0)).join(', ')} ms`,
  );
}
const restarts = await Promise.all(ids.map(async (id) => (await program.status(id)).restarts));
await end();

const complaints: string[] = [];
const settled = samples.filter((taken) => taken.minutes >= SETTLED && taken.minutes < SETTLED + MEMORY_OVER);
const ending = samples.filter((taken) => taken.minutes >= minutes - MEMORY_OVER);
const [first, last] = [settled[0], samples.at(-1)];
const memoryOf = (taken: readonly Sample[], name: string): number => {
  const sizes = taken.map(({ processes }) => processes.get(name)?.rss ?? 0).sort((a, b) => a - b);
  return sizes[sizes.length >> 1] ?? 0;
};
console.log(`\n${ids.length} cameras of 640x360 at 15 a second, ${values.pipeline}, ${minutes} minutes\n`);
console.log(
  `| process | median RSS from minute ${first?.minutes.toFixed(1)}, MB | at the end, MB | descriptors | at the end |`,
);
console.log('| --- | --- | --- | --- | --- |');
for (const [name, end] of last?.processes ?? []) {
  const begin = first?.processes.get(name) ?? end;
  const [before, after] = [memoryOf(settled, name), memoryOf(ending, name)];
  console.log(`| ${name} | ${megabytes(before)} | ${megabytes(after)} | ${begin.descriptors} | ${end.descriptors} |`);
  if (after > before * (1 + MOST_GROWTH)) complaints.push(`${name} has grown`);
  if (end.descriptors - begin.descriptors > MOST_DESCRIPTORS) complaints.push(`${name} holds more descriptors`);
}
console.log('\n| minute | age p95 of the streams, ms | pictures a second |\n| --- | --- | --- |');
for (let minute = 0; minute < minutes; minute++) {
  const of = samples.filter((taken) => Math.floor(taken.minutes) === minute);
  if (of.length === 0) continue;
  const mean = (pick: (taken: Sample) => readonly number[], digits: number): string =>
    ids
      .map((_, i) => (of.reduce((sum, taken) => sum + (pick(taken)[i] ?? 0), 0) / of.length).toFixed(digits))
      .join(', ');
  console.log(`| ${minute + 1} | ${mean(({ ageP95 }) => ageP95, 0)} | ${mean(({ rates }) => rates, 1)} |`);
}
if (restarts.some((count) => count > 0)) complaints.push(`processes were restarted: ${restarts.join(', ')}`);
for (const complaint of complaints) console.log(`\nFAILED ${complaint}`);
if (complaints.length === 0) console.log('\npassed');
process.exitCode = complaints.length > 0 ? 1 : 0;
