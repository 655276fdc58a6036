import { Dictionary, FormatContext, IOContext, Packet, type CodecContext, type Rational } from 'node-av/lib';
import { check } from './ffmpeg-error.js';

/** Largest RTP packet, header included: fits every network's frames together with SRTP's and TURN's additions. */
const MAX_PACKET = 1200;

/** How one encoded stream is sent as RTP. */
export interface RtpStream {
  readonly payloadType: number;
  readonly ssrc: number;
  /** Added to all timestamps, in ticks of the stream's clock. */
  readonly shift?: number;
}

/**
 * Cuts an encoded stream into RTP packets (RFC 3550; H.264 by RFC 6184, Opus by RFC 7587). Timestamps are presentation times, so
 * that renditions of one picture have the same: a viewer can be switched between them.
 */
export class RtpMuxer {
  readonly #context = new FormatContext();
  readonly #io = new IOContext();
  readonly #packet = new Packet();
  readonly #timeBase: Rational;
  readonly #shift: bigint;
  #timestamp = 0;

  /** send: called for each RTP packet; the buffer is its own. RTCP that FFmpeg makes is left out. */
  constructor(encoder: CodecContext, stream: RtpStream, send: (packet: Buffer) => void) {
    check(this.#context.allocOutputContext2(null, 'rtp', null), 'set up RTP');
    const output = this.#context.newStream(null);
    check(output.codecpar.fromContext(encoder), 'set up RTP');
    output.timeBase = encoder.timeBase;
    this.#io.allocContextWithCallbacks(MAX_PACKET, 1, null, (packet) => {
      const type = (packet[1] ?? 0) & 0x7f;
      // RTCP packet types 200 to 204 appear as 72 to 76 here.
      if (type < 72 || type > 76) {
        // FFmpeg begins at random.
        packet.writeUInt32BE(this.#timestamp, 4);
        send(packet);
      }
      return packet.length;
    }, null); // prettier-ignore
    this.#io.maxPacketSize = MAX_PACKET;
    this.#context.pb = this.#io;
    const options = Dictionary.fromObject({ payload_type: stream.payloadType, ssrc: stream.ssrc | 0 });
    check(this.#context.writeHeaderSync(options), 'set up RTP');
    this.#timeBase = encoder.timeBase;
    this.#shift = BigInt(stream.shift ?? 0);
    this.#packet.alloc();
  }

  /** Sends one encoded packet, whose times are in the encoder's time base; it stays the caller's. */
  write(packet: Packet): void {
    check(this.#packet.ref(packet), 'send RTP');
    this.#packet.streamIndex = 0;
    const output = this.#context.streams[0];
    if (output) this.#packet.rescaleTs(this.#timeBase, output.timeBase);
    this.#timestamp = Number(BigInt.asUintN(32, this.#packet.pts + this.#shift));
    check(this.#context.writeFrameSync(this.#packet), 'send RTP');
    this.#packet.unref();
  }

  close(): void {
    this.#context.pb = null;
    this.#context.freeContext();
    // Its callback would keep the thread alive.
    this.#io.freeContext();
    this.#packet.free();
  }
}
