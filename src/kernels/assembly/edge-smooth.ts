// Edge-preserving smoothing of a plane of running averages: one pass of an à-trous filter whose taps are held to small
// differences (Perona and Malik, Scale-space and edge detection using anisotropic diffusion, 1990, with Tukey-like
// weights). It is for chroma: what is left there after averaging over time is wider than a pixel, because encoders
// quantise chroma coarsely, and a gain of ten makes it blotches.

import { roundedProduct } from './rounded-product';

/** A ninth, in 1/32768: the mean of a pixel and its eight neighbours. */
const NINTH: i16 = 3641;

/** Bytes of scratch that smoothPlane needs for a plane of this width. */
export function smoothScratchBytes(width: i32): i32 {
  return 3 * 4 * <i32>pitchOf(width);
}

/**
 * Moves every pixel towards the mean of the eight pixels around it at a distance of `step`. A neighbour counts by its
 * difference up to `threshold`, by less beyond it, and from twice the threshold on not at all: that is an edge. Pixels
 * outside the plane count as the nearest ones inside.
 *
 * src, dst: i16 [height, width], level * 64, not the same. step: 1, 2 or 4. threshold: level * 64, 0..2047. scratch:
 * smoothScratchBytes(width) bytes.
 */
export function smoothPlane(
  src: usize,
  dst: usize,
  width: i32,
  height: i32,
  step: i32,
  threshold: i32,
  scratch: usize,
): void {
  if (step == 1) smooth<i8>(src, dst, width, height, threshold, scratch);
  else if (step == 2) smooth<i16>(src, dst, width, height, threshold, scratch);
  else smooth<i32>(src, dst, width, height, threshold, scratch);
}

// What a pixel pulls at another, that one pulls back by. So each row keeps how it is pulled at from `step` rows below, and
// when that row's turn comes it takes the same numbers the other way: four pulls in place of eight are looked at; that of
// the left is a shift of what was found before. The size of T is the step, which shifts need to know when they are compiled.
// @ts-ignore: decorator
@inline
function smooth<T>(src: usize, dst: usize, width: i32, height: i32, threshold: i32, scratch: usize): void {
  const step: i32 = sizeof<T>();
  const reach = i16x8.splat(<i16>(2 * threshold));
  const ninth = i16x8.splat(NINTH);
  const pitch = <usize>width << 1;
  const side = <usize>step << 1;
  const kept = pitchOf(width);
  const blocks = width & ~7;
  // Columns from here on are looked at one by one, as those before `step` are.
  const last = max(blocks - step, 0);
  for (let y = 0; y < height; y++) {
    const row = src + <usize>y * pitch;
    const above = src + <usize>max(y - step, 0) * pitch;
    const below = src + <usize>min(y + step, height - 1) * pitch;
    const to = dst + <usize>y * pitch;
    // Pulls from below, from below on the right and from below on the left.
    const down = scratch + <usize>(y % step) * 3 * kept;
    if (y < step) keepPulls(src, row, down, kept, blocks, side, reach);
    let pulledRight = i16x8.splat(0);
    let keptRight = i16x8.splat(0);
    for (let x = 0; x < blocks; x += 8) {
      const at = <usize>x << 1;
      const place = down + at;
      const centre = v128.load(row + at);
      const right = pull(v128.load(row + at + side), centre, reach);
      const straight = pull(v128.load(below + at), centre, reach);
      const downRight = pull(v128.load(below + at + side), centre, reach);
      const downLeft = pull(v128.load(below + at - side), centre, reach);
      const upLeft = v128.load(place + kept);
      let sum = i16x8.sub(right, behind<T>(pulledRight, right));
      sum = i16x8.add(sum, i16x8.sub(straight, v128.load(place)));
      sum = i16x8.add(sum, i16x8.sub(downRight, behind<T>(keptRight, upLeft)));
      sum = i16x8.add(sum, i16x8.sub(downLeft, v128.load(place + 2 * kept + side)));
      v128.store(place, straight);
      v128.store(place + kept, downRight);
      v128.store(place + 2 * kept, downLeft);
      v128.store(to + at, i16x8.add(centre, roundedProduct(sum, ninth)));
      pulledRight = right;
      keptRight = upLeft;
    }
    for (let x = 0; x < min(step, width); x++) smoothPixel(row, above, below, to, x, width, step, threshold);
    for (let x = max(last, step); x < width; x++) smoothPixel(row, above, below, to, x, width, step, threshold);
  }
}

/** Bytes from one row of kept pulls to the next. */
// @ts-ignore: decorator
@inline
function pitchOf(width: i32): usize {
  return ((<usize>width + 7) & ~7) * 2 + 16;
}

// As if the rows above the plane, which are its first row again, had had their turn.
function keepPulls(first: usize, row: usize, down: usize, kept: usize, blocks: i32, side: usize, reach: v128): void {
  for (let x = 0; x < blocks; x += 8) {
    const at = <usize>x << 1;
    const centre = v128.load(first + at);
    v128.store(down + at, pull(v128.load(row + at), centre, reach));
    v128.store(down + kept + at, pull(v128.load(row + at + side), centre, reach));
    v128.store(down + 2 * kept + at, pull(v128.load(row + at - side), centre, reach));
  }
}

// Of two neighbouring vectors, the eight numbers that begin `step` before the second.
// @ts-ignore: decorator
@inline
function behind<T>(before: v128, here: v128): v128 {
  if (sizeof<T>() == 1) return i16x8.shuffle(before, here, 7, 8, 9, 10, 11, 12, 13, 14);
  if (sizeof<T>() == 2) return i16x8.shuffle(before, here, 6, 7, 8, 9, 10, 11, 12, 13);
  return i16x8.shuffle(before, here, 4, 5, 6, 7, 8, 9, 10, 11);
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
