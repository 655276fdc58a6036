import { fork, type ChildProcess } from 'node:child_process';
import os from 'node:os';
import { AfterglowError } from '../errors/afterglow-error.js';
import { childEnvironment } from '../config/child-environment.js';
import type { RoomFacts, RoomOutcome, RoomProgress } from './room-item.js';
import type { RoomCommand, RoomEvent } from './room-messages.js';

/** Films and pictures give way to live streams, and to the server. */
const PRIORITY = 15;
/** From asking a process to stop its work to ending it, in milliseconds: a look through a film hears nothing. */
const GRACE = 2500;
/** Megabytes of JavaScript's own heap; pictures lie outside it. */
const HEAP = 1024;

const PROCESS = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/src/film-room/room-worker.js' : './room-worker.js',
  import.meta.url,
);

/** What is heard of a piece of work while it goes on. */
export interface WorkEvents {
  readonly progress?: (progress: RoomProgress) => void;
  readonly shots?: (shots: readonly number[]) => void;
}

/** What ends a piece of work. */
type LastEvent = Extract<RoomEvent, { kind: 'looked' | 'made' | 'failed' | 'stopped' }>;

/** How a piece of work ended: null where it was stopped. */
export type WorkResult =
  { readonly kind: 'looked'; readonly facts: RoomFacts } | { readonly kind: 'made'; readonly outcome: Omit<RoomOutcome, 'seconds'> } | null; // prettier-ignore

/** A process of the film room: a hostile file harms it alone. It does one thing at a time, and is started when needed. */
export class RoomProcess {
  readonly #idleAfter: number;
  #child: ChildProcess | null = null;
  #end: ((event: LastEvent) => void) | null = null;
  #events: WorkEvents = {};
  #stopping: NodeJS.Timeout | null = null;
  #idle: NodeJS.Timeout | null = null;

  /** idleAfter: milliseconds without work after which the process ends. */
  constructor(idleAfter: number) {
    this.#idleAfter = idleAfter;
  }

  /** Whether something is being done. */
  get isBusy(): boolean {
    return this.#end !== null;
  }

  /** Starts the process: there will be something to do soon. */
  prepare(): void {
    this.#child ??= this.#start();
    if (!this.isBusy) this.#rest();
  }

  /** Does one thing. Throws AfterglowError where it cannot be done. */
  async work(command: Exclude<RoomCommand, { kind: 'stop' }>, events: WorkEvents = {}): Promise<WorkResult> {
    if (this.#idle) clearTimeout(this.#idle);
    const child = (this.#child ??= this.#start());
    this.#events = events;
    const ended = new Promise<LastEvent>((resolve) => {
      this.#end = resolve;
    });
    child.send(command, () => undefined);
    const event = await ended;
    this.#end = null;
    if (this.#stopping) clearTimeout(this.#stopping);
    this.#stopping = null;
    this.#rest();
    if (event.kind === 'failed') throw AfterglowError.fromReport(event.error);
    return event.kind === 'stopped' ? null : event;
  }

  /** Ends what is being done, which then resolves as stopped. */
  stop(): void {
    const child = this.#child;
    if (!child || !this.isBusy || this.#stopping) return;
    child.send({ kind: 'stop' } satisfies RoomCommand, () => undefined);
    this.#stopping = setTimeout(() => child.kill('SIGKILL'), GRACE);
  }

  /** Ends the process. */
  close(): void {
    if (this.#idle) clearTimeout(this.#idle);
    const child = this.#child;
    this.#child = null;
    child?.kill('SIGKILL');
  }

  /** Nothing is to be done just now. */
  #rest(): void {
    if (this.#idle) clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.close(), this.#idleAfter).unref();
  }

  #start(): ChildProcess {
    const child = fork(PROCESS, [], {
      serialization: 'advanced',
      execArgv: [`--max-old-space-size=${HEAP}`],
      env: childEnvironment(),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    child.on('message', (event: RoomEvent) => this.#hear(event));
    child.on('error', () => undefined);
    child.once('exit', (code, signal) => this.#gone(child, signal ?? `code ${code}`));
    if (child.pid !== undefined) {
      try {
        os.setPriority(child.pid, PRIORITY);
      } catch {
        // Not everywhere allowed.
      }
    }
    return child;
  }

  #hear(event: RoomEvent): void {
    if (event.kind === 'progress') this.#events.progress?.(event.progress);
    else if (event.kind === 'shots') this.#events.shots?.(event.shots);
    else this.#end?.(event);
  }

  #gone(child: ChildProcess, how: string): void {
    if (this.#child === child) this.#child = null;
    if (this.#stopping || this.#child !== null) {
      this.#end?.({ kind: 'stopped' });
      return;
    }
    const error = new AfterglowError('input-unreadable', `the process that worked on it ended (${how})`, {
      remedy: 'try again; if it ends again, the file is damaged in a way that should be reported',
      retryable: true,
    });
    this.#end?.({ kind: 'failed', error: error.toReport() });
  }
}
