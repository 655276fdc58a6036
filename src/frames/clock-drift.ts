/** Seconds over which the least delayed arrival is looked for. */
const WINDOW = 1;
/** The drift is the median of so many windows: one late burst moves nothing. */
const WINDOWS = 5;
/** How fast the correction may follow, in seconds a second: 2 % is far beyond any crystal and unseen in motion. */
const SLEW = 0.02;
/** A drift that has run this far away from the correction, in seconds, is of no clock but of timestamps that lie. */
const LARGEST_LAG = 0.4;

/**
 * Measures how one track's clock drifts against ours, and what to add to its timestamps so that they keep pace.
 *
 * Networks only ever delay: the least delayed packet of each window shows the clocks' difference, whatever the jitter.
 */
export class ClockDrift {
  /** Least difference of arrival and timestamp in the window under way. */
  #least = Infinity;
  #windowEnd: number | null = null;
  #base: number | null = null;
  readonly #windows: number[] = [];
  #target = 0;
  #correction = 0;
  #lastArrival = 0;

  /** Takes a packet's timestamp and arrival, both in seconds. */
  add(source: number, arrival: number): void {
    this.#windowEnd ??= arrival + WINDOW;
    this.#least = Math.min(this.#least, arrival - source);
    if (arrival >= this.#windowEnd) this.#closeWindow(arrival);
    const step = SLEW * Math.max(0, Math.min(1, arrival - this.#lastArrival));
    this.#correction += Math.max(-step, Math.min(step, this.#target - this.#correction));
    this.#lastArrival = arrival;
  }

  /** Seconds to add to timestamps. */
  get correction(): number {
    return this.#correction;
  }

  /** Seconds between our clock and the track's, by the least delayed packet; null before the first one. */
  get offset(): number | null {
    return this.#windows.at(-1) ?? (this.#least === Infinity ? null : this.#least);
  }

  /** Whether timestamps run away so fast that they are no clock's. */
  get lies(): boolean {
    return Math.abs(this.#target - this.#correction) > LARGEST_LAG;
  }

  #closeWindow(arrival: number): void {
    this.#windows.push(this.#least);
    if (this.#windows.length > WINDOWS) this.#windows.shift();
    this.#base ??= this.#least;
    const ordered = [...this.#windows].sort((a, b) => a - b);
    this.#target = (ordered[ordered.length >> 1] ?? 0) - this.#base;
    this.#least = Infinity;
    this.#windowEnd = arrival + WINDOW;
  }
}
