import { accessSync, constants } from 'node:fs';
import type { StreamState } from '../stream/stream-messages.js';
import type { LoopWatch } from './metrics.js';
import type { StreamRegistry } from './stream-registry.js';

/** The event loop's delay above which the server counts as stuck, in seconds. */
const LONGEST_DELAY = 1;

/** Whether all is well, and what is not. Names no stream: whoever asks need not be known. */
export interface HealthReport {
  readonly status: 'ok' | 'failing';
  readonly failed: readonly string[];
  /** How many streams are in each state. */
  readonly streams: Readonly<Record<StreamState['kind'], number>>;
}

/** Answers orchestrators: whether to start the server anew, and whether to send it viewers. */
export class Health {
  readonly #streams: StreamRegistry;
  readonly #loop: LoopWatch;
  readonly #hlsRoot: string;
  #started = false;
  #stopping = false;

  constructor(streams: StreamRegistry, loop: LoopWatch, hlsRoot: string) {
    this.#streams = streams;
    this.#loop = loop;
    this.#hlsRoot = hlsRoot;
  }

  /** The server listens, and the streams have been started. */
  started(): void {
    this.#started = true;
  }

  /** The server is about to end. */
  stopping(): void {
    this.#stopping = true;
  }

  /** Whether the server works; if not, it is to be started anew. Cameras that are away change nothing. */
  alive(): HealthReport {
    const overdue = this.#streams.all.filter(({ handle }) => handle.overdue).length;
    return this.#report([
      this.#loop.p99 >= LONGEST_DELAY && `event-loop: it kept things waiting for ${this.#loop.p99.toFixed(2)} s`,
      overdue > 0 && `stream-processes: ${overdue} silent, and not to be ended`,
    ]);
  }

  /** Whether the server can serve viewers at this moment. */
  ready(): HealthReport {
    const silent = this.#streams.all.filter(({ handle }) => !handle.begun && handle.state.kind !== 'failed').length;
    return this.#report([
      this.#stopping && 'stopping: the server is about to end',
      !this.#started && 'starting: the server has not started its streams yet',
      silent > 0 && `streams: ${silent} not heard of yet`,
      !isWritable(this.#hlsRoot) && 'hls-folder: it cannot be written to',
    ]);
  }

  #report(checks: readonly (string | false)[]): HealthReport {
    const failed = checks.filter((check) => check !== false);
    const streams = { starting: 0, live: 0, reconnecting: 0, ended: 0, failed: 0 };
    for (const { handle } of this.#streams.all) streams[handle.state.kind]++;
    return { status: failed.length === 0 ? 'ok' : 'failing', failed, streams };
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
