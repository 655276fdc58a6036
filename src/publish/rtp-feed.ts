import { createSocket, type Socket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { AUDIO_CLOCK } from '../media/audio-decoder.js';
import { LIVE_CLOCK } from '../frames/timeline.js';
import { pictureLossIndication } from '../stream/rtcp.js';
import { RENDITIONS, RTP, type Rendition, type RtpAnchor } from '../stream/stream-messages.js';
import { RtpSequence, RtpTimeline } from './rtp-continuity.js';

/** The tracks of a stream as they come from its process. */
export type RtpTrack = Rendition | 'audio';

/** RTP packets, by track. They belong to the listener. */
export type RtpFeedEvents = Record<RtpTrack, [packet: Buffer]>;

const LOOPBACK = '127.0.0.1';
/** A key frame of a large picture is a burst of some hundred packets. */
const RECEIVE_BUFFER = 4 << 20;

const TRACKS = [...RENDITIONS, 'audio'] as const satisfies readonly RtpTrack[];

/** The track that a synchronisation source is; null for any other. */
export function trackOf(ssrc: number): RtpTrack | null {
  return TRACKS.find((track) => RTP[track].ssrc === ssrc) ?? null;
}

/** Receives one stream's RTP on loopback, steadies it over restarts of the stream's process, and hands it to viewers. */
export class RtpFeed extends EventEmitter<RtpFeedEvents> {
  readonly #socket: Socket;
  readonly #video = new RtpTimeline(LIVE_CLOCK);
  readonly #sound = new RtpTimeline(AUDIO_CLOCK);
  readonly #sequences: Readonly<Record<RtpTrack, RtpSequence>> = {
    enhanced: new RtpSequence(),
    compare: new RtpSequence(),
    small: new RtpSequence(),
    audio: new RtpSequence(),
  };
  #sender: number | null = null;

  private constructor(socket: Socket) {
    super();
    this.setMaxListeners(0);
    this.#socket = socket;
    socket.on('message', (packet, peer) => {
      // Loopback is open to every local program: only the stream's own process is listened to.
      if (peer.port === this.#sender) this.#receive(packet);
    });
  }

  static async open(): Promise<RtpFeed> {
    const socket = createSocket('udp4');
    socket.bind(0, LOOPBACK);
    await once(socket, 'listening');
    socket.setRecvBufferSize(RECEIVE_BUFFER);
    return new RtpFeed(socket);
  }

  /** The UDP port on loopback that takes the RTP. */
  get port(): number {
    return this.#socket.address().port;
  }

  /** A new process of the stream sends from this port. */
  setSender(port: number): void {
    this.#sender = port;
    for (const track of TRACKS) this.#sequences[track].expectNewSource();
    for (const timeline of [this.#video, this.#sound]) timeline.expectNewSource();
  }

  /** Asks the stream for a key frame. */
  askKeyFrame(rendition: Rendition): void {
    if (this.#sender === null) return;
    this.#socket.send(pictureLossIndication(RTP[rendition].ssrc), this.#sender, LOOPBACK);
  }

  /** An anchor of the stream's process in the timestamps that viewers see. */
  steady({ rtpTimestamp, arrival }: RtpAnchor): RtpAnchor {
    return { rtpTimestamp: this.#video.steady(rtpTimestamp), arrival };
  }

  close(): void {
    this.removeAllListeners();
    this.#socket.close();
  }

  #receive(packet: Buffer): void {
    if (packet.length < 12) return;
    const track = trackOf(packet.readUInt32BE(8));
    if (!track) return;
    const timeline = track === 'audio' ? this.#sound : this.#video;
    const seconds = performance.now() / 1000;
    packet.writeUInt16BE(this.#sequences[track].take(packet.readUInt16BE(2), seconds), 2);
    packet.writeUInt32BE(timeline.take(packet.readUInt32BE(4), seconds), 4);
    this.emit(track, packet);
  }
}
