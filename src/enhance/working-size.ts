import type { ModelCard } from '../inference/model-card.js';

/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Sides of working pictures are multiples of this at least, which SIMD kernels count on. */
const MULTIPLE = 8;
/** The smallest side that a network sees. */
const SMALLEST = 16;

/**
 * Size of the small copy of a picture that the network sees: `longSide` pixels on the longer side, the picture's shape
 * kept as nearly as multiples of `multiple` (and of 8) allow, never larger than the picture.
 */
export function workingSize(picture: Size, longSide: number, multiple = MULTIPLE): Size {
  const step = leastCommonMultiple(multiple, MULTIPLE);
  const scale = Math.min(1, longSide / Math.max(picture.width, picture.height));
  const side = (length: number): number =>
    Math.max(Math.ceil(SMALLEST / step) * step, Math.round((length * scale) / step) * step);
  return { width: side(picture.width), height: side(picture.height) };
}

/** The size at which a model sees a picture: that of `workingSize`, or the one that the model's card fixes. */
export function networkSize(picture: Size, longSide: number, card: ModelCard): Size {
  const { shape, multiple } = card.input;
  const free = workingSize(picture, longSide, multiple);
  const [, , height, width] = shape;
  return {
    width: typeof width === 'number' ? width : free.width,
    height: typeof height === 'number' ? height : free.height,
  };
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y > 0) [x, y] = [y, x % y];
  return (a * b) / x;
}
