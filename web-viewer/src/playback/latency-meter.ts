import type { RtpAnchor } from '../../../src/stream/stream-messages.js';

/** RTP timestamps of video rise by this many in a millisecond. */
const RTP_TICKS_PER_MS = 90;
/** Share of a new sample in the mean: it follows within about a second. */
const WEIGHT = 0.08;
/** Samples outside this range, in milliseconds, come from a clock or an anchor that is being replaced. */
const LEAST = -250;
const MOST = 60_000;

/**
 * When the picture with an RTP timestamp came in at the server, in milliseconds since 1970 by its clock. The difference
 * to the anchor is taken as a signed 32-bit number: timestamps begin again at 0 every 13 hours.
 */
export function pictureArrival(anchor: RtpAnchor, rtpTimestamp: number): number {
  return anchor.arrival + ((rtpTimestamp - anchor.rtpTimestamp) | 0) / RTP_TICKS_PER_MS;
}

/** A steadied mean of how old pictures are when they are shown. */
export class LatencyMeter {
  #mean: number | null = null;
  #strangers = 0;

  /** age: milliseconds from a picture's arrival at the server to its being shown. */
  add(age: number): void {
    if (!(age > LEAST && age < MOST)) return;
    // A lasting change, such as after a seek, is taken over at once rather than crept up to.
    const isStranger = this.#mean !== null && Math.abs(age - this.#mean) > Math.max(200, this.#mean / 2);
    this.#strangers = isStranger ? this.#strangers + 1 : 0;
    if (this.#mean === null || this.#strangers > 10) {
      this.#mean = age;
      this.#strangers = 0;
    } else {
      this.#mean += (age - this.#mean) * WEIGHT;
    }
  }

  /** Begins anew. */
  reset(): void {
    this.#mean = null;
    this.#strangers = 0;
  }

  /** Milliseconds, or null before the first sample. */
  get milliseconds(): number | null {
    return this.#mean === null ? null : Math.max(0, this.#mean);
  }
}
