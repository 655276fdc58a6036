import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { types } from 'mediasoup';
import type { Rendition } from '../../stream/stream-messages.js';
import {
  VIEWER_SIZES,
  type Reception,
  type ViewerSize,
  type ViewerStatistics,
  type WebRtcViewer,
} from '../webrtc-engine.js';

/** A viewer whose connection is not up after this long, in milliseconds, is given up. */
const LONGEST_CONNECT = 15_000;

/** A worker that does not answer within this time, in milliseconds, holds up nobody who only wants figures. */
const LONGEST_ANSWER = 1000;

const NOTHING: ViewerStatistics = {
  bytesSent: 0,
  packetsLost: 0,
  nacks: 0,
  keyFrameRequests: 0,
  roundTripSeconds: null,
  availableBitsPerSecond: null,
};

/** A viewer that a worker serves. */
export class MediasoupViewer implements WebRtcViewer {
  readonly id = randomUUID();
  readonly rendition: Rendition;
  readonly answer: string;
  readonly #transport: types.WebRtcTransport;
  readonly #video: types.Consumer;
  readonly #consumers: readonly types.Consumer[];
  readonly #needsListeners: (() => void)[] = [];
  #wanted: Rendition;
  #shown: Rendition;
  readonly #gone: (() => void)[] = [];
  #statistics: ViewerStatistics = NOTHING;
  #closing: Promise<void> | null = null;

  constructor(
    rendition: Rendition,
    answer: string,
    transport: types.WebRtcTransport,
    { video, audio }: { readonly video: types.Consumer; readonly audio: types.Consumer | null },
  ) {
    this.rendition = this.#wanted = this.#shown = rendition;
    this.answer = answer;
    this.#transport = transport;
    this.#video = video;
    this.#consumers = audio ? [video, audio] : [video];
    video.on('layerschange', (layers) => {
      const size = layers && VIEWER_SIZES[layers.spatialLayer];
      if (!size || size === this.#shown) return;
      this.#shown = size;
      this.#tellNeeds();
    });
    const impatience = setTimeout(() => void this.close(), LONGEST_CONNECT);
    transport.on('dtlsstatechange', (state) => {
      if (state === 'connected') clearTimeout(impatience);
      if (state === 'failed' || state === 'closed') void this.close();
    });
    // The viewer has not said for half a minute that it still wants the packets (RFC 7675).
    transport.on('icestatechange', (state) => {
      if (state === 'disconnected' || state === 'closed') void this.close();
    });
    // Also when the router or its worker ends.
    transport.observer.once('close', () => {
      clearTimeout(impatience);
      for (const listener of this.#gone.splice(0)) listener();
    });
  }

  onGone(listener: () => void): void {
    if (this.#transport.closed) listener();
    else this.#gone.push(listener);
  }

  get needs(): ReadonlySet<Rendition> {
    return new Set([this.#wanted, this.#shown]);
  }

  onNeeds(listener: () => void): void {
    this.#needsListeners.push(listener);
  }

  show(size: ViewerSize): void {
    if (this.rendition !== 'enhanced' || size === this.#wanted || this.#transport.closed) return;
    this.#wanted = size;
    this.#tellNeeds();
    // The worker changes over at the next key frame, which it asks for. One that has died has no viewers any more.
    this.#video.setPreferredLayers({ spatialLayer: VIEWER_SIZES.indexOf(size) }).catch(() => undefined);
  }

  async reception(): Promise<Reception | null> {
    const answer = await this.#ask(() => this.#video.getStats());
    const sent = answer?.find((each) => each.type === 'outbound-rtp');
    if (!sent) return null;
    const { packetCount, packetsLost, roundTripTime } = sent;
    return {
      packetsSent: packetCount,
      packetsLost: Math.max(0, packetsLost),
      // In milliseconds, and 0 until a receiver report came.
      roundTripSeconds: roundTripTime ? roundTripTime / 1000 : null,
    };
  }

  async statistics(): Promise<ViewerStatistics> {
    const answer = await this.#ask(() =>
      Promise.all([this.#transport.getStats(), ...this.#consumers.map((consumer) => consumer.getStats())]),
    );
    // If it has ended in the meantime, the figures before stand.
    if (!answer) return this.#statistics;
    const [transports, ...consumers] = answer;
    const sent = consumers.flat().filter((each) => each.type === 'outbound-rtp');
    const sum = (of: (stat: (typeof sent)[number]) => number): number => sent.reduce((all, stat) => all + of(stat), 0);
    // In milliseconds, and 0 until a receiver report came.
    const roundTrips = sent.map(({ roundTripTime }) => roundTripTime ?? 0).filter((each) => each > 0);
    this.#statistics = {
      bytesSent: sum(({ byteCount }) => byteCount),
      packetsLost: sum(({ packetsLost }) => Math.max(0, packetsLost)),
      nacks: sum(({ nackCount }) => nackCount),
      keyFrameRequests: sum(({ pliCount, firCount }) => pliCount + firCount),
      roundTripSeconds: roundTrips.length > 0 ? Math.max(...roundTrips) / 1000 : null,
      availableBitsPerSecond: transports[0]?.availableOutgoingBitrate ?? null,
    };
    return this.#statistics;
  }

  close(): Promise<void> {
    this.#closing ??= this.statistics().then(() => this.#transport.close());
    return this.#closing;
  }

  /** What the worker answers; null where it does not in time, or where the connection has ended. */
  async #ask<Answer>(question: () => Promise<Answer>): Promise<Answer | null> {
    if (this.#transport.closed) return null;
    try {
      return await Promise.race([question(), pause(LONGEST_ANSWER, null, { ref: false })]);
    } catch {
      return null;
    }
  }

  #tellNeeds(): void {
    for (const listener of this.#needsListeners) listener();
  }
}
