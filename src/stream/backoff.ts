/** First and longest wait between attempts, in milliseconds. */
const FIRST = 1000;
const LONGEST = 60_000;
/** Each wait is up to this share shorter than its limit, so that many streams do not all try at one moment. */
const JITTER = 0.3;

/** Waits between attempts that double up to a minute, with jitter. */
export class Backoff {
  #limit = FIRST;

  /** Milliseconds to wait before the next attempt. */
  next(): number {
    const wait = this.#limit * (1 - JITTER * Math.random());
    this.#limit = Math.min(LONGEST, this.#limit * 2);
    return Math.round(wait);
  }

  /** The attempt went well: begin with short waits again. */
  succeeded(): void {
    this.#limit = FIRST;
  }
}
