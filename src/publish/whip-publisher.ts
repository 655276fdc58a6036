import { randomUUID } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RTCPeerConnection, RTCRtpTransceiver, RtcpPacket, RtpPacket } from 'werift';
import { whipDescription, type WhipTrack } from '../media/whip-description.js';
import { freePortPair } from './loopback-ports.js';

const LOOPBACK = '127.0.0.1';
/** A publisher that is not connected, or sends nothing, for this long is given up, in milliseconds. */
const LONGEST_CONNECT = 15_000;
const LONGEST_SILENCE = 5000;
const LOOK_EVERY = 500;
/** Key frames are asked for at most this often, in milliseconds. */
const KEY_FRAME_SPACING = 1000;
/** RTCP sender report: when the publisher took what it sends. */
const SENDER_REPORT = 200;

/** A codec as werift negotiated it. */
interface Codec {
  readonly mimeType: string;
  readonly payloadType: number;
  readonly clockRate: number;
  readonly channels?: number;
  readonly parameters?: string;
}

/** The stream that a publisher's packets go to. */
export interface PublishedTo {
  /** The file that tells the stream's process of the publisher. */
  readonly description: string;
  /** Whether its pictures come. */
  readonly isLive: () => boolean;
  /** Whether it is still there, with the same input. */
  readonly isThere: () => boolean;
}

/** One publisher: receives by WebRTC, and sends RTP and its sender reports on to the stream's process on loopback. */
export class WhipPublisher {
  readonly id = randomUUID();
  /** The SDP answer to the publisher's offer. */
  readonly answer: string;
  readonly #connection: RTCPeerConnection;
  readonly #stream: PublishedTo;
  readonly #socket: Socket = createSocket('udp4');
  readonly #gone: (() => void)[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #tracks: WhipTrack[] = [];
  #video: RTCRtpTransceiver | null = null;
  #videoSsrc: number | null = null;
  #nextSequence: number | null = null;
  #heardAt = performance.now();
  #askedAt = -Infinity;
  #isConnected = false;
  #closed = false;

  private constructor(connection: RTCPeerConnection, answer: string, stream: PublishedTo) {
    this.#connection = connection;
    this.answer = answer;
    this.#stream = stream;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY);
    connection.connectionStateChange.subscribe((state) => {
      if (state === 'connected') this.#connected();
      if (state === 'failed' || state === 'closed' || state === 'disconnected') void this.close();
    });
  }

  /** Begins to hand on what comes over a connection whose answer is settled. */
  static async start(connection: RTCPeerConnection, answer: string, stream: PublishedTo): Promise<WhipPublisher> {
    const publisher = new WhipPublisher(connection, answer, stream);
    try {
      for (const transceiver of connection.getTransceivers()) await publisher.#handOn(transceiver);
      return publisher;
    } catch (error) {
      await publisher.close();
      throw error;
    }
  }

  /** Milliseconds since something came from it. */
  get quietMs(): number {
    return performance.now() - this.#heardAt;
  }

  /** Calls back once, when the publisher has gone or its connection has failed. */
  onGone(listener: () => void): void {
    this.#gone.push(listener);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    // Its process learns by this that nothing more comes.
    rmSync(this.#stream.description, { force: true });
    this.#socket.close();
    for (const listener of this.#gone) listener();
    await this.#connection.close();
  }

  async #handOn(transceiver: RTCRtpTransceiver): Promise<void> {
    const codec: Codec | undefined = transceiver.codecs[0];
    const { kind } = transceiver;
    if (!codec || (kind !== 'video' && kind !== 'audio') || this.#tracks.some((track) => track.kind === kind)) return;
    const { payloadType, clockRate } = codec;
    const port = await freePortPair();
    const name = codec.mimeType.split('/')[1] ?? '';
    const channels = kind === 'audio' ? (codec.channels ?? 2) : null;
    // A browser's parameters may name others' payload types; of those that pass, H.264 needs its packetization mode.
    const parameters = name.toLowerCase() === 'h264' ? 'packetization-mode=1' : '';
    this.#tracks.push({ kind, port, payloadType, codec: name, clockRate, channels, parameters });
    if (kind === 'video') this.#video = transceiver;
    const { track } = transceiver.receiver;
    track.onReceiveRtp.subscribe((packet) => this.#takeRtp(packet, kind, payloadType, port));
    transceiver.receiver.onRtcp.subscribe((packet) => this.#takeRtcp(packet, port));
  }

  #connected(): void {
    if (this.#isConnected || this.#closed) return;
    this.#isConnected = true;
    this.#heardAt = performance.now();
    mkdirSync(path.dirname(this.#stream.description), { recursive: true });
    writeFileSync(`${this.#stream.description}.part`, whipDescription(this.#tracks));
    renameSync(`${this.#stream.description}.part`, this.#stream.description);
  }

  #takeRtp(packet: RtpPacket, kind: 'video' | 'audio', payloadType: number, port: number): void {
    this.#heardAt = performance.now();
    // Padding that probes the network, and what belongs to another codec.
    if (this.#closed || packet.payload.length === 0 || packet.header.payloadType !== payloadType) return;
    if (kind === 'video') this.#watchVideo(packet);
    this.#send(packet.serialize(), port);
  }

  #takeRtcp(packet: RtcpPacket, port: number): void {
    if (packet.type === SENDER_REPORT) this.#send(packet.serialize(), port + 1);
  }

  /** Asks for a key frame where pictures were lost. */
  #watchVideo({ header: { ssrc, sequenceNumber } }: RtpPacket): void {
    const isFirst = this.#videoSsrc !== ssrc;
    const ahead = this.#nextSequence === null ? 0 : (sequenceNumber - this.#nextSequence) & 0xffff;
    this.#videoSsrc = ssrc;
    if (isFirst || ahead < 0x8000) this.#nextSequence = (sequenceNumber + 1) & 0xffff;
    if (isFirst || (ahead > 0 && ahead < 0x8000)) this.#askKeyFrame();
  }

  #look(): void {
    const patience = this.#isConnected ? LONGEST_SILENCE : LONGEST_CONNECT;
    if (this.quietMs > patience || !this.#stream.isThere()) void this.close();
    else if (this.#isConnected && !this.#stream.isLive()) this.#askKeyFrame();
  }

  #askKeyFrame(): void {
    const now = performance.now();
    if (this.#closed || this.#videoSsrc === null || now - this.#askedAt < KEY_FRAME_SPACING) return;
    this.#askedAt = now;
    // A request that is lost is made again.
    this.#video?.receiver.sendRtcpPLI(this.#videoSsrc).catch(() => undefined);
  }

  #send(packet: Buffer, port: number): void {
    if (!this.#closed) this.#socket.send(packet, port, LOOPBACK, () => undefined);
  }
}
