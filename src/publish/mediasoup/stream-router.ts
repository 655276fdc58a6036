import type { types } from 'mediasoup';
import { keyFrameRequests } from '../../stream/rtcp.js';
import { RTP } from '../../stream/stream-messages.js';
import { trackOf, type RtpFeed, type RtpTrack } from '../rtp-feed.js';
import { VIEWER_SIZES } from '../webrtc-engine.js';
import { LayerReports } from './layer-reports.js';
import type { RoutedStream } from './viewer-join.js';
import type { PooledWorker } from './worker-pool.js';

/** Payload types of the viewers of a router. */
export interface PayloadTypes {
  readonly video: number;
  readonly audio: number;
}

/** Tells a viewer which tracks belong together in time. */
const CNAME = 'afterglow';

const H264_PARAMETERS = { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 };
const KEY_FRAME_FEEDBACK: types.RtcpFeedback[] = [
  { type: 'nack', parameter: 'pli' },
  { type: 'ccm', parameter: 'fir' },
];

/**
 * One stream in one worker, for viewers with the same payload types: mediasoup fixes those for a router, and an answer has
 * to keep the offer's. Browsers of one kind have the same.
 */
export class StreamRouter implements RoutedStream {
  readonly router: types.Router;
  readonly home: PooledWorker;
  readonly payloadTypes: PayloadTypes;
  readonly #feed: RtpFeed;
  readonly #producers = new Map<RtpTrack, Promise<types.Producer>>();

  private constructor(home: PooledWorker, feed: RtpFeed, payloadTypes: PayloadTypes, router: types.Router) {
    this.home = home;
    this.payloadTypes = payloadTypes;
    this.router = router;
    this.#feed = feed;
  }

  /** Makes a router in a worker. */
  static async open(home: PooledWorker, feed: RtpFeed, payloadTypes: PayloadTypes): Promise<StreamRouter> {
    const router = await home.worker.createRouter({
      mediaCodecs: [
        {
          kind: 'video',
          mimeType: 'video/H264',
          clockRate: 90_000,
          preferredPayloadType: payloadTypes.video,
          parameters: H264_PARAMETERS,
        },
        {
          kind: 'audio',
          mimeType: 'audio/opus',
          clockRate: 48_000,
          channels: 2,
          preferredPayloadType: payloadTypes.audio,
        },
      ],
    });
    return new StreamRouter(home, feed, payloadTypes, router);
  }

  /** A track of the stream in this router, the enhanced one with its small size; the first who wants it makes it. */
  producer(track: RtpTrack): Promise<types.Producer> {
    const present = this.#producers.get(track);
    if (present) return present;
    const made = this.#produce(track);
    this.#producers.set(track, made);
    made.catch(() => this.#producers.delete(track));
    return made;
  }

  capabilities(videoFeedback: readonly string[]): types.RtpCapabilities {
    const { video, audio } = this.payloadTypes;
    return {
      codecs: [
        {
          kind: 'video',
          mimeType: 'video/H264',
          clockRate: 90_000,
          preferredPayloadType: video,
          parameters: H264_PARAMETERS,
          rtcpFeedback: videoFeedback.map((each) => {
            const [type = '', parameter] = each.split(' ');
            return parameter === undefined ? { type } : { type, parameter };
          }),
        },
        {
          kind: 'audio',
          mimeType: 'audio/opus',
          clockRate: 48_000,
          channels: 2,
          preferredPayloadType: audio,
          rtcpFeedback: [],
        },
      ],
      headerExtensions: [],
    };
  }

  /** Ends the router with all that is in it. */
  close(): void {
    this.router.close();
  }

  async #produce(track: RtpTrack): Promise<types.Producer> {
    // The smallest first: a viewer of the enhanced picture is sent one of the layers (simulcast), which the worker changes.
    const layers = track === 'enhanced' ? VIEWER_SIZES : [track];
    const { payloadType } = RTP[track];
    const ingest = await this.#openIngest();
    const producer = await ingest.produce({
      kind: track === 'audio' ? 'audio' : 'video',
      rtpParameters: {
        codecs: [
          track === 'audio'
            ? { mimeType: 'audio/opus', payloadType, clockRate: 48_000, channels: 2 }
            : {
                mimeType: 'video/H264',
                payloadType,
                clockRate: 90_000,
                parameters: H264_PARAMETERS,
                rtcpFeedback: KEY_FRAME_FEEDBACK,
              },
        ],
        encodings: layers.map((layer) => ({ ssrc: RTP[layer].ssrc })),
        rtcp: { cname: CNAME },
      },
    });
    const reports = layers.length > 1 ? new LayerReports(layers, (report) => ingest.sendRtcp(report)) : null;
    for (const layer of layers) {
      const send = (packet: Buffer): void => {
        producer.send(packet);
        reports?.sent(layer, packet.readUInt32BE(4));
      };
      this.#feed.on(layer, send);
      producer.observer.once('close', () => this.#feed.off(layer, send));
    }
    return producer;
  }

  /**
   * A way for packets to the worker through its pipe, which loses none; over UDP each would cost 10 µs less (docs/decisions.md).
   * Every track has one of its own, since two of them have the small size.
   */
  async #openIngest(): Promise<types.DirectTransport> {
    const ingest = await this.router.createDirectTransport();
    ingest.on('rtcp', (packet) => {
      for (const ssrc of keyFrameRequests(packet)) {
        const track = trackOf(ssrc);
        if (track !== 'audio' && track !== null) this.#feed.askKeyFrame(track);
      }
    });
    return ingest;
  }
}
