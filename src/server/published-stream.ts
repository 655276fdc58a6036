import { AfterglowError } from '../errors/afterglow-error.js';
import { RtpFeed } from '../publish/rtp-feed.js';
import type { WebRtcEngine, WebRtcViewer } from '../publish/webrtc-engine.js';
import type { Rendition, RtpAnchor } from '../stream/stream-messages.js';
import type { StreamHandle } from '../supervisor/stream-handle.js';
import type { StreamStatus } from '../supervisor/stream-status.js';

/** A stream as viewers see it: its status, with how many watch. */
export interface PublishedStatus extends StreamStatus {
  readonly viewers: number;
}

/** A stream with its viewers. */
export class PublishedStream {
  readonly handle: StreamHandle;
  readonly #feed: RtpFeed;
  readonly #engine: WebRtcEngine;
  readonly #maxViewers: () => number;
  readonly #viewers = new Map<string, WebRtcViewer>();
  /** Viewers that want the comparison by HLS, which has no connection to count. */
  #comparers = 0;
  #joining = 0;

  private constructor(handle: StreamHandle, feed: RtpFeed, engine: WebRtcEngine, maxViewers: () => number) {
    this.handle = handle;
    this.#feed = feed;
    this.#engine = engine;
    this.#maxViewers = maxViewers;
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
      viewer.onGone(() => {
        this.#viewers.delete(viewer.id);
        this.#updateCompare();
      });
      this.#updateCompare();
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

  /** Counts one more, or one less, who wants the comparison without a connection of its own. */
  holdCompare(change: 1 | -1): void {
    this.#comparers += change;
    this.#updateCompare();
  }

  /** The stream's status, with timestamps as viewers see them. */
  status(): PublishedStatus {
    const status = this.handle.status();
    const anchors: Partial<Record<Rendition, RtpAnchor>> = {};
    for (const rendition of ['enhanced', 'compare'] as const) {
      const anchor = status.anchors[rendition];
      if (anchor) anchors[rendition] = this.#feed.steady(rendition, anchor);
    }
    return { ...status, anchors, viewers: this.#viewers.size };
  }

  /** How many watch by WebRTC. */
  get viewers(): number {
    return this.#viewers.size;
  }

  /** Ends all viewers' connections. */
  async close(): Promise<void> {
    await Promise.all([...this.#viewers.values()].map((viewer) => viewer.close()));
    this.#feed.close();
  }

  #updateCompare(): void {
    const wanted = this.#comparers > 0 || [...this.#viewers.values()].some((viewer) => viewer.rendition === 'compare');
    this.handle.setCompare(wanted);
  }
}
