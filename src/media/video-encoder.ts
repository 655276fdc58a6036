import { AV_PICTURE_TYPE_I, AV_PICTURE_TYPE_NONE, AV_PIX_FMT_YUV420P, type FFEncoderCodec } from 'node-av/constants';
import { Codec, CodecContext, Frame, Packet, Rational } from 'node-av/lib';
import type { H264Encoder } from '../config/encoder-names.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import type { PictureFormat } from '../frames/picture-format.js';
import { LIVE_CLOCK } from '../frames/timeline.js';
import { AVERROR_EAGAIN, AVERROR_EOF } from './ffmpeg-error.js';
import { avColourRange, avColourSpace, avPrimaries } from './colour-tags.js';

/** How a stream is encoded. */
export interface VideoEncoderOptions {
  readonly encoder: H264Encoder;
  readonly format: PictureFormat;
  /** Pictures a second, for rate control; timestamps may differ. */
  readonly frameRate: number;
  /** Bits a second. */
  readonly bitrate: number;
  /** Preset of libx264, from ultrafast to slow. */
  readonly preset: string;
}

/** Settings of each encoder for the lowest delay. Baseline has no B-frames and is what every WebRTC peer decodes. */
function encoderSettings(options: VideoEncoderOptions): Record<string, string> {
  switch (options.encoder) {
    case 'libx264':
      return {
        preset: options.preset,
        tune: 'zerolatency',
        profile: 'baseline',
        'forced-idr': '1',
        x264opts: 'no-scenecut',
      };
    case 'h264_nvenc':
      return { preset: 'p3', tune: 'ull', profile: 'baseline', 'forced-idr': '1', zerolatency: '1', delay: '0' };
    case 'h264_qsv':
      return { preset: 'veryfast', profile: 'baseline', forced_idr: '1', async_depth: '1' };
    case 'h264_amf':
      return { usage: 'ultralowlatency', profile: 'constrained_baseline', forced_idr: '1' };
    case 'h264_v4l2m2m':
      return {};
    case 'h264_videotoolbox':
      return { realtime: '1', profile: 'baseline' };
  }
}

/**
 * Encodes I420 pictures as H.264, constrained baseline, with SPS and PPS before each key frame.
 *
 * Key frames come only when asked for, so that segment cuts and new viewers get theirs where they need them.
 */
export class VideoEncoder {
  readonly context: CodecContext;
  readonly #packet: Packet;

  /** Throws AfterglowError `encoder-failed`, with the encoder's name. */
  constructor(options: VideoEncoderOptions) {
    const { format, frameRate, bitrate } = options;
    const codec = Codec.findEncoderByName(options.encoder as FFEncoderCodec);
    if (!codec) throw encoderError(options, 'is not part of this FFmpeg');
    const context = new CodecContext();
    context.allocContext3(codec);
    Object.assign(context, {
      width: format.width,
      height: format.height,
      pixelFormat: AV_PIX_FMT_YUV420P,
      timeBase: new Rational(1, LIVE_CLOCK),
      framerate: new Rational(Math.round(frameRate * 1000), 1000),
      // Longer than any gap between the key frames that are asked for.
      gopSize: Math.ceil(frameRate * 10),
      maxBFrames: 0,
      bitRate: BigInt(bitrate),
      rcMaxRate: BigInt(bitrate),
      // Half a second: large enough for a key frame, small enough not to delay anything.
      rcBufferSize: Math.round(bitrate / 2),
      colorSpace: avColourSpace(format.matrix),
      colorRange: avColourRange(format.range),
      ...avPrimaries(format.matrix),
      threadCount: format.width * format.height > 1920 * 1088 ? 2 : 1,
    });
    for (const [name, value] of Object.entries(encoderSettings(options))) {
      if (context.setOption(name, value) < 0) throw encoderError(options, `has no option ${name}=${value}`);
    }
    // Never with a dictionary: its finaliser crashes the process later.
    const opened = context.open2Sync(codec, null);
    if (opened < 0) throw encoderError(options, 'cannot be opened on this machine');
    this.context = context;
    this.#packet = new Packet();
    this.#packet.alloc();
  }

  /**
   * Encodes one picture and hands each packet that is ready to `take`, which must not keep it. pts in ticks of
   * LIVE_CLOCK, ascending. The picture's memory is free again when this returns.
   */
  encode(picture: Frame, pts: bigint, keyFrame: boolean, take: (packet: Packet) => void): void {
    picture.pts = pts;
    picture.pictType = keyFrame ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    const result = this.context.sendFrameSync(picture);
    if (result < 0) {
      throw new AfterglowError('encoder-failed', 'the encoder refused a picture', {
        remedy: 'it is restarted',
        retryable: true,
      });
    }
    this.#drain(take);
  }

  /** Hands out what the encoder still holds and ends it. */
  finish(take: (packet: Packet) => void): void {
    this.context.sendFrameSync(null);
    this.#drain(take);
  }

  close(): void {
    this.#packet.free();
    this.context.freeContext();
  }

  #drain(take: (packet: Packet) => void): void {
    for (;;) {
      const result = this.context.receivePacketSync(this.#packet);
      if (result === AVERROR_EAGAIN || result === AVERROR_EOF) return;
      if (result < 0) {
        throw new AfterglowError('encoder-failed', 'the encoder failed', {
          remedy: 'it is restarted',
          retryable: true,
        });
      }
      take(this.#packet);
      this.#packet.unref();
    }
  }
}

/** A frame over the memory of an I420 picture; encoding it copies nothing. */
export function frameOver(memory: WebAssembly.Memory, address: number, format: PictureFormat): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.width = format.width;
  frame.height = format.height;
  frame.format = AV_PIX_FMT_YUV420P;
  frame.colorSpace = avColourSpace(format.matrix);
  frame.colorRange = avColourRange(format.range);
  frame.fromBuffer(Buffer.from(memory.buffer, address, (format.width * format.height * 3) / 2));
  return frame;
}

/** Whether an encoder can be opened and encodes a picture on this machine. */
export function encoderWorks(encoder: H264Encoder): boolean {
  const format: PictureFormat = { width: 256, height: 144, matrix: 'bt709', range: 'limited' };
  try {
    const probe = new VideoEncoder({ encoder, format, frameRate: 30, bitrate: 500_000, preset: 'ultrafast' });
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const picture = frameOver(memory, 0, format);
    let packets = 0;
    const count = (): void => {
      packets++;
    };
    probe.encode(picture, 0n, true, count);
    probe.finish(count);
    probe.close();
    picture.free();
    return packets > 0;
  } catch {
    return false;
  }
}

function encoderError(options: VideoEncoderOptions, what: string): AfterglowError {
  const { width, height } = options.format;
  return new AfterglowError('encoder-failed', `the encoder ${options.encoder} ${what} (${width}x${height})`, {
    remedy: 'use libx264, which always works',
  });
}
