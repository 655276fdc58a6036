import { senderReport } from '../../stream/rtcp.js';
import { RTP } from '../../stream/stream-messages.js';
import type { RtpTrack } from '../rtp-feed.js';

/** How often each layer is reported, in milliseconds. */
const REPORT_EVERY = 5000;

/**
 * Tells the worker that timestamps of all layers mean the same, without which it changes over between none of them: reports of
 * all name the same moment for the same timestamp.
 */
export class LayerReports {
  readonly #layers: readonly RtpTrack[];
  readonly #send: (report: Buffer) => void;
  readonly #due = new Map<RtpTrack, number>();

  constructor(layers: readonly RtpTrack[], send: (report: Buffer) => void) {
    this.#layers = layers;
    this.#send = send;
  }

  /** A packet of a layer has gone to the worker, which knows a layer from its first packet on. */
  sent(layer: RtpTrack, rtpTimestamp: number): void {
    const now = performance.now();
    if (now < (this.#due.get(layer) ?? 0)) return;
    this.#due.set(layer, now + REPORT_EVERY);
    const moment = Date.now();
    this.#send(Buffer.concat(this.#layers.map((each) => senderReport(RTP[each].ssrc, moment, rtpTimestamp))));
  }
}
