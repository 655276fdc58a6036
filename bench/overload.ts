// node dist/bench/overload.js [seconds] [cores]: a 1080p camera at 30 pictures a second on a machine that has, from some
// moment on, only so many of its cores: what the governor does, second by second, and what is left of picture and delay.

import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import path from 'node:path';
import os from 'node:os';
import { packageRoot } from '../src/config/package-root.js';
import type { PublishedStatus } from '../src/server/published-stream.js';
import { scaledDemo } from './bench-clip.js';
import { median, printTable } from './cpu-time.js';

const SECONDS = Number(process.argv[2] ?? 60);
const CORES = Number(process.argv[3] ?? Math.max(1, Math.floor(os.availableParallelism() / 2)));
/** Seconds with all cores before some are taken away. */
const BEFORE = 15;

/** Gives all threads of a process and its children so many cores. */
function confine(pid: number, cores: number): void {
  const list = `0-${cores - 1}`;
  const pids = [pid, ...childrenOf(pid)];
  for (const id of pids) {
    if (spawnSync('taskset', ['-a', '-c', '-p', list, String(id)], { stdio: 'ignore' }).status !== 0) {
      throw new Error('taskset did not work; it is part of util-linux');
    }
  }
}

function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .map(Number)
    .filter((id) => id > 0);
}

const file = scaledDemo(1920, 1080);
const child = spawn(
  process.execPath,
  [path.join(packageRoot, 'dist', 'src', 'cli', 'afterglow.js'), 'run', '--port', '0', '--input', file],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
process.on('exit', () => child.kill('SIGTERM'));
let address = '';
for await (const line of createInterface({ input: child.stdout })) {
  address = /Open (http:\S+) /.exec(line)?.[1] ?? '';
  if (address !== '') break;
}

async function status(): Promise<PublishedStatus> {
  return (await (await fetch(`${address}api/streams/camera`)).json()) as PublishedStatus;
}

const seen: { readonly second: number; readonly status: PublishedStatus }[] = [];
const started = performance.now();
let confined = false;
for (let second = 1; second <= BEFORE + SECONDS; second++) {
  await new Promise((resolve) => setTimeout(resolve, started + second * 1000 - performance.now()));
  if (second > BEFORE && !confined) {
    confine(child.pid ?? 0, CORES);
    confined = true;
  }
  const now = await status();
  if (now.state.kind === 'live' && now.rates) seen.push({ second, status: now });
}
child.kill('SIGTERM');

console.log(`\n1920x1080 at 30 pictures a second, night-cctv, ${os.availableParallelism()} cores, ${CORES} of them from second ${BEFORE} on:\n`); // prettier-ignore
printTable(
  ['second', 'pictures/s', 'network/s', 'working size', 'age p95 ms', 'level', 'reason'],
  seen
    .filter(({ second }) => second % 3 === 0)
    .map(({ second, status: { rates, governor } }) => [
      String(second),
      (rates?.outputRate ?? 0).toFixed(1),
      (rates?.networkRate ?? 0).toFixed(1),
      String(governor?.workingSize ?? ''),
      (rates?.ageP95Ms ?? 0).toFixed(0),
      String(governor?.level ?? 0),
      governor?.reason ?? '',
    ]),
);
const settled = seen.filter(({ second }) => second > BEFORE + 15).map((entry) => entry.status);
const all = seen.filter(({ second }) => second > BEFORE).map((entry) => entry.status);
console.log(`\nonce settled: ${median(settled.map(({ rates }) => rates?.outputRate ?? 0)).toFixed(1)} pictures a second (median), network ${median(settled.map(({ rates }) => rates?.networkRate ?? 0)).toFixed(1)} times a second, age p95 ${median(settled.map(({ rates }) => rates?.ageP95Ms ?? 0)).toFixed(0)} ms (median), ${Math.max(...settled.map(({ rates }) => rates?.ageP95Ms ?? 0)).toFixed(0)} ms (worst)`); // prettier-ignore
console.log(`worst age p95 at any moment since the cores were taken away: ${Math.max(...all.map(({ rates }) => rates?.ageP95Ms ?? 0)).toFixed(0)} ms`); // prettier-ignore
process.exit(0);
