import { THUMBNAIL } from '../../enhance/working-picture.js';

/** Luma of a picture at 32x18 pixels, in levels. */
export type Thumbnail = Float32Array;

/** How far a picture may have moved, in pixels of the thumbnail, and still count as the same. */
const SHIFT_X = 3;
const SHIFT_Y = 2;
/** Deviation in levels below which a picture has nothing to be compared by. */
const FLAT = 1;

/**
 * How different two pictures are, 0..2: 1 less their correlation, at the shift where they fit best. A change of light
 * makes no difference, nor does a slow pan.
 */
export function dissimilarity(a: Thumbnail, b: Thumbnail): number {
  let best = -1;
  for (let dy = -SHIFT_Y; dy <= SHIFT_Y; dy++) {
    for (let dx = -SHIFT_X; dx <= SHIFT_X; dx++) best = Math.max(best, correlation(a, b, dx, dy));
  }
  return 1 - best;
}

/** How far a picture is from the even mixture of two others, as a share of their difference. */
export function mixtureError(a: Thumbnail, b: Thumbnail, mixture: Thumbnail): number {
  let [error, difference] = [0, 1e-6];
  for (let i = 0; i < a.length; i++) {
    const [p, q] = [a[i] ?? 0, b[i] ?? 0];
    error += Math.abs((mixture[i] ?? 0) - (p + q) / 2);
    difference += Math.abs(p - q);
  }
  return error / difference;
}

/** Correlation of a with b moved, over where they overlap. */
function correlation(a: Thumbnail, b: Thumbnail, dx: number, dy: number): number {
  const { width, height } = THUMBNAIL;
  let [n, sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0, 0];
  for (let y = Math.max(0, -dy); y < Math.min(height, height - dy); y++) {
    for (let x = Math.max(0, -dx); x < Math.min(width, width - dx); x++) {
      const p = a[y * width + x] ?? 0;
      const q = b[(y + dy) * width + x + dx] ?? 0;
      n++;
      sa += p;
      sb += q;
      saa += p * p;
      sbb += q * q;
      sab += p * q;
    }
  }
  const [va, vb] = [saa / n - (sa / n) ** 2, sbb / n - (sb / n) ** 2];
  // Two flat pictures are alike; a flat one and another are not.
  if (va < FLAT || vb < FLAT) return va < FLAT && vb < FLAT ? 1 : 0;
  return (sab / n - (sa / n) * (sb / n)) / Math.sqrt(va * vb);
}
