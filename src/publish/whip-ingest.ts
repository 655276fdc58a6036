import { rmSync } from 'node:fs';
import path from 'node:path';
import { RTCPeerConnection, RTCRtpCodecParameters } from 'werift';
import type { WebRtcConfig } from '../config/schema.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { WHIP_DESCRIPTION } from '../media/whip-description.js';
import { WhipPublisher } from './whip-publisher.js';

/** A publisher that sends nothing for this long gives its place to the next one, in milliseconds. */
const QUIET = 2000;

const FEEDBACK = [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'ccm', parameter: 'fir' }];
const VIDEO = [
  new RTCRtpCodecParameters({
    mimeType: 'video/H264',
    clockRate: 90000,
    payloadType: 96,
    parameters: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
    rtcpFeedback: FEEDBACK,
  }),
  new RTCRtpCodecParameters({ mimeType: 'video/VP8', clockRate: 90000, payloadType: 97, rtcpFeedback: FEEDBACK }),
];
const AUDIO = [new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48000, channels: 2, payloadType: 111 })];

/** The stream that somebody publishes to. */
export interface WhipStream {
  readonly id: string;
  /** The stream's own folder, where its process looks for a publisher. */
  readonly folder: string;
  /** Whether its input is whip. */
  readonly takesPublishers: boolean;
  /** Whether its pictures come. */
  readonly isLive: () => boolean;
  /** Whether it is still there, with the same input. */
  readonly isThere: () => boolean;
}

/** Takes pictures and sound from publishers by WHIP (RFC 9725) and hands them to the streams' processes on loopback. */
export class WhipIngest {
  readonly #config: WebRtcConfig;
  readonly #loopbackOnly: boolean;
  readonly #publishers = new Map<string, WhipPublisher>();
  /** Streams at which somebody is being connected. */
  readonly #joining = new Set<string>();

  /** loopbackOnly: offer this machine's loopback address alone, for a server that is not open to the network. */
  constructor(config: WebRtcConfig, loopbackOnly: boolean) {
    this.#config = config;
    this.#loopbackOnly = loopbackOnly;
  }

  /**
   * Connects a publisher to a stream. Throws AfterglowError `publisher-refused` where there is one already or the stream
   * takes none, and `request-invalid` for an offer that cannot be answered.
   */
  async connect(stream: WhipStream, offer: string): Promise<WhipPublisher> {
    if (!stream.takesPublishers) {
      throw new AfterglowError('publisher-refused', `the stream ${stream.id} takes no publisher`, {
        remedy: 'set its input to whip',
      });
    }
    const present = this.#publishers.get(stream.id);
    if (this.#joining.has(stream.id) || (present && present.quietMs < QUIET)) {
      throw new AfterglowError('publisher-refused', `somebody publishes to the stream ${stream.id} already`, {
        remedy: 'end the other publisher first',
      });
    }
    this.#joining.add(stream.id);
    try {
      await present?.close();
      const publisher = await this.#open(stream, offer);
      this.#publishers.set(stream.id, publisher);
      publisher.onGone(() => {
        if (this.#publishers.get(stream.id) === publisher) this.#publishers.delete(stream.id);
      });
      return publisher;
    } finally {
      this.#joining.delete(stream.id);
    }
  }

  /** Ends a publisher's connection; false if there is none of this id at the stream. */
  async leave(streamId: string, publisherId: string): Promise<boolean> {
    const publisher = this.#publishers.get(streamId);
    if (publisher?.id !== publisherId) return false;
    await publisher.close();
    return true;
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await Promise.all([...this.#publishers.values()].map((publisher) => publisher.close()));
  }

  async #open(stream: WhipStream, offer: string): Promise<WhipPublisher> {
    const { ports, addresses, stun } = this.#config;
    const connection = new RTCPeerConnection({
      codecs: { video: VIDEO, audio: AUDIO },
      iceServers: stun === undefined ? [] : [{ urls: stun }],
      ...(ports ? { icePortRange: ports } : {}),
      iceAdditionalHostAddresses: this.#loopbackOnly ? ['127.0.0.1'] : [...addresses],
      ...(this.#loopbackOnly ? { iceUseIpv6: false, iceInterfaceAddresses: { udp4: '127.0.0.1' } } : {}),
    });
    const description = path.join(stream.folder, WHIP_DESCRIPTION);
    rmSync(description, { force: true });
    try {
      connection.addTransceiver('video', { direction: 'recvonly' });
      connection.addTransceiver('audio', { direction: 'recvonly' });
      await connection.setRemoteDescription({ type: 'offer', sdp: offer });
      if (stun === undefined) {
        // It would ask a public server even though none is configured, and wait five seconds where there is none.
        for (const { connection: ice } of connection.iceTransports) Object.assign(ice, { stunServer: undefined });
      }
      await connection.setLocalDescription(await connection.createAnswer());
      const answer = connection.localDescription?.sdp;
      if (!answer || !/^m=video [1-9]/m.test(answer)) throw new Error('no common video codec');
      return await WhipPublisher.start(connection, answer, {
        description,
        isLive: stream.isLive,
        isThere: stream.isThere,
      });
    } catch (cause) {
      await connection.close();
      throw new AfterglowError('request-invalid', 'the SDP offer cannot be answered', {
        remedy: 'offer to send video as H.264 (packetization-mode 1) or VP8',
        cause,
      });
    }
  }
}
