import {
  AV_CHANNEL_LAYOUT_STEREO,
  AV_CHANNEL_ORDER_NATIVE,
  AV_CHANNEL_ORDER_UNSPEC,
  AV_NOPTS_VALUE,
  AV_SAMPLE_FMT_FLT,
} from 'node-av/constants';
import { Codec, CodecContext, Frame, SoftwareResampleContext, type Packet, type Stream } from 'node-av/lib';
import { check } from './ffmpeg-error.js';

/** Samples a second of all sound inside. */
export const AUDIO_CLOCK = 48000;
/** Channels of all sound inside. */
export const AUDIO_CHANNELS = 2;

/** Which loudspeakers so many channels are for, where the source does not say, as telephone sound does not. */
const USUAL_SPEAKERS: Readonly<Record<number, bigint>> = { 1: 0x4n, 2: 0x3n, 3: 0x7n, 4: 0x107n, 6: 0x3fn, 8: 0x63fn };

/** A piece of sound: 48 kHz stereo, samples of both channels in turn, -1..1. */
export interface AudioChunk {
  /** Seconds by the source's clock, or of the stream's time line once it is laid on it. */
  readonly seconds: number;
  readonly samples: Float32Array;
}

/** Decodes a sound track and resamples it to 48 kHz stereo. Damaged packets are skipped. */
export class AudioDecoder {
  readonly #context = new CodecContext();
  readonly #resampler = new SoftwareResampleContext();
  readonly #frame = new Frame();
  readonly #converted = new Frame();
  readonly #tick: number;
  #configured = false;
  #samples = new Float32Array(0);

  private constructor(stream: Stream, codec: Codec) {
    this.#context.allocContext3(codec);
    check(this.#context.parametersToContext(stream.codecpar), 'set up the sound decoder');
    this.#context.pktTimebase = stream.timeBase;
    check(this.#context.open2Sync(codec, null), 'open the sound decoder');
    this.#tick = stream.timeBase.num / stream.timeBase.den;
    this.#frame.alloc();
    this.#converted.alloc();
    this.#resampler.alloc();
  }

  /** A decoder for a stream, or null when FFmpeg has none for its kind: the picture goes on without sound. */
  static open(stream: Stream): AudioDecoder | null {
    const codec = Codec.findDecoder(stream.codecpar.codecId);
    return codec ? new AudioDecoder(stream, codec) : null;
  }

  /** Decodes one packet, or the rest with null, and hands out what it holds; `take` must not keep the samples. */
  decode(packet: Packet | null, take: (chunk: AudioChunk) => void): void {
    if (this.#context.sendPacketSync(packet) < 0) return;
    while (this.#context.receiveFrameSync(this.#frame) >= 0) {
      const chunk = this.#convert();
      if (chunk) take(chunk);
      this.#frame.unref();
    }
  }

  /** Forgets everything, after a seek. */
  flush(): void {
    this.#context.flushBuffers();
  }

  close(): void {
    this.#frame.free();
    this.#converted.free();
    this.#resampler.free();
    this.#context.freeContext();
  }

  #convert(): AudioChunk | null {
    const pts = this.#frame.bestEffortTimestamp;
    if (pts === AV_NOPTS_VALUE) return null;
    const { order, nbChannels } = this.#frame.channelLayout;
    const mask = USUAL_SPEAKERS[nbChannels];
    if (order === AV_CHANNEL_ORDER_UNSPEC && mask !== undefined) {
      // The resampler would refuse it.
      this.#frame.channelLayout = { nbChannels, order: AV_CHANNEL_ORDER_NATIVE, mask };
    }
    const out = this.#converted;
    out.unref();
    out.format = AV_SAMPLE_FMT_FLT;
    out.sampleRate = AUDIO_CLOCK;
    out.channelLayout = AV_CHANNEL_LAYOUT_STEREO;
    if (!this.#configured) {
      if (this.#resampler.configFrame(out, this.#frame) < 0 || this.#resampler.init() < 0) return null;
      this.#configured = true;
    }
    if (this.#resampler.convertFrame(out, this.#frame) < 0) {
      // The sound's form has changed on the way.
      this.#configured = false;
      return null;
    }
    const data = out.data?.[0];
    const count = out.nbSamples * AUDIO_CHANNELS;
    if (!data || count === 0) return null;
    if (this.#samples.length < count) this.#samples = new Float32Array(count);
    new Uint8Array(this.#samples.buffer).set(data.subarray(0, count * 4));
    return { seconds: Number(pts) * this.#tick, samples: this.#samples.subarray(0, count) };
  }
}
