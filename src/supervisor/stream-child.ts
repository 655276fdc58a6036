import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import type { StreamCommand, StreamEvent } from '../stream/stream-messages.js';
import { childEnvironment } from '../config/child-environment.js';

/** From asking a process to end to ending it, in milliseconds. */
const GRACE = 1600;
/** A process that is still there this long after it was to end cannot be ended: the kernel holds it. */
const LONGEST_END = GRACE + 5000;
/** How long what a process said before its end may take to be heard, in milliseconds. */
const LAST_WORDS = 500;
/** Streams give way to the supervisor, which serves all of them. */
const PRIORITY = 5;
/** How much rather than others the kernel ends a stream when memory runs out, of 1000. */
const OOM_SCORE = '500';
/**
 * Young generation of each thread's heap, in megabytes: what is thrown away with it, such as packets outside the heap, goes
 * soon and does not pile up. The hot paths leave little.
 */
const YOUNG = 1;
/** Share of a stream's memory limit that JavaScript's own heap may take; pictures lie outside it. */
const HEAP_SHARE = 0.5;

const PROCESS = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/src/stream/stream-process.js' : '../stream/stream-process.js',
  import.meta.url,
);

/** What a child tells. */
export interface StreamChildEvents {
  said: [event: StreamEvent];
  /** It is gone; `how`: the signal or the exit code. */
  gone: [how: string];
  unstartable: [why: string];
}

/** One process of a stream: started with what it needs and nothing else, and ended for certain. */
export class StreamChild extends EventEmitter<StreamChildEvents> {
  readonly #process: ChildProcess;
  #endAskedAt = 0;

  /** memoryLimit: megabytes that the whole process may take. */
  constructor(memoryLimit: number) {
    super();
    this.#process = fork(PROCESS, [], {
      serialization: 'advanced',
      execArgv: [`--max-old-space-size=${Math.floor(memoryLimit * HEAP_SHARE)}`, `--max-semi-space-size=${YOUNG}`],
      env: childEnvironment(),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#process.on('message', (event: StreamEvent) => this.emit('said', event));
    this.#process.on('error', (error) => {
      if (this.#process.pid === undefined) this.emit('unstartable', error.message);
    });
    this.#process.once('exit', (code, signal) => this.#left(signal ?? `code ${code}`));
    if (this.#process.pid !== undefined) giveWay(this.#process.pid);
  }

  /** Sends a command; nothing if the process cannot hear any more. False says that it cannot. */
  send(command: StreamCommand): boolean {
    if (!this.#process.connected) return false;
    this.#process.send(command, () => undefined);
    return true;
  }

  /** Asks the process to end, and ends it when it does not. Resolves when it is gone. */
  async end(): Promise<void> {
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const gone = new Promise<void>((resolve) => this.once('gone', () => resolve()));
    if (this.#endAskedAt === 0) {
      this.#endAskedAt = Date.now();
      this.send({ kind: 'stop' });
      const force = setTimeout(() => child.kill('SIGKILL'), GRACE);
      child.once('exit', () => clearTimeout(force));
    }
    await gone;
  }

  /** Its last words may come after its end: it is gone when both are over. */
  #left(how: string): void {
    let gone = false;
    const tell = (): void => {
      if (!gone) this.emit('gone', how);
      gone = true;
    };
    if (!this.#process.connected) tell();
    this.#process.once('disconnect', tell);
    setTimeout(tell, LAST_WORDS).unref();
  }

  /** Whether it was to end, and is still there long after. */
  get overdue(): boolean {
    return this.#endAskedAt > 0 && Date.now() - this.#endAskedAt > LONGEST_END;
  }

  /** Whether it has been asked to end. */
  get ending(): boolean {
    return this.#endAskedAt > 0;
  }
}

/** Lowers a process below the supervisor, for the scheduler and for the kernel that looks for memory. */
function giveWay(pid: number): void {
  try {
    os.setPriority(pid, PRIORITY);
  } catch {
    // Not everywhere allowed, and nowhere needed for the stream itself.
  }
  if (process.platform !== 'linux') return;
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, OOM_SCORE);
  } catch {
    // As above.
  }
}
