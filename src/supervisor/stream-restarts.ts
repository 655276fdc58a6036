import { Backoff } from '../stream/backoff.js';
import { RESTART_REASONS, type Restart, type RestartReason } from './stream-status.js';

/** The first restart comes at once, as viewers look at a frozen picture; the next within this time are spaced out. */
const AT_ONCE = 100;
const SOUND_AFTER = 60_000;

/** Restarts of a stream's process: how many there were and why, and how long the next one waits. */
export class StreamRestarts {
  readonly #counts = Object.fromEntries(RESTART_REASONS.map((reason) => [reason, 0])) as Record<RestartReason, number>;
  readonly #backoff = new Backoff();
  #last: Restart | null = null;
  #lastQuick = -Infinity;

  /** How many there were, by reason. */
  get counts(): Readonly<Record<RestartReason, number>> {
    return this.#counts;
  }

  /** How many there were that nobody asked for. */
  get unasked(): number {
    return RESTART_REASONS.reduce((sum, reason) => sum + (reason === 'changed' ? 0 : this.#counts[reason]), 0);
  }

  get last(): Restart | null {
    return this.#last;
  }

  /** A process is started anew. */
  note(why: Pick<Restart, 'reason' | 'message'>): void {
    this.#counts[why.reason]++;
    this.#last = { ...why, at: Date.now() };
  }

  /** Milliseconds until a process that is gone is started anew. */
  nextWait(): number {
    const now = performance.now();
    if (now - this.#lastQuick < SOUND_AFTER) return this.#backoff.next();
    this.#lastQuick = now;
    this.#backoff.succeeded();
    return AT_ONCE;
  }

  /** Milliseconds until it is looked again whether a process can be started at all. */
  nextTry(): number {
    return this.#backoff.next();
  }

  /** Somebody wants a restart: the waits begin anew. */
  asked(): void {
    this.#backoff.succeeded();
  }
}
