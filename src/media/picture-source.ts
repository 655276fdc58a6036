import {
  AV_FRAME_FLAG_INTERLACED,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUVJ420P,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT2020_CL,
  AVCOL_SPC_BT2020_NCL,
  AVCOL_SPC_BT470BG,
  AVCOL_SPC_BT709,
  AVCOL_SPC_FCC,
  AVCOL_SPC_RGB,
  AVCOL_SPC_SMPTE170M,
  AVCOL_SPC_SMPTE240M,
} from 'node-av/constants';
import { avGetPixFmtName, type Frame } from 'node-av/lib';
import type { ColourMatrix, ColourRange } from '../frames/picture-format.js';

/** What a decoded picture is like before it is conformed; two pictures alike need the same treatment. */
export interface PictureSource {
  readonly width: number;
  readonly height: number;
  /** FFmpeg's name of the pixel format. */
  readonly pixelFormat: string;
  readonly isI420: boolean;
  readonly matrix: ColourMatrix;
  readonly range: ColourRange;
  readonly interlaced: boolean;
  /** Width over height of a pixel, 1 when unknown. */
  readonly pixelAspect: number;
}

/**
 * Reads a decoded picture's properties; what is untagged gets the value that players assume. containerAspect: the
 * pixels' width over height by the container, for pictures that do not say.
 */
export function pictureSource(frame: Frame, containerAspect: number): PictureSource {
  const format = frame.format;
  const pixelFormat = avGetPixFmtName(format as Parameters<typeof avGetPixFmtName>[0]) ?? 'unknown';
  const { num, den } = frame.sampleAspectRatio;
  const aspect = num > 0 && den > 0 ? num / den : containerAspect;
  return {
    width: frame.width,
    height: frame.height,
    pixelFormat,
    isI420: format === AV_PIX_FMT_YUV420P || format === AV_PIX_FMT_YUVJ420P,
    matrix: matrixOf(frame),
    range: rangeOf(frame, pixelFormat),
    interlaced: frame.hasFlags(AV_FRAME_FLAG_INTERLACED),
    // Values beyond a factor of four are mistakes of the file.
    pixelAspect: aspect > 0.25 && aspect < 4 ? aspect : 1,
  };
}

function matrixOf(frame: Frame): ColourMatrix {
  switch (frame.colorSpace) {
    case AVCOL_SPC_BT709:
    case AVCOL_SPC_RGB:
    case AVCOL_SPC_SMPTE240M:
      return 'bt709';
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
    case AVCOL_SPC_FCC:
      return 'bt601';
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
      return 'bt2020';
    default:
      return frame.width >= 1280 || frame.height > 576 ? 'bt709' : 'bt601';
  }
}

function rangeOf(frame: Frame, pixelFormat: string): ColourRange {
  if (frame.colorRange === AVCOL_RANGE_JPEG || pixelFormat.startsWith('yuvj')) return 'full';
  if (frame.colorRange === AVCOL_RANGE_MPEG) return 'limited';
  return 'limited';
}

/** Whether two pictures need the same treatment. */
export function sameSource(a: PictureSource, b: PictureSource): boolean {
  return (
    a.width === b.width &&
    a.height === b.height &&
    a.pixelFormat === b.pixelFormat &&
    a.matrix === b.matrix &&
    a.range === b.range &&
    a.interlaced === b.interlaced &&
    a.pixelAspect === b.pixelAspect
  );
}
