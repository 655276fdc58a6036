import { randomUUID } from 'node:crypto';
import { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters } from 'werift';
import type { WebRtcConfig } from '../config/schema.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import type { Rendition } from '../stream/stream-messages.js';
import type { RtpFeed } from './rtp-feed.js';
import type { WebRtcEngine, WebRtcViewer } from './webrtc-engine.js';

/** A viewer whose connection is not up after this long, in milliseconds, is given up. */
const LONGEST_CONNECT = 15_000;

const H264 = new RTCRtpCodecParameters({
  mimeType: 'video/H264',
  clockRate: 90000,
  payloadType: 96,
  parameters: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
  rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'ccm', parameter: 'fir' }],
});
const OPUS = new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48000, channels: 2, payloadType: 111 });

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
    const { ports, addresses, stun } = this.#config;
    const connection = new RTCPeerConnection({
      codecs: { video: [H264], audio: [OPUS] },
      iceServers: stun === undefined ? [] : [{ urls: stun }],
      ...(ports ? { icePortRange: ports } : {}),
      iceAdditionalHostAddresses: this.#loopbackOnly ? ['127.0.0.1'] : [...addresses],
      ...(this.#loopbackOnly ? { iceUseIpv6: false, iceInterfaceAddresses: { udp4: '127.0.0.1' } } : {}),
    });
    try {
      const video = new MediaStreamTrack({ kind: 'video' });
      const audio = new MediaStreamTrack({ kind: 'audio' });
      const sender = connection.addTransceiver(video, { direction: 'sendonly' }).sender;
      connection.addTransceiver(audio, { direction: 'sendonly' });
      await connection.setRemoteDescription({ type: 'offer', sdp: offer });
      if (stun === undefined) {
        // It would ask a public server even though none is configured, and wait five seconds where there is none.
        for (const { connection: ice } of connection.iceTransports) Object.assign(ice, { stunServer: undefined });
      }
      await connection.setLocalDescription(await connection.createAnswer());
      const answer = connection.localDescription?.sdp;
      if (!answer || !/^m=video [1-9]/m.test(answer)) throw new Error('no common video codec');
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
