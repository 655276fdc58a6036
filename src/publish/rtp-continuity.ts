/**
 * Timestamps of several senders in turn: they go on where the last sender left them. Tracks whose senders have one clock and
 * one origin share it, so that equal timestamps stay equal.
 */
export class RtpTimeline {
  readonly #clock: number;
  #shift = 0;
  #last: { readonly timestamp: number; readonly seconds: number } | null = null;
  #newSource = false;

  /** clock: ticks a second. */
  constructor(clock: number) {
    this.#clock = clock;
  }

  /** The next timestamp comes from another sender. */
  expectNewSource(): void {
    this.#newSource = true;
  }

  /** A sender's timestamp as viewers see it. */
  steady(ofSender: number): number {
    return (ofSender + this.#shift) >>> 0;
  }

  /** The same of one that has just come. seconds: now, by any steady clock. */
  take(ofSender: number, seconds: number): number {
    if (this.#newSource && this.#last) {
      const passed = Math.max(1, Math.round((seconds - this.#last.seconds) * this.#clock));
      this.#shift = (this.#last.timestamp + passed - ofSender) >>> 0;
    }
    this.#newSource = false;
    const timestamp = this.steady(ofSender);
    // One of several tracks may be a little behind the others.
    if (!this.#last || ((timestamp - this.#last.timestamp) | 0) > 0) this.#last = { timestamp, seconds };
    return timestamp;
  }
}

/** A track that was silent for longer than this, in seconds, may be another encoder's: one that was not wanted for a while. */
const SILENCE = 1;

/** Sequence numbers of several senders in turn: they go on where the last sender left them. */
export class RtpSequence {
  #shift = 0;
  #last: { readonly number: number; readonly seconds: number } | null = null;
  #newSource = false;

  /** The next packet comes from another sender. */
  expectNewSource(): void {
    this.#newSource = true;
  }

  /** A sender's sequence number, of a packet that has just come, as viewers see it. seconds: now, by any steady clock. */
  take(ofSender: number, seconds: number): number {
    if (this.#last && (this.#newSource || seconds - this.#last.seconds > SILENCE))
      this.#shift = (this.#last.number + 1 - ofSender) & 0xffff;
    this.#newSource = false;
    const number = (ofSender + this.#shift) & 0xffff;
    this.#last = { number, seconds };
    return number;
  }
}
