import { AfterglowError } from '../errors/afterglow-error.js';
import { RtpFeed } from '../publish/rtp-feed.js';
import { adaptSize } from '../publish/size-adaptation.js';
import type { WebRtcEngine, WebRtcViewer } from '../publish/webrtc-engine.js';
import {
  EXTRA_RENDITIONS,
  RENDITIONS,
  type ExtraRendition,
  type Rendition,
  type RtpAnchor,
} from '../stream/stream-messages.js';
import type { StreamHandle } from '../supervisor/stream-handle.js';
import type { StreamStatus } from '../supervisor/stream-status.js';
import { DeliveryTotals } from './delivery-totals.js';
import { OnDemandHls } from './on-demand-hls.js';

/** A stream as viewers see it: its status, with how many watch. */
export interface PublishedStatus extends StreamStatus {
  readonly viewers: number;
  /** How many of them are sent half the size, as their connection carries no more. */
  readonly reducedViewers: number;
  /** What is made of it at this moment. */
  readonly renditions: readonly Rendition[];
}

/** A stream with its viewers. */
export class PublishedStream {
  readonly handle: StreamHandle;
  readonly #feed: RtpFeed;
  readonly #engine: WebRtcEngine;
  readonly #maxViewers: () => number;
  readonly #viewers = new Map<string, WebRtcViewer>();
  /** How sending to its viewers goes. */
  readonly delivery = new DeliveryTotals();
  readonly #onDemand: OnDemandHls;
  #joining = 0;

  private constructor(handle: StreamHandle, feed: RtpFeed, engine: WebRtcEngine, maxViewers: () => number) {
    this.handle = handle;
    this.#feed = feed;
    this.#engine = engine;
    this.#maxViewers = maxViewers;
    this.#onDemand = new OnDemandHls(handle.hlsFolder, () => this.#updateWanted());
    handle.on('rtp', (port) => feed.setSender(port));
  }

  /** Opens the stream's feed and starts its process. */
  static async start(handle: StreamHandle, engine: WebRtcEngine, maxViewers: () => number): Promise<PublishedStream> {
    const feed = await RtpFeed.open();
    const stream = new PublishedStream(handle, feed, engine, maxViewers);
    handle.start(feed.port);
    return stream;
  }

  /** Connects a viewer. Throws AfterglowError `viewer-refused`. */
  async join(rendition: Rendition, offer: string): Promise<WebRtcViewer> {
    const most = this.#maxViewers();
    if (this.#viewers.size + this.#joining >= most) {
      throw new AfterglowError('viewer-refused', `the stream has its ${most} viewers already`, {
        remedy: 'watch by HLS, or raise server.maxViewers',
        retryable: true,
      });
    }
    this.#joining++;
    try {
      const viewer = await this.#engine.connect(this.#feed, rendition, offer);
      this.#viewers.set(viewer.id, viewer);
      this.delivery.add(viewer);
      viewer.onGone(() => {
        this.#viewers.delete(viewer.id);
        this.#updateWanted();
      });
      viewer.onNeeds(() => this.#updateWanted());
      adaptSize(viewer);
      this.#updateWanted();
      return viewer;
    } finally {
      this.#joining--;
    }
  }

  /** Ends a viewer's connection; false if there is none of this id. */
  async leave(viewerId: string): Promise<boolean> {
    const viewer = this.#viewers.get(viewerId);
    await viewer?.close();
    return viewer !== undefined;
  }

  /**
   * A viewer by HLS asks for the playlist of a rendition that is not always made: it is made for as long as somebody goes
   * on asking. Resolves when there is a playlist of now, or when none has come in a while.
   */
  async prepareHls(rendition: ExtraRendition): Promise<void> {
    await this.#onDemand.ask(rendition);
  }

  /** The stream's status, with timestamps as viewers see them. */
  status(): PublishedStatus {
    const status = this.handle.status();
    const anchors: Partial<Record<Rendition, RtpAnchor>> = {};
    for (const rendition of RENDITIONS) {
      const anchor = status.anchors[rendition];
      if (anchor) anchors[rendition] = this.#feed.steady(anchor);
    }
    const { viewers, reducedViewers } = this;
    return { ...status, anchors, viewers, reducedViewers, renditions: ['enhanced', ...this.#wanted()] };
  }

  /** Name of what serves them. */
  get engine(): WebRtcEngine['name'] {
    return this.#engine.name;
  }

  /** How many watch by WebRTC. */
  get viewers(): number {
    return this.#viewers.size;
  }

  /** How many of them are sent half the size. */
  get reducedViewers(): number {
    return [...this.#viewers.values()].filter(({ rendition, needs }) => rendition === 'enhanced' && needs.has('small'))
      .length;
  }

  /** Ends all viewers' connections. */
  async close(): Promise<void> {
    await Promise.all([...this.#viewers.values()].map((viewer) => viewer.close()));
    this.#onDemand.close();
    this.#feed.close();
  }

  #updateWanted(): void {
    this.handle.setWanted(this.#wanted());
  }

  #wanted(): ExtraRendition[] {
    const viewers = [...this.#viewers.values()];
    return EXTRA_RENDITIONS.filter(
      (rendition) => this.#onDemand.wants(rendition) || viewers.some(({ needs }) => needs.has(rendition)),
    );
  }
}
