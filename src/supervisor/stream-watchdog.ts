import type { StreamState, StreamStats } from '../stream/stream-messages.js';

/** A process that says nothing for this long hangs, in milliseconds ... */
const LONGEST_SILENCE = 5000;
/** ... and before its first word, which takes its time when many start at once. */
const LONGEST_START = 30_000;
/** A live stream that sends no picture for this long hangs, however alive its process looks. */
const LONGEST_STANDSTILL = 10_000;
/** Reports in a row above the memory limit after which a process is not sound. */
const MEMORY_REPORTS = 2;
/** How often a watchdog is to be asked, in milliseconds. */
export const WATCH_EVERY = 1000;

/** What is wrong with a process. */
export interface Unsoundness {
  readonly reason: 'hung' | 'memory';
  readonly message: string;
}

/** Watches one process of a stream for silence, standstill and memory. All times are in milliseconds since 1970. */
export class StreamWatchdog {
  readonly #memoryLimit: number;
  #heard = false;
  #lastEvent: number;
  #lastPicture: number;
  #lastSent = 0;
  #overLimit = 0;
  #memoryBytes = 0;
  #lastLook: number;

  /** memoryLimit: in megabytes. */
  constructor(memoryLimit: number, now = Date.now()) {
    this.#memoryLimit = memoryLimit;
    this.#lastEvent = this.#lastPicture = this.#lastLook = now;
  }

  /** The process has said something. */
  heard(now = Date.now()): void {
    this.#heard = true;
    this.#lastEvent = now;
  }

  /** The stream has come live, and has its time to send a picture. */
  live(now = Date.now()): void {
    this.#lastPicture = now;
  }

  /** Takes a report. */
  take({ counters, memoryBytes }: Pick<StreamStats, 'counters' | 'memoryBytes'>, now = Date.now()): void {
    // Placeholders are pictures, too: while the camera is away, they are all that is sent.
    const sent = counters.encoded + counters.placeholders;
    if (sent > this.#lastSent) {
      this.#lastSent = sent;
      this.#lastPicture = now;
    }
    this.#memoryBytes = memoryBytes;
    this.#overLimit = memoryBytes > this.#memoryLimit * 1e6 ? this.#overLimit + 1 : 0;
  }

  /** What is wrong with the process, or null. */
  look(state: StreamState['kind'], now = Date.now()): Unsoundness | null {
    // After this process itself stood still, what the streams said meanwhile is heard first.
    const wasAsleep = now - this.#lastLook > 3 * WATCH_EVERY;
    this.#lastLook = now;
    if (wasAsleep) return null;
    if (this.#overLimit >= MEMORY_REPORTS) {
      const megabytes = Math.round(this.#memoryBytes / 1e6);
      return {
        reason: 'memory',
        message: `its process takes ${megabytes} MB, more than memoryLimit (${this.#memoryLimit} MB)`,
      };
    }
    if (now - this.#lastEvent > this.#longestSilence) return { reason: 'hung', message: 'its process does not answer' };
    if (state === 'live' && now - this.#lastPicture > LONGEST_STANDSTILL) {
      return { reason: 'hung', message: 'no picture has come for ten seconds' };
    }
    return null;
  }

  /** Whether the process has been silent for so long that it should have been ended long since. */
  overdue(now = Date.now()): boolean {
    return now - this.#lastEvent > this.#longestSilence + LONGEST_SILENCE;
  }

  get #longestSilence(): number {
    return this.#heard ? LONGEST_SILENCE : LONGEST_START;
  }
}
