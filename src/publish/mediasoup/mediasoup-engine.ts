import type { WebRtcConfig } from '../../config/schema.js';
import { AfterglowError } from '../../errors/afterglow-error.js';
import type { Rendition } from '../../stream/stream-messages.js';
import type { RtpFeed } from '../rtp-feed.js';
import type { EngineLog, WebRtcEngine, WebRtcViewer } from '../webrtc-engine.js';
import type { MediasoupViewer } from './mediasoup-viewer.js';
import { StreamRouter, type PayloadTypes } from './stream-router.js';
import { joinViewer } from './viewer-join.js';
import { readOffer, type ViewerOffer } from './viewer-offer.js';
import { loadMediasoup } from './worker-binary.js';
import { WorkerPool } from './worker-pool.js';

/** A router with how many viewers it has, those that are joining among them. */
interface SharedRouter {
  readonly opening: Promise<StreamRouter>;
  viewers: number;
}

/** WebRTC by mediasoup: workers in C++ encrypt and send, so that this process sees each packet once for all viewers. */
export class MediasoupEngine implements WebRtcEngine {
  readonly name = 'mediasoup';
  readonly #pool: WorkerPool;
  readonly #addresses: readonly string[];
  /** Routers of each stream by their payload types. */
  readonly #routers = new Map<RtpFeed, Map<string, SharedRouter>>();
  readonly #viewers = new Set<MediasoupViewer>();

  private constructor(pool: WorkerPool, addresses: readonly string[]) {
    this.#pool = pool;
    this.#addresses = addresses;
  }

  /**
   * Starts the first worker. Throws where it does not start. loopbackOnly: offer this machine's loopback address alone, for a
   * server that is not open to the network.
   */
  static async start(
    binary: string,
    config: WebRtcConfig,
    loopbackOnly: boolean,
    log: EngineLog,
  ): Promise<MediasoupEngine> {
    const mediasoup = await loadMediasoup(binary);
    const pool = await WorkerPool.start({ mediasoup, loopbackOnly, ports: config.ports ?? null, log });
    return new MediasoupEngine(pool, loopbackOnly ? [] : config.addresses);
  }

  /** Process ids of its workers. */
  get workers(): readonly number[] {
    return this.#pool.workers.map(({ worker }) => worker.pid);
  }

  async connect(feed: RtpFeed, rendition: Rendition, sdp: string): Promise<WebRtcViewer> {
    const offer = readOffer(sdp);
    const payloadTypes = payloadTypesOf(offer);
    const shared = this.#hold(feed, payloadTypes);
    try {
      const viewer = await joinViewer(await shared.opening, rendition, offer, this.#addresses);
      this.#viewers.add(viewer);
      viewer.onGone(() => {
        this.#viewers.delete(viewer);
        this.#letGo(feed, payloadTypes, shared);
      });
      return viewer;
    } catch (cause) {
      this.#letGo(feed, payloadTypes, shared);
      throw new AfterglowError('viewer-refused', 'the WebRTC worker could not take the viewer', {
        remedy: 'try again; the log tells whether a worker has died',
        retryable: true,
        cause,
      });
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#viewers].map((viewer) => viewer.close()));
    this.#pool.close();
  }

  /** The router for viewers with these payload types, which stays at least until it is let go. */
  #hold(feed: RtpFeed, payloadTypes: PayloadTypes): SharedRouter {
    const routers = this.#routers.get(feed) ?? new Map<string, SharedRouter>();
    this.#routers.set(feed, routers);
    const key = keyOf(payloadTypes);
    const shared = routers.get(key) ?? { opening: this.#open(feed, payloadTypes), viewers: 0 };
    routers.set(key, shared);
    shared.viewers++;
    return shared;
  }

  #letGo(feed: RtpFeed, payloadTypes: PayloadTypes, shared: SharedRouter): void {
    if (--shared.viewers > 0) return;
    const routers = this.#routers.get(feed);
    if (routers?.get(keyOf(payloadTypes)) === shared) routers.delete(keyOf(payloadTypes));
    if (routers?.size === 0) this.#routers.delete(feed);
    shared.opening.then(
      (stream) => stream.close(),
      () => undefined,
    );
  }

  async #open(feed: RtpFeed, payloadTypes: PayloadTypes): Promise<StreamRouter> {
    const home = await this.#pool.take();
    try {
      const stream = await StreamRouter.open(home, feed, payloadTypes);
      stream.router.observer.once('close', () => {
        this.#pool.release(home);
        // Those who come after a worker's death get another router.
        const routers = this.#routers.get(feed);
        const key = keyOf(payloadTypes);
        void routers?.get(key)?.opening.then((present) => present === stream && routers.delete(key));
      });
      return stream;
    } catch (error) {
      this.#pool.release(home);
      throw error;
    }
  }
}

function keyOf({ video, audio }: PayloadTypes): string {
  return `${video}/${audio}`;
}

/** The payload types of a viewer's router. Without sound any other than the video's will do. */
function payloadTypesOf({ video, audio }: ViewerOffer): PayloadTypes {
  const unused = video.payloadType === 111 ? 112 : 111;
  return { video: video.payloadType, audio: audio?.payloadType ?? unused };
}
