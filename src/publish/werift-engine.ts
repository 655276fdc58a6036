import { randomUUID } from 'node:crypto';
import { MediaStreamTrack, type RTCPeerConnection } from 'werift';
import type { WebRtcConfig } from '../config/schema.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import type { Rendition } from '../stream/stream-messages.js';
import type { RtpFeed } from './rtp-feed.js';
import type { WebRtcEngine, WebRtcViewer } from './webrtc-engine.js';
import { answerOffer, H264, openConnection } from './werift-connection.js';

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
      const audio = new MediaStreamTrack({ kind: 'audio' });
      const sender = connection.addTransceiver(video, { direction: 'sendonly' }).sender;
      connection.addTransceiver(audio, { direction: 'sendonly' });
      const answer = await answerOffer(connection, this.#config, offer);
      const viewer = new WeriftViewer(connection, feed, rendition, answer, { video, audio });
      sender.onPictureLossIndication.subscribe(() => feed.askKeyFrame(rendition));
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
  readonly #stopSending: () => void;
  #closed = false;

  constructor(
    connection: RTCPeerConnection,
    feed: RtpFeed,
    rendition: Rendition,
    answer: string,
    tracks: { readonly video: MediaStreamTrack; readonly audio: MediaStreamTrack },
  ) {
    this.#connection = connection;
    this.rendition = rendition;
    this.answer = answer;
    const sendVideo = (packet: Buffer): void => tracks.video.writeRtp(packet);
    const sendAudio = (packet: Buffer): void => tracks.audio.writeRtp(packet);
    this.#stopSending = () => {
      feed.off(rendition, sendVideo);
      feed.off('audio', sendAudio);
    };
    const impatience = setTimeout(() => void this.close(), LONGEST_CONNECT);
    this.onGone(() => clearTimeout(impatience));
    connection.connectionStateChange.subscribe((state) => {
      if (state === 'connected') {
        clearTimeout(impatience);
        feed.on(rendition, sendVideo);
        feed.on('audio', sendAudio);
        feed.askKeyFrame(rendition);
      }
      if (state === 'failed' || state === 'closed' || state === 'disconnected') void this.close();
    });
  }

  onGone(listener: () => void): void {
    this.#gone.push(listener);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopSending();
    for (const listener of this.#gone) listener();
    await this.#connection.close();
  }
}
