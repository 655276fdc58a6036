import {
  AV_CHANNEL_LAYOUT_STEREO,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_SAMPLE_FMT_FLT,
  AV_SAMPLE_FMT_FLTP,
  type FFEncoderCodec,
} from 'node-av/constants';
import { Codec, CodecContext, Frame, Packet, Rational } from 'node-av/lib';
import { AUDIO_CHANNELS, AUDIO_CLOCK, type AudioChunk } from './audio-decoder.js';
import { check, ffmpegFailure } from './ffmpeg-error.js';

/** AAC for HLS, Opus for WebRTC. */
export type AudioCodec = 'aac' | 'opus';

const SETTINGS = {
  aac: { encoder: 'aac', format: AV_SAMPLE_FMT_FLTP, bitrate: 128_000n },
  opus: { encoder: 'libopus', format: AV_SAMPLE_FMT_FLT, bitrate: 64_000n },
} as const;

/** Sound that is this many seconds off where it should follow is cut or filled up with silence. */
const LARGEST_DRIFT = 0.04;

/** Encodes the stream's sound. Gaps become silence and overlaps are cut, so that it keeps time with the picture. */
export class AudioEncoder {
  readonly context = new CodecContext();
  readonly #planar: boolean;
  readonly #frame = new Frame();
  readonly #packet = new Packet();
  readonly #buffer: Float32Array<ArrayBuffer>;
  #filled = 0;
  /** Position of the next sample that comes in, in samples of the time line; null before the first. */
  #position: number | null = null;

  constructor(codec: AudioCodec) {
    const { encoder, format, bitrate } = SETTINGS[codec];
    const found = Codec.findEncoderByName(encoder as FFEncoderCodec);
    if (!found) throw ffmpegFailure(`find the encoder ${encoder}`, -1);
    this.#planar = format === AV_SAMPLE_FMT_FLTP;
    this.context.allocContext3(found);
    Object.assign(this.context, {
      sampleFormat: format,
      sampleRate: AUDIO_CLOCK,
      channelLayout: AV_CHANNEL_LAYOUT_STEREO,
      bitRate: bitrate,
      timeBase: new Rational(1, AUDIO_CLOCK),
    });
    this.context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    check(this.context.open2Sync(found, null), `open the encoder ${encoder}`);
    this.#buffer = new Float32Array(this.context.frameSize * AUDIO_CHANNELS);
    this.#frame.alloc();
    this.#packet.alloc();
  }

  /** Encodes a chunk whose seconds are of the stream's time line; `take` must not keep the packet. */
  encode(chunk: AudioChunk, take: (packet: Packet) => void): void {
    const start = Math.round(chunk.seconds * AUDIO_CLOCK);
    this.#position ??= start;
    const gap = start - this.#position;
    let { samples } = chunk;
    if (Math.abs(gap) > LARGEST_DRIFT * AUDIO_CLOCK) {
      if (gap > 10 * AUDIO_CLOCK) {
        // Not a gap but another place: begin there. Never behind what has been encoded: no muxer takes that.
        this.#filled = 0;
        this.#position = start;
      } else if (gap > 0) {
        this.#append(new Float32Array(gap * AUDIO_CHANNELS), take);
      } else {
        samples = samples.subarray(Math.min(samples.length, -gap * AUDIO_CHANNELS));
      }
    }
    this.#append(samples, take);
  }

  close(): void {
    this.#frame.free();
    this.#packet.free();
    this.context.freeContext();
  }

  #append(samples: Float32Array, take: (packet: Packet) => void): void {
    let offset = 0;
    while (offset < samples.length) {
      const count = Math.min(samples.length - offset, this.#buffer.length - this.#filled);
      this.#buffer.set(samples.subarray(offset, offset + count), this.#filled);
      this.#filled += count;
      offset += count;
      this.#position = (this.#position ?? 0) + count / AUDIO_CHANNELS;
      if (this.#filled === this.#buffer.length) {
        this.#send(take);
        this.#filled = 0;
      }
    }
  }

  #send(take: (packet: Packet) => void): void {
    const frame = this.#frame;
    const count = this.context.frameSize;
    frame.unref();
    frame.format = this.context.sampleFormat;
    frame.sampleRate = AUDIO_CLOCK;
    frame.channelLayout = AV_CHANNEL_LAYOUT_STEREO;
    frame.nbSamples = count;
    check(frame.getBuffer(), 'allocate sound');
    frame.pts = BigInt((this.#position ?? 0) - count);
    const planes = frame.data ?? [];
    if (this.#planar) {
      for (let channel = 0; channel < AUDIO_CHANNELS; channel++) {
        const plane = planes[channel];
        if (!plane) continue;
        const target = new Float32Array(plane.buffer, plane.byteOffset, count);
        for (let i = 0; i < count; i++) target[i] = this.#buffer[i * AUDIO_CHANNELS + channel] ?? 0;
      }
    } else {
      planes[0]?.set(new Uint8Array(this.#buffer.buffer));
    }
    check(this.context.sendFrameSync(frame), 'encode sound');
    while (this.context.receivePacketSync(this.#packet) >= 0) {
      take(this.#packet);
      this.#packet.unref();
    }
  }
}
