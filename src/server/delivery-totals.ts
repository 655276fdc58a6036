import type { ViewerStatistics, WebRtcViewer } from '../publish/webrtc-engine.js';

/** Figures are asked for once for all who want them within this time, in milliseconds. */
const FRESH = 1000;

/** How sending to all viewers of a stream went, since the stream is there. */
export interface Delivery {
  readonly bytesSent: number;
  readonly packetsLost: number;
  readonly nacks: number;
  readonly keyFrameRequests: number;
  /** The longest of those who watch now; null while none is known. */
  readonly roundTripSeconds: number | null;
  /** The least of those who watch now; null while none is known. */
  readonly availableBitsPerSecond: number | null;
}

type Counters = Pick<Delivery, 'bytesSent' | 'packetsLost' | 'nacks' | 'keyFrameRequests'>;

/** Adds up what is sent to viewers; what was sent to those who have gone stays counted. */
export class DeliveryTotals {
  readonly #present = new Set<WebRtcViewer>();
  /** Viewers that have gone and whose last figures are not there yet. */
  readonly #leaving = new Set<WebRtcViewer>();
  #gone: Counters = { bytesSent: 0, packetsLost: 0, nacks: 0, keyFrameRequests: 0 };
  #asked: { readonly at: number; readonly answer: Promise<Delivery> } | null = null;

  /** A viewer has come. */
  add(viewer: WebRtcViewer): void {
    this.#present.add(viewer);
    viewer.onGone(() => {
      this.#present.delete(viewer);
      this.#leaving.add(viewer);
      void viewer.statistics().then((last) => {
        this.#leaving.delete(viewer);
        this.#gone = plus(this.#gone, last);
      });
    });
  }

  /** The sums of now. */
  read(): Promise<Delivery> {
    const now = performance.now();
    if (!this.#asked || now - this.#asked.at > FRESH) this.#asked = { at: now, answer: this.#sum() };
    return this.#asked.answer;
  }

  async #sum(): Promise<Delivery> {
    const viewers = [...this.#present, ...this.#leaving];
    const each = await Promise.all(viewers.map(async (viewer) => ({ viewer, now: await viewer.statistics() })));
    // Nothing waits from here on: those whose figures have been added meanwhile must not count twice.
    const counted = each.filter(({ viewer }) => this.#present.has(viewer) || this.#leaving.has(viewer));
    const counters = counted.reduce((sum, { now }) => plus(sum, now), this.#gone);
    const known = (of: (now: ViewerStatistics) => number | null): number[] =>
      counted.flatMap(({ viewer, now }) => (this.#present.has(viewer) ? (of(now) ?? []) : []));
    const roundTrips = known(({ roundTripSeconds }) => roundTripSeconds);
    const available = known(({ availableBitsPerSecond }) => availableBitsPerSecond);
    return {
      ...counters,
      roundTripSeconds: roundTrips.length > 0 ? Math.max(...roundTrips) : null,
      availableBitsPerSecond: available.length > 0 ? Math.min(...available) : null,
    };
  }
}

function plus(sum: Counters, one: Counters): Counters {
  return {
    bytesSent: sum.bytesSent + one.bytesSent,
    packetsLost: sum.packetsLost + one.packetsLost,
    nacks: sum.nacks + one.nacks,
    keyFrameRequests: sum.keyFrameRequests + one.keyFrameRequests,
  };
}
