/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Networks halve their pictures three times; all working sizes are multiples of this. */
const MULTIPLE = 8;
/** The smallest side that a network sees. */
const SMALLEST = 16;

/**
 * Size of the small copy of a picture that the network sees: `longSide` pixels on the longer side, the picture's shape
 * kept as nearly as multiples of 8 allow, never larger than the picture.
 */
export function workingSize(picture: Size, longSide: number): Size {
  const scale = Math.min(1, longSide / Math.max(picture.width, picture.height));
  const side = (length: number): number => Math.max(SMALLEST, Math.round((length * scale) / MULTIPLE) * MULTIPLE);
  return { width: side(picture.width), height: side(picture.height) };
}
