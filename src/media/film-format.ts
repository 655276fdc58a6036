import type { PictureFormat } from '../frames/picture-format.js';

/** A fraction, as FFmpeg's rationals. */
export interface Fraction {
  readonly num: number;
  readonly den: number;
}

/** The form of a film's pictures between decoder and encoder: 4:2:0, upright, progressive, even sides. */
export interface FilmFormat extends PictureFormat {
  /** Bits of a sample that are kept: 10 where the film has more than 8. */
  readonly depth: 8 | 10;
  /** Width over height of a pixel. */
  readonly pixelAspect: Fraction;
}

/** Bytes of a picture of this format. */
export function filmBytes(format: FilmFormat): number {
  return ((format.width * format.height * 3) / 2) * (format.depth === 8 ? 1 : 2);
}
