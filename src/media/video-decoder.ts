import { avGetCodecName, Codec, CodecContext, Frame, type Packet, type Stream } from 'node-av/lib';
import { FF_THREAD_SLICE } from 'node-av/constants';
import { AfterglowError } from '../errors/afterglow-error.js';
import { AVERROR_EAGAIN, AVERROR_EOF, check } from './ffmpeg-error.js';

/** Pictures above this many pixels are decoded by two threads. */
const SINGLE_THREAD_PIXELS = 1920 * 1088;

/** Decodes one video stream. Damaged packets are counted and skipped. */
export class VideoDecoder {
  readonly codecName: string;
  readonly #context: CodecContext;
  readonly #frame: Frame;
  #damaged = 0;

  /** Throws AfterglowError `input-unsupported`. */
  constructor(stream: Stream) {
    const parameters = stream.codecpar;
    this.codecName = avGetCodecName(parameters.codecId) ?? 'unknown';
    const codec = Codec.findDecoder(parameters.codecId);
    if (!codec) {
      throw new AfterglowError('input-unsupported', `there is no decoder for video of kind ${this.codecName}`, {
        remedy: 'convert it to H.264',
      });
    }
    this.#context = new CodecContext();
    this.#context.allocContext3(codec);
    check(this.#context.parametersToContext(parameters), 'set up the decoder');
    this.#context.pktTimebase = stream.timeBase;
    // Slices, not frames: decoding frames side by side would hold pictures back.
    this.#context.threadType = FF_THREAD_SLICE;
    this.#context.threadCount = parameters.width * parameters.height > SINGLE_THREAD_PIXELS ? 2 : 1;
    check(this.#context.open2Sync(codec, null), 'open the decoder');
    this.#frame = new Frame();
    this.#frame.alloc();
  }

  /** Packets that could not be decoded. */
  get damaged(): number {
    return this.#damaged;
  }

  /** Gives a packet to the decoder, or null at the end of the stream. `receive` until null after each call. */
  send(packet: Packet | null): void {
    const result = this.#context.sendPacketSync(packet);
    if (result < 0 && result !== AVERROR_EAGAIN && result !== AVERROR_EOF) this.#damaged++;
  }

  /** The next picture, valid until the next call, or null when more packets are needed. */
  receive(): Frame | null {
    this.#frame.unref();
    const result = this.#context.receiveFrameSync(this.#frame);
    if (result >= 0) return this.#frame;
    if (result !== AVERROR_EAGAIN && result !== AVERROR_EOF) this.#damaged++;
    return null;
  }

  /** Forgets everything, for another start after `send(null)` or a seek. */
  flush(): void {
    this.#context.flushBuffers();
  }

  close(): void {
    this.#frame.free();
    this.#context.freeContext();
  }
}
