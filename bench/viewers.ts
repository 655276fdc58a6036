// node dist/bench/viewers.js [viewers] [seconds] [kbit/s]: what WebRTC viewers cost the server, with both engines in one run;
// and whether others notice one that stands still and one that vanishes without a word. Viewers are real clients in other
// processes; counted is the CPU time of the server's own process and of its WebRTC workers alone.

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { packageRoot } from '../src/config/package-root.js';
import { silenceFfmpeg } from '../src/media/ffmpeg-log.js';
import { RunningAfterglow } from '../test/running-afterglow.js';
import { ENGINES } from '../test/webrtc-engines.js';
import { benchFolder, scaledDemo } from './bench-clip.js';
import { printTable } from './cpu-time.js';
import type { ViewerReport } from './viewer-process.js';

const VIEWERS = Number(process.argv[2] ?? 50);
const SECONDS = Number(process.argv[3] ?? 30);
const KILOBITS = Number(process.argv[4] ?? 300);
/** Client processes for the viewers that are counted. */
const PROCESSES = 2;
/** Ticks of the kernel's clock for processes in a second, as all common Linux systems have it. */
const TICKS = 100;

silenceFfmpeg();
const input = scaledDemo(640, 360);
const config = path.join(benchFolder, 'viewers.yaml');
const stream = { id: 'camera', input, pipeline: 'passthrough', encoder: { bitrate: KILOBITS } };
writeFileSync(config, JSON.stringify({ server: { maxViewers: 200 }, streams: [stream] }));

const pause = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** CPU seconds that a process has used. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Viewers in a process of their own. */
class Viewers {
  readonly process: ChildProcess;

  private constructor(child: ChildProcess) {
    this.process = child;
  }

  static async join(address: string, count: number): Promise<Viewers> {
    const child = fork(path.join(packageRoot, 'dist', 'bench', 'viewer-process.js'), [address, String(count)]);
    const ready = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => null)]);
    if (ready === null) throw new Error('viewers could not join');
    return new Viewers(child);
  }

  async report(): Promise<ViewerReport> {
    this.process.send('report');
    const [report] = (await once(this.process, 'message')) as [ViewerReport];
    return report;
  }

  end(): void {
    this.process.kill('SIGKILL');
  }
}

/** What a span of time cost and gave. */
interface Span {
  /** CPU of the server and its workers, in thousandths of a core. */
  readonly cpu: number;
  /** Packets a second of one viewer. */
  readonly packets: number;
  /** Share of packets that did not come. */
  readonly loss: number;
  readonly bits: number;
}

async function measure(afterglow: RunningAfterglow, groups: readonly Viewers[]): Promise<Span> {
  const pids = [afterglow.process.pid ?? 0, ...afterglow.webRtcWorkers()];
  const cpu = (): number => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  const sum = async (): Promise<ViewerReport> => {
    const reports = await Promise.all(groups.map((group) => group.report()));
    const of = (field: keyof ViewerReport): number => reports.reduce((all, report) => all + report[field], 0);
    return { viewers: of('viewers'), connected: of('connected'), received: of('received'), missing: of('missing'), bytes: of('bytes') }; // prettier-ignore
  };
  const [before, cpuBefore, start] = [await sum(), cpu(), performance.now()];
  await pause(SECONDS);
  const [after, cpuAfter, end] = [await sum(), cpu(), performance.now()];
  const seconds = (end - start) / 1000;
  if (after.connected !== after.viewers) console.log(`only ${after.connected} of ${after.viewers} are connected`);
  const received = after.received - before.received;
  return {
    cpu: (1000 * (cpuAfter - cpuBefore)) / seconds,
    packets: received / seconds / Math.max(1, after.viewers),
    loss: (after.missing - before.missing) / Math.max(1, received),
    bits: (8 * (after.bytes - before.bytes)) / seconds / Math.max(1, after.viewers),
  };
}

const rows: string[][] = [];
const faults: string[][] = [];
for (const { name, environment } of ENGINES) {
  const afterglow = await RunningAfterglow.start(['--config', config], environment);
  const all: Viewers[] = [];
  try {
    await afterglow.statusWhere(({ totals }) => (totals?.encoded ?? 0) > 30);
    const join = async (count: number): Promise<Viewers> => {
      const viewers = await Viewers.join(afterglow.address, count);
      all.push(viewers);
      return viewers;
    };
    const none = await measure(afterglow, []);
    const stalling = await join(1);
    const vanishing = await join(1);
    const two = await measure(afterglow, [stalling, vanishing]);
    const steady: Viewers[] = [];
    for (let i = 0; i < PROCESSES; i++) steady.push(await join(Math.floor((VIEWERS + i) / PROCESSES)));
    const many = await measure(afterglow, [...steady, stalling, vanishing]);
    const perViewer = (many.cpu - two.cpu) / VIEWERS;
    for (const [viewers, span] of [
      ['0', none],
      ['2', two],
      [String(VIEWERS + 2), many],
    ] as const) {
      rows.push([name, viewers, (span.cpu / 10).toFixed(1), viewers === '0' ? '' : span.packets.toFixed(1), viewers === '0' ? '' : (span.bits / 1000).toFixed(0), viewers === '0' || viewers === '2' ? '' : (perViewer / 10).toFixed(3)]); // prettier-ignore
    }
    const undisturbed = await measure(afterglow, steady);
    stalling.process.kill('SIGSTOP');
    vanishing.end();
    const disturbed = await measure(afterglow, steady);
    for (const [what, span] of [
      ['all go on', undisturbed],
      ['one stands still, one has vanished', disturbed],
    ] as const) {
      faults.push([name, what, span.packets.toFixed(1), (100 * span.loss).toFixed(3), (span.cpu / 10).toFixed(1)]);
    }
  } finally {
    for (const viewers of all) viewers.end();
    await afterglow.stop();
  }
}

console.log(`\n${os.cpus()[0]?.model ?? 'unknown processor'}, ${os.availableParallelism()} cores, Node ${process.version}; 640x360, ${KILOBITS} kbit/s, spans of ${SECONDS} s; CPU of the server and its WebRTC workers, without the stream's process:\n`); // prettier-ignore
printTable(
  ['engine', 'viewers', 'CPU % of one core', 'packets/s each', 'kbit/s each', 'CPU % each further viewer'],
  rows,
);
console.log(`\nWhat ${VIEWERS} others receive:\n`);
printTable(['engine', 'meanwhile', 'packets/s each', 'lost %', 'CPU % of one core'], faults);
process.exit(0);
