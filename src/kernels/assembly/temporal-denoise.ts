// Motion-adaptive recursive temporal noise filter for one plane.
//
// The filter keeps a running average of every pixel with six fractional bits, which is also its output: after a
// gain of ten, an average rounded to whole levels would show as bands. How far a pixel moves towards the new frame
// depends on the mean difference over the 5x5 pixels around it: averaging over 25 pixels tells motion of low
// contrast from noise where a single difference cannot.

import { roundedProduct } from './rounded-product';

/** Fractional bits of the running average. */
const FRACTION: i32 = 6;
/** Differences are summed with two fractional bits, so that 25 of them fit in 16 bits. */
const TO_SUM: i32 = 4;
/** Bytes of zeros on either side of a row of sums, so that the 5-tap sum needs no edge case. */
const MARGIN: usize = 16;

/**
 * Bytes of scratch that denoisePlane needs for a plane of this width.
 */
export function denoiseScratchBytes(width: i32): i32 {
  return 6 * (<i32>MARGIN * 2 + ((width + 15) & ~15) * 2);
}

/**
 * One step of the filter: average += rate * (frame - average), with the rate chosen per pixel.
 *
 * src: u8 [height, stride]; average: i16 [height, width], level * 64, updated in place;
 * scratch: denoiseScratchBytes(width) bytes. still: rate where nothing moves, 0..32767 for 0..1.
 * threshold, span: sum of |difference| (25 pixels, quarter levels: mean level times 100) up to which a pixel counts
 * as still, and over how much more its rate rises to 1; 0..25500, span at least 1.
 */
export function denoisePlane(
  src: usize,
  stride: i32,
  width: i32,
  height: i32,
  average: usize,
  scratch: usize,
  still: i32,
  threshold: i32,
  span: i32,
): void {
  const pitch = (((<usize>width + 15) & ~15) << 1) + 2 * MARGIN;
  memory.fill(scratch, 0, 6 * pitch);
  const columns = scratch + 5 * pitch + MARGIN;
  const slope = (32767 - still) / span;
  const blocks = width & ~7;
  const thresholds = i16x8.splat(<i16>threshold);
  const spans = i16x8.splat(<i16>span);
  const slopes = i16x8.splat(<i16>slope);
  const stills = i16x8.splat(<i16>still);

  for (let r = 0; r < height + 2; r++) {
    const ring = scratch + <usize>(r % 5) * pitch + MARGIN;
    if (r < height) {
      const source = src + <usize>r * stride;
      const old = average + ((<usize>r * width) << 1);
      for (let x = 0; x < blocks; x += 8) {
        const at = (<usize>x) << 1;
        const now = i16x8.shl(v128.load_ext<u8>(source + x), FRACTION);
        const difference = i16x8.shr_s(i16x8.sub(now, v128.load(old + at)), TO_SUM);
        const left = v128.load(ring + at);
        v128.store(ring + at, difference);
        v128.store(columns + at, i16x8.add(v128.load(columns + at), i16x8.sub(difference, left)));
      }
      for (let x = blocks; x < width; x++) {
        const at = (<usize>x) << 1;
        const difference = (((<i32>load<u8>(source + x)) << FRACTION) - load<i16>(old + at)) >> TO_SUM;
        const left = <i32>load<i16>(ring + at);
        store<i16>(ring + at, <i16>difference);
        store<i16>(columns + at, <i16>(load<i16>(columns + at) + difference - left));
      }
    } else {
      for (let x = 0; x < width; x += 8) {
        const at = (<usize>x) << 1;
        v128.store(columns + at, i16x8.sub(v128.load(columns + at), v128.load(ring + at)));
        v128.store(ring + at, i16x8.splat(0));
      }
    }
    const y = r - 2;
    if (y < 0) continue;
    const source = src + <usize>y * stride;
    const row = average + ((<usize>y * width) << 1);
    for (let x = 0; x < blocks; x += 8) {
      const at = columns + ((<usize>x) << 1);
      const sum = i16x8.add(
        i16x8.add(i16x8.add(v128.load(at - 4), v128.load(at - 2)), i16x8.add(v128.load(at + 2), v128.load(at + 4))),
        v128.load(at),
      );
      const excess = i16x8.min_s(i16x8.sub_sat_u(i16x8.abs(sum), thresholds), spans);
      const ramp = i16x8.add(stills, i16x8.mul(excess, slopes));
      // The slope is rounded down: a pixel beyond the ramp takes the new frame whole (32767).
      const rate = v128.or(ramp, i16x8.shr_u(i16x8.eq(excess, spans), 1));
      const place = row + ((<usize>x) << 1);
      const old = v128.load(place);
      const now = i16x8.shl(v128.load_ext<u8>(source + x), FRACTION);
      v128.store(place, i16x8.add(old, roundedProduct(i16x8.sub(now, old), rate)));
    }
    for (let x = blocks; x < width; x++) {
      const at = columns + ((<usize>x) << 1);
      const sum = <i32>load<i16>(at - 4) + load<i16>(at - 2) + load<i16>(at) + load<i16>(at + 2) + load<i16>(at + 4);
      const excess = min(max(abs(sum) - threshold, 0), span);
      const rate = excess == span ? 32767 : still + excess * slope;
      const place = row + ((<usize>x) << 1);
      const old = <i32>load<i16>(place);
      const now = (<i32>load<u8>(source + x)) << FRACTION;
      store<i16>(place, <i16>(old + (((now - old) * rate + 0x4000) >> 15)));
    }
  }
}

/** Starts the running average from a frame. src: u8 [height, stride]; average: i16 [height, width], level * 64. */
export function resetAverage(src: usize, stride: i32, width: i32, height: i32, average: usize): void {
  const blocks = width & ~7;
  for (let y = 0; y < height; y++) {
    const source = src + <usize>y * stride;
    const row = average + ((<usize>y * width) << 1);
    for (let x = 0; x < blocks; x += 8) {
      v128.store(row + ((<usize>x) << 1), i16x8.shl(v128.load_ext<u8>(source + x), FRACTION));
    }
    for (let x = blocks; x < width; x++) {
      store<i16>(row + ((<usize>x) << 1), <i16>((<i32>load<u8>(source + x)) << FRACTION));
    }
  }
}
