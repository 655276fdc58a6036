import type { Reception, ViewerSize } from './webrtc-engine.js';

/** Shares of the packets that are lost: beyond the first at once, beyond the second twice running, a connection is too slow. */
const SEVERE_LOSS = 0.25;
const HEAVY_LOSS = 0.08;
/** Up to this share it is good. */
const LIGHT_LOSS = 0.02;
/** In its first so many seconds a connection may lose packets once, before its client listens. */
const SETTLING = 10;
/** Round trips beyond four times the shortest and by so much longer, in seconds, come from a queue that fills. */
const LONG_QUEUE = 0.4;
/** Fewer packets than this say nothing. */
const LEAST_PACKETS = 20;
/** A good connection is tried with the whole picture again after so many seconds; each failure doubles them. */
const FIRST_WAIT = 10;
const LONGEST_WAIT = 320;
/** The whole picture that is lost again within so many seconds was a failure. */
const TRIAL = 20;

/**
 * Chooses the size that a viewer's connection carries, by what it reports: most clients tell what they lose, and few of them how
 * much their way would carry.
 */
export class SizeChoice {
  #size: ViewerSize = 'enhanced';
  #last: Reception | null = null;
  #since: number | null = null;
  #shortestRoundTrip = Infinity;
  #wasHeavy = false;
  #wait = FIRST_WAIT;
  #enlargedAt = -Infinity;
  #goodSince = 0;

  /** What suits. */
  get size(): ViewerSize {
    return this.#size;
  }

  /** Takes the next report. seconds: now, by any steady clock. */
  take(report: Reception, seconds: number): ViewerSize {
    const last = this.#last ?? report;
    this.#since ??= seconds;
    const sent = report.packetsSent - last.packetsSent;
    if (this.#last && sent < LEAST_PACKETS) return this.#size;
    this.#last = report;
    // Retransmission may make up for losses that were reported before.
    const loss = sent > 0 ? Math.max(0, report.packetsLost - last.packetsLost) / sent : 0;
    const queues = this.#queues(report.roundTripSeconds);
    if (this.#size === 'enhanced') this.#watchWhole(loss, queues, seconds);
    else this.#watchSmall(loss, queues, seconds);
    return this.#size;
  }

  #watchWhole(loss: number, queues: boolean, seconds: number): void {
    const isHeavy = loss > HEAVY_LOSS || queues;
    const hasSettled = seconds - (this.#since ?? seconds) > SETTLING;
    if ((loss > SEVERE_LOSS && hasSettled) || (isHeavy && this.#wasHeavy)) {
      const hasFailed = seconds - this.#enlargedAt < TRIAL;
      this.#wait = hasFailed ? Math.min(2 * this.#wait, LONGEST_WAIT) : FIRST_WAIT;
      this.#size = 'small';
      this.#goodSince = seconds;
    }
    this.#wasHeavy = isHeavy && this.#size === 'enhanced';
  }

  #watchSmall(loss: number, queues: boolean, seconds: number): void {
    if (loss > LIGHT_LOSS || queues) this.#goodSince = seconds;
    if (seconds - this.#goodSince < this.#wait) return;
    this.#size = 'enhanced';
    this.#enlargedAt = seconds;
  }

  #queues(roundTrip: number | null): boolean {
    if (roundTrip === null) return false;
    this.#shortestRoundTrip = Math.min(this.#shortestRoundTrip, roundTrip);
    return roundTrip > 4 * this.#shortestRoundTrip && roundTrip > this.#shortestRoundTrip + LONG_QUEUE;
  }
}
