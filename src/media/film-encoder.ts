import { existsSync, readFileSync } from 'node:fs';
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV420P10LE,
  AV_PIX_FMT_YUV422P10LE,
  type FFEncoderCodec,
} from 'node-av/constants';
import { Codec, CodecContext, Frame, Packet, Rational } from 'node-av/lib';
import { AfterglowError } from '../errors/afterglow-error.js';
import { avColourRange, avColourSpace, avPrimaries } from './colour-tags.js';
import { AVERROR_EAGAIN, AVERROR_EOF } from './ffmpeg-error.js';
import type { FilmFormat, Fraction } from './film-format.js';
import { PictureFilter } from './picture-filter.js';
import { pictureSource } from './picture-source.js';

/** Codecs that films are written with. */
export const FILM_CODECS = ['h264', 'h265', 'prores', 'ffv1'] as const;
/** One of them. */
export type FilmCodec = (typeof FILM_CODECS)[number];

/** How a film is encoded. */
export interface FilmEncoderOptions {
  readonly codec: FilmCodec;
  /** Constant rate factor of H.264 and H.265: 0 lossless, 51 worst. */
  readonly crf: number;
  /** Preset of x264 and x265, from ultrafast to placebo. */
  readonly preset: string;
  readonly format: FilmFormat;
  /** The film's own clock; presentation times are counted in it. */
  readonly timeBase: Fraction;
  /** Pictures a second, for rate control. */
  readonly frameRate: number;
}

const ENCODERS: Record<FilmCodec, string> = { h264: 'libx264', h265: 'libx265', prores: 'prores_ks', ffv1: 'ffv1' };

function settings({ codec, crf, preset }: FilmEncoderOptions): Record<string, string> {
  switch (codec) {
    case 'h264':
      return { preset, crf: String(crf), ...(hasAvx512() ? { 'x264-params': 'asm=avx2' } : {}) };
    case 'h265':
      // One thread of its own and no pools, or the result would depend on the machine.
      return { preset, crf: String(crf), 'x265-params': 'log-level=none:pools=none:frame-threads=1' };
    case 'prores':
      return { profile: 'hq' };
    case 'ffv1':
      return { slicecrc: '1' };
  }
}

/**
 * Whether x264 would use AVX-512. Its code for that reads memory that nobody has written, at widths that are no multiple of
 * 128, and the same pictures come out with other bits from run to run. Such processors have AVX2 as well.
 */
function hasAvx512(): boolean {
  return existsSync('/proc/cpuinfo') && /^flags\s*:.*\bavx512/m.test(readFileSync('/proc/cpuinfo', 'utf8'));
}

/** Encodes the pictures of a film, on one thread, so that the same pictures always give the same bits. */
export class FilmEncoder {
  readonly context: CodecContext;
  readonly #packet = new Packet();
  readonly #converted = new Frame();
  readonly #options: FilmEncoderOptions;
  #converter: PictureFilter | null = null;

  /** Throws AfterglowError `encoder-failed`. */
  constructor(options: FilmEncoderOptions) {
    this.#options = options;
    const { format, timeBase, codec, frameRate } = options;
    const encoder = Codec.findEncoderByName(ENCODERS[codec] as FFEncoderCodec);
    if (!encoder) throw failed(options, 'is not part of this FFmpeg');
    const context = new CodecContext();
    context.allocContext3(encoder);
    const deep = format.depth === 10 ? AV_PIX_FMT_YUV420P10LE : AV_PIX_FMT_YUV420P;
    Object.assign(context, {
      width: format.width,
      height: format.height,
      pixelFormat: codec === 'prores' ? AV_PIX_FMT_YUV422P10LE : deep,
      timeBase: new Rational(timeBase.num, timeBase.den),
      framerate: new Rational(Math.round(frameRate * 1000), 1000),
      sampleAspectRatio: new Rational(format.pixelAspect.num, format.pixelAspect.den),
      colorSpace: avColourSpace(format.matrix),
      colorRange: avColourRange(format.range),
      ...avPrimaries(format.matrix),
      threadCount: 1,
      flags: AV_CODEC_FLAG_GLOBAL_HEADER,
    });
    if (codec === 'h264' || codec === 'h265') context.gopSize = Math.max(12, Math.round(frameRate * 4));
    for (const [name, value] of Object.entries(settings(options))) {
      if (context.setOption(name, value) < 0) throw failed(options, `has no option ${name}=${value}`);
    }
    // Never with a dictionary: its finaliser crashes the process later.
    if (context.open2Sync(encoder, null) < 0) throw failed(options, 'cannot be opened');
    this.context = context;
    this.#packet.alloc();
    this.#converted.alloc();
  }

  /** Encodes a picture; `take` gets each packet that is ready and must not keep it. pts: ticks of the film's clock. */
  encode(picture: Frame, pts: bigint, take: (packet: Packet) => void): void {
    picture.pts = pts;
    picture.pictType = AV_PICTURE_TYPE_NONE;
    const frame = this.#options.codec === 'prores' ? this.#convert(picture) : picture;
    if (this.context.sendFrameSync(frame) < 0) throw failed(this.#options, 'refused a picture');
    this.#drain(take);
  }

  /** Hands out what is left. */
  finish(take: (packet: Packet) => void): void {
    this.context.sendFrameSync(null);
    this.#drain(take);
  }

  close(): void {
    this.#converter?.close();
    this.#converted.free();
    this.#packet.free();
    this.context.freeContext();
  }

  #convert(picture: Frame): Frame {
    const { timeBase } = this.#options;
    this.#converter ??= new PictureFilter(
      pictureSource(picture, 1),
      'scale=flags=bicubic+accurate_rnd,format=pix_fmts=yuv422p10le',
      new Rational(timeBase.num, timeBase.den),
    );
    this.#converter.add(picture);
    this.#converted.unref();
    if (!this.#converter.take(this.#converted)) throw failed(this.#options, 'got no picture');
    return this.#converted;
  }

  #drain(take: (packet: Packet) => void): void {
    for (;;) {
      const result = this.context.receivePacketSync(this.#packet);
      if (result === AVERROR_EAGAIN || result === AVERROR_EOF) return;
      if (result < 0) throw failed(this.#options, 'failed');
      take(this.#packet);
      this.#packet.unref();
    }
  }
}

/** A frame over a picture in shared memory; encoding it copies nothing. */
export function filmFrameOver(memory: WebAssembly.Memory, address: number, bytes: number, format: FilmFormat): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.width = format.width;
  frame.height = format.height;
  frame.format = format.depth === 10 ? AV_PIX_FMT_YUV420P10LE : AV_PIX_FMT_YUV420P;
  frame.colorSpace = avColourSpace(format.matrix);
  frame.colorRange = avColourRange(format.range);
  frame.fromBuffer(Buffer.from(memory.buffer, address, bytes));
  return frame;
}

function failed({ codec, preset, crf, format }: FilmEncoderOptions, what: string): AfterglowError {
  return new AfterglowError(
    'encoder-failed',
    `the encoder ${ENCODERS[codec]} ${what} (${format.width}x${format.height})`,
    {
      remedy: `check --preset ${preset} and --crf ${crf}, or choose another --codec`,
    },
  );
}
