import { AV_CODEC_FLAG_QSCALE, AV_PIX_FMT_YUVJ420P, AVCOL_RANGE_JPEG } from 'node-av/constants';
import { Codec, CodecContext, Frame, Packet, Rational } from 'node-av/lib';
import type { PictureFormat } from '../frames/picture-format.js';
import { MATRIX_NAMES } from './colour-tags.js';
import { check, ffmpegFailure } from './ffmpeg-error.js';
import { ownPicture } from './own-picture.js';
import { PictureFilter } from './picture-filter.js';

/** Quantiser of JPEG by FFmpeg's count: 2 is the finest that pays. */
const QUANTISER = 2;
/** FFmpeg's lambda of quantiser 1. */
const LAMBDA = 118;

/** Encodes an I420 picture as JPEG, whose colours are BT.601 in full range (JFIF). Throws AfterglowError. */
export function encodeJpeg(picture: Uint8Array, format: PictureFormat): Uint8Array {
  const { width, height, matrix, range } = format;
  const { frame, bytes } = ownPicture(format);
  bytes.set(picture.subarray(0, bytes.length));
  frame.pts = 0n;
  const converted = new Frame();
  converted.alloc();
  const chain =
    `scale=flags=bicubic+accurate_rnd:in_color_matrix=${MATRIX_NAMES[matrix]}:out_color_matrix=smpte170m:` +
    `in_range=${range}:out_range=full,format=pix_fmts=yuvj420p`;
  const filter = new PictureFilter(
    { width, height, matrix, range, pixelFormat: 'yuv420p', isI420: true, interlaced: false, pixelAspect: 1 },
    chain,
    new Rational(1, 25),
  );
  const context = new CodecContext();
  const packet = new Packet();
  packet.alloc();
  try {
    filter.add(frame);
    if (!filter.take(converted)) throw ffmpegFailure('convert a snapshot', -1);
    const codec = Codec.findEncoderByName('mjpeg' as Parameters<typeof Codec.findEncoderByName>[0]);
    if (!codec) throw ffmpegFailure('find the encoder mjpeg', -1);
    context.allocContext3(codec);
    Object.assign(context, {
      width,
      height,
      pixelFormat: AV_PIX_FMT_YUVJ420P,
      colorRange: AVCOL_RANGE_JPEG,
      timeBase: new Rational(1, 25),
      globalQuality: QUANTISER * LAMBDA,
    });
    context.setFlags(AV_CODEC_FLAG_QSCALE);
    check(context.open2Sync(codec, null), 'open the encoder mjpeg');
    converted.quality = QUANTISER * LAMBDA;
    check(context.sendFrameSync(converted), 'encode a snapshot');
    check(context.receivePacketSync(packet), 'encode a snapshot');
    return Uint8Array.from(packet.data ?? []);
  } finally {
    filter.close();
    packet.free();
    converted.free();
    frame.free();
    context.freeContext();
  }
}
