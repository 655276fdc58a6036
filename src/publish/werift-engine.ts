import { randomUUID } from 'node:crypto';
import { MediaStreamTrack, RtpPacket, type RTCPeerConnection } from 'werift';
import type { WebRtcConfig } from '../config/schema.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import type { Rendition } from '../stream/stream-messages.js';
import type { RtpFeed } from './rtp-feed.js';
import { VideoSwitch } from './video-switch.js';
import type { Reception, ViewerSize, ViewerStatistics, WebRtcEngine, WebRtcViewer } from './webrtc-engine.js';
import { answerOffer, H264, offersMedium, openConnection } from './werift-connection.js';
import { SenderWatch } from './werift-statistics.js';

/** A viewer whose connection is not up after this long, in milliseconds, is given up. */
const LONGEST_CONNECT = 15_000;

/** WebRTC in TypeScript alone: works after `npm ci` on any machine, for a handful of viewers. */
export class WeriftEngine implements WebRtcEngine {
  readonly name = 'werift';
  readonly #config: WebRtcConfig;
  readonly #loopbackOnly: boolean;
  readonly #viewers = new Set<WeriftViewer>();

  /** loopbackOnly: offer this machine's loopback address alone, for a server that is not open to the network. */
  constructor(config: WebRtcConfig, loopbackOnly: boolean) {
    this.#config = config;
    this.#loopbackOnly = loopbackOnly;
  }

  async connect(feed: RtpFeed, rendition: Rendition, offer: string): Promise<WebRtcViewer> {
    const connection = openConnection(this.#config, this.#loopbackOnly, [H264]);
    try {
      const video = new MediaStreamTrack({ kind: 'video' });
      const audio = offersMedium(offer, 'audio') ? new MediaStreamTrack({ kind: 'audio' }) : null;
      const sender = connection.addTransceiver(video, { direction: 'sendonly' }).sender;
      const audioSender = audio && connection.addTransceiver(audio, { direction: 'sendonly' }).sender;
      const watch = new SenderWatch(sender, audioSender);
      const answer = await answerOffer(connection, this.#config, offer);
      const viewer = new WeriftViewer(connection, feed, rendition, answer, { video, audio }, watch);
      sender.onPictureLossIndication.subscribe(() => viewer.askKeyFrame());
      this.#viewers.add(viewer);
      viewer.onGone(() => this.#viewers.delete(viewer));
      return viewer;
    } catch (cause) {
      await connection.close();
      throw new AfterglowError('viewer-refused', 'the SDP offer cannot be answered', {
        remedy: 'offer to receive H.264 video (packetization-mode 1)',
        cause,
      });
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#viewers].map((viewer) => viewer.close()));
  }
}

class WeriftViewer implements WebRtcViewer {
  readonly id = randomUUID();
  readonly rendition: Rendition;
  readonly answer: string;
  readonly #connection: RTCPeerConnection;
  readonly #gone: (() => void)[] = [];
  readonly #video: VideoSwitch;
  readonly #stopSending: () => void;
  readonly #watch: SenderWatch;
  #closed = false;

  constructor(
    connection: RTCPeerConnection,
    feed: RtpFeed,
    rendition: Rendition,
    answer: string,
    tracks: { readonly video: MediaStreamTrack; readonly audio: MediaStreamTrack | null },
    watch: SenderWatch,
  ) {
    this.#connection = connection;
    this.#watch = watch;
    this.rendition = rendition;
    this.answer = answer;
    this.#video = new VideoSwitch(feed, rendition, (packet, sequenceNumber) => {
      // The packet is every viewer's; its header is read into one of this viewer's own.
      const own = RtpPacket.deSerialize(packet);
      own.header.sequenceNumber = sequenceNumber;
      tracks.video.writeRtp(own);
    });
    const sendAudio = (packet: Buffer): void => tracks.audio?.writeRtp(packet);
    this.#stopSending = () => {
      this.#video.close();
      feed.off('audio', sendAudio);
    };
    const impatience = setTimeout(() => void this.close(), LONGEST_CONNECT);
    this.onGone(() => clearTimeout(impatience));
    connection.connectionStateChange.subscribe((state) => {
      if (state === 'connected') {
        clearTimeout(impatience);
        this.#video.start();
        if (tracks.audio) feed.on('audio', sendAudio);
      }
      if (state === 'failed' || state === 'closed' || state === 'disconnected') void this.close();
    });
    // A viewer that vanishes shows here alone: it has not answered for some ten seconds, and werift asks it no more.
    connection.iceConnectionStateChange.subscribe((state) => {
      if (state === 'failed' || state === 'closed' || state === 'disconnected') void this.close();
    });
  }

  onGone(listener: () => void): void {
    this.#gone.push(listener);
  }

  get needs(): ReadonlySet<Rendition> {
    return this.#video.needs;
  }

  onNeeds(listener: () => void): void {
    this.#video.onNeeds(listener);
  }

  show(size: ViewerSize): void {
    if (this.rendition === 'enhanced') this.#video.show(size);
  }

  askKeyFrame(): void {
    this.#video.askKeyFrame();
  }

  async reception(): Promise<Reception | null> {
    return this.#closed ? null : this.#watch.reception();
  }

  statistics(): Promise<ViewerStatistics> {
    return this.#watch.statistics();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopSending();
    for (const listener of this.#gone) listener();
    await this.#connection.close();
  }
}
