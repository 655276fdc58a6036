// Edge-preserving smoothing of a plane of running averages: one pass of an à-trous filter whose taps are held to small
// differences (Perona and Malik, Scale-space and edge detection using anisotropic diffusion, 1990, with Tukey-like
// weights). It is for chroma: what is left there after averaging over time is wider than a pixel, because encoders
// quantise chroma coarsely, and a gain of ten makes it blotches.

import { roundedProduct } from './rounded-product';

/** A ninth, in 1/32768: the mean of a pixel and its eight neighbours. */
const NINTH: i16 = 3641;

/**
 * Moves every pixel towards the mean of the eight pixels around it at a distance of `step`. A neighbour counts by its
 * difference up to `threshold`, by less beyond it, and from twice the threshold on not at all: that is an edge. Pixels
 * outside the plane count as the nearest ones inside.
 *
 * src, dst: i16 [height, width], level * 64, not the same. step at least 1. threshold: level * 64, 0..2047.
 */
export function smoothPlane(src: usize, dst: usize, width: i32, height: i32, step: i32, threshold: i32): void {
  const reach = i16x8.splat(<i16>(2 * threshold));
  const ninth = i16x8.splat(NINTH);
  const pitch = <usize>width << 1;
  const side = <usize>step << 1;
  const last = min(step, width) + (max(width - 2 * step, 0) & ~7);
  for (let y = 0; y < height; y++) {
    const row = src + <usize>y * pitch;
    const above = src + <usize>max(y - step, 0) * pitch;
    const below = src + <usize>min(y + step, height - 1) * pitch;
    const to = dst + <usize>y * pitch;
    for (let x = step; x < last; x += 8) {
      const at = <usize>x << 1;
      const centre = v128.load(row + at);
      let sum = pull(v128.load(above + at - side), centre, reach);
      sum = i16x8.add(sum, pull(v128.load(above + at), centre, reach));
      sum = i16x8.add(sum, pull(v128.load(above + at + side), centre, reach));
      sum = i16x8.add(sum, pull(v128.load(row + at - side), centre, reach));
      sum = i16x8.add(sum, pull(v128.load(row + at + side), centre, reach));
      sum = i16x8.add(sum, pull(v128.load(below + at - side), centre, reach));
      sum = i16x8.add(sum, pull(v128.load(below + at), centre, reach));
      sum = i16x8.add(sum, pull(v128.load(below + at + side), centre, reach));
      v128.store(to + at, i16x8.add(centre, roundedProduct(sum, ninth)));
    }
    for (let x = 0; x < min(step, width); x++) smoothPixel(row, above, below, to, x, width, step, threshold);
    for (let x = last; x < width; x++) smoothPixel(row, above, below, to, x, width, step, threshold);
  }
}

// The part of a neighbour's difference that counts: d up to the threshold, then falling to 0 at twice the threshold.
// @ts-ignore: decorator
@inline
function pull(neighbour: v128, centre: v128, reach: v128): v128 {
  const difference = i16x8.sub(neighbour, centre);
  const size = i16x8.abs(difference);
  const counted = i16x8.min_s(size, i16x8.sub_sat_u(reach, size));
  const sign = i16x8.shr_s(difference, 15);
  return i16x8.sub(v128.xor(counted, sign), sign);
}

// @ts-ignore: decorator
@inline
function pullPixel(row: usize, x: i32, centre: i32, threshold: i32): i32 {
  const difference = <i32>load<i16>(row + (<usize>x << 1)) - centre;
  const size = abs(difference);
  const counted = min(size, max(2 * threshold - size, 0));
  return difference < 0 ? -counted : counted;
}

function smoothPixel(
  row: usize,
  above: usize,
  below: usize,
  to: usize,
  x: i32,
  width: i32,
  step: i32,
  threshold: i32,
): void {
  const at = <usize>x << 1;
  const centre = <i32>load<i16>(row + at);
  const left = max(x - step, 0);
  const right = min(x + step, width - 1);
  const sum =
    pullPixel(above, left, centre, threshold) +
    pullPixel(above, x, centre, threshold) +
    pullPixel(above, right, centre, threshold) +
    pullPixel(row, left, centre, threshold) +
    pullPixel(row, right, centre, threshold) +
    pullPixel(below, left, centre, threshold) +
    pullPixel(below, x, centre, threshold) +
    pullPixel(below, right, centre, threshold);
  store<i16>(to + at, <i16>(centre + ((sum * <i32>NINTH + 0x4000) >> 15)));
}
