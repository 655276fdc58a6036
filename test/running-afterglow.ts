import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../src/config/package-root.js';
import type { PublishedStatus } from '../src/server/published-stream.js';

const PROGRAM = path.join(packageRoot, 'dist', 'src', 'cli', 'afterglow.js');

/** How a run of the program ended. */
export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** The program as a user starts it. */
export class RunningAfterglow {
  readonly process: ChildProcess;
  #output = '';
  readonly #outcome: Promise<Outcome>;
  #address = '';

  private constructor(args: readonly string[], environment: Record<string, string>) {
    this.process = spawn(process.execPath, [PROGRAM, 'run', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
      // A group of its own, as a terminal gives: signals can be sent to all of it.
      detached: true,
    });
    const hear = (chunk: Buffer): void => {
      this.#output += chunk.toString();
      this.process.emit('output');
    };
    this.process.stdout?.on('data', hear);
    this.process.stderr?.on('data', hear);
    this.#outcome = once(this.process, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      output: this.#output,
    }));
  }

  /** Starts the program on a free port and waits for its address. */
  static async start(args: readonly string[], environment: Record<string, string> = {}): Promise<RunningAfterglow> {
    const running = new RunningAfterglow(['--port', '0', ...args], environment);
    const match = await running.outputMatching(/Open (https?:\/\/\S+) in a browser/);
    running.#address = match[1] ?? '';
    return running;
  }

  /** Runs the program to its end. */
  static toEnd(args: readonly string[], environment: Record<string, string> = {}): Promise<Outcome> {
    return new RunningAfterglow(args, environment).outcome;
  }

  /** Where the viewer page is, with a slash at the end. */
  get address(): string {
    return this.#address;
  }

  /** Everything printed so far. */
  get output(): string {
    return this.#output;
  }

  /** How it ended, once it has. */
  get outcome(): Promise<Outcome> {
    return this.#outcome;
  }

  /** Waits until what was printed matches. Throws if the program ends first. */
  async outputMatching(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#output);
      if (match) return match;
      const ended = await Promise.race([once(this.process, 'output').then(() => null), this.#outcome]);
      if (ended && !pattern.test(this.#output)) throw new Error(`the program ended (${ended.code}):\n${ended.output}`);
    }
  }

  /** Status of a stream by the API. */
  async status(id = 'camera'): Promise<PublishedStatus> {
    const response = await fetch(`${this.#address}api/streams/${id}`);
    if (!response.ok) throw new Error(`status ${response.status}`);
    return (await response.json()) as PublishedStatus;
  }

  /** Polls a stream's status until it is as wanted. */
  async statusWhere(
    wanted: (status: PublishedStatus) => boolean,
    id = 'camera',
    seconds = 120,
  ): Promise<PublishedStatus> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const status = await this.status(id);
      if (wanted(status)) return status;
      if (Date.now() > deadline)
        throw new Error(`not within ${seconds} s; last: ${JSON.stringify(status)}\n${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Sends a signal to the program alone, or to its whole group as a terminal's Ctrl-C does. */
  signal(signal: NodeJS.Signals, group = false): void {
    const { pid } = this.process;
    if (pid !== undefined) process.kill(group ? -pid : pid, signal);
  }

  /** Ends the program and waits for it. */
  async stop(): Promise<Outcome> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.signal('SIGTERM');
    return this.#outcome;
  }

  /** Processes of its streams: those that descend from the program, by /proc, but for its WebRTC workers. */
  descendants(): number[] {
    const { pid } = this.process;
    return pid === undefined ? [] : childrenOf(pid).filter((child) => !isWebRtcWorker(child));
  }

  /** Its WebRTC workers. */
  webRtcWorkers(): number[] {
    const { pid } = this.process;
    return pid === undefined ? [] : childrenOf(pid).filter(isWebRtcWorker);
  }
}

/** Whether a process exists and is not a zombie. */
export function isRunning(pid: number): boolean {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return false;
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(file, 'utf8'));
  } catch {
    return false;
  }
}

function isWebRtcWorker(pid: number): boolean {
  try {
    // The kernel keeps 15 letters of a name.
    return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('mediasoup-worke');
  } catch {
    return false;
  }
}

function childrenOf(pid: number): number[] {
  const children: number[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const parent = /^\d+ \(.*\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))?.[1];
      if (Number(parent) === pid) children.push(Number(name), ...childrenOf(Number(name)));
    } catch {
      // Gone in the meantime.
    }
  }
  return children;
}
