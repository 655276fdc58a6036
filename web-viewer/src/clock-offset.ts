/** Round trips that are remembered: clocks of two machines drift apart slowly, so an old quick one is worth keeping. */
const REMEMBERED = 24;

interface RoundTrip {
  readonly milliseconds: number;
  readonly offset: number;
}

/**
 * Estimates the server's clock from pings. Of the last round trips the quickest counts: its answer can have been on its
 * way for no longer than it took in all, and so errs least.
 *
 * Times of this page are those of `performance.now()`, which no correction of the computer's clock moves.
 */
export class ClockOffset {
  readonly #trips: RoundTrip[] = [];
  #best: RoundTrip | null = null;

  /** A ping's answer. sent, received: by this page's clock; serverNow: by the server's, in ms since 1970. */
  add(sent: number, received: number, serverNow: number): void {
    const milliseconds = received - sent;
    if (milliseconds < 0) return;
    this.#trips.push({ milliseconds, offset: serverNow - (sent + milliseconds / 2) });
    if (this.#trips.length > REMEMBERED) this.#trips.shift();
    this.#best = this.#trips.reduce((best, trip) => (trip.milliseconds < best.milliseconds ? trip : best));
  }

  /** Forgets everything: the server may be another one now. */
  reset(): void {
    this.#trips.length = 0;
    this.#best = null;
  }

  /** The server's time now in milliseconds since 1970, or null before the first answer. */
  serverNow(): number | null {
    return this.#best ? performance.now() + this.#best.offset : null;
  }
}
