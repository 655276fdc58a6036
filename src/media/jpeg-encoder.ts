import { AV_CODEC_FLAG_QSCALE, AV_PIX_FMT_YUVJ420P, AVCOL_RANGE_JPEG } from 'node-av/constants';
import { Codec, CodecContext, Frame, Packet, Rational } from 'node-av/lib';
import type { PictureFormat } from '../frames/picture-format.js';
import type { FilmFormat } from './film-format.js';
import { MATRIX_NAMES } from './colour-tags.js';
import { check, ffmpegFailure } from './ffmpeg-error.js';
import { ownPicture } from './own-picture.js';
import { PictureFilter } from './picture-filter.js';

/** Quantisers of JPEG by FFmpeg's count: 2 is the finest that pays, 5 is enough for small pictures. */
const FINE = 2;
const SMALL = 5;
/** FFmpeg's lambda of quantiser 1. */
const LAMBDA = 118;

/** Encodes an I420 picture as JPEG. Throws AfterglowError. */
export function encodeJpeg(picture: Uint8Array, format: PictureFormat): Uint8Array {
  const { frame, bytes } = ownPicture(format);
  bytes.set(picture.subarray(0, bytes.length));
  frame.pts = 0n;
  try {
    return jpegOf(frame, format, 'yuv420p', format, FINE);
  } finally {
    frame.free();
  }
}

/** Encodes a film's picture as a small JPEG of this size. Throws AfterglowError. */
export function encodeThumbnail(
  frame: Frame,
  format: FilmFormat,
  size: { readonly width: number; readonly height: number },
): Uint8Array {
  return jpegOf(frame, format, format.depth === 8 ? 'yuv420p' : 'yuv420p10le', size, SMALL);
}

/** JPEG's colours are BT.601 in full range (JFIF). */
function jpegOf(
  frame: Frame,
  { width, height, matrix, range }: PictureFormat,
  pixelFormat: string,
  size: { readonly width: number; readonly height: number },
  quantiser: number,
): Uint8Array {
  const converted = new Frame();
  converted.alloc();
  const chain =
    `scale=w=${size.width}:h=${size.height}:flags=bicubic+accurate_rnd:in_color_matrix=${MATRIX_NAMES[matrix]}:out_color_matrix=smpte170m:` +
    `in_range=${range}:out_range=full,format=pix_fmts=yuvj420p`;
  const filter = new PictureFilter(
    { width, height, matrix, range, pixelFormat, isI420: pixelFormat === 'yuv420p', interlaced: false, pixelAspect: 1 },
    chain,
    new Rational(1, 25),
  );
  const context = new CodecContext();
  const packet = new Packet();
  packet.alloc();
  try {
    filter.add(frame);
    if (!filter.take(converted)) throw ffmpegFailure('convert a picture to JPEG', -1);
    const codec = Codec.findEncoderByName('mjpeg' as Parameters<typeof Codec.findEncoderByName>[0]);
    if (!codec) throw ffmpegFailure('find the encoder mjpeg', -1);
    context.allocContext3(codec);
    Object.assign(context, {
      width: size.width,
      height: size.height,
      pixelFormat: AV_PIX_FMT_YUVJ420P,
      colorRange: AVCOL_RANGE_JPEG,
      timeBase: new Rational(1, 25),
      globalQuality: quantiser * LAMBDA,
    });
    context.setFlags(AV_CODEC_FLAG_QSCALE);
    check(context.open2Sync(codec, null), 'open the encoder mjpeg');
    converted.quality = quantiser * LAMBDA;
    check(context.sendFrameSync(converted), 'encode a picture as JPEG');
    check(context.receivePacketSync(packet), 'encode a picture as JPEG');
    return Uint8Array.from(packet.data ?? []);
  } finally {
    filter.close();
    packet.free();
    converted.free();
    context.freeContext();
  }
}
