// Slicing a bilateral grid at full resolution: luma.
//
// The picture is walked in tiles between neighbouring nodes. In a tile each pixel's level comes from four tables, those
// of the tile's corners: two blends along y make one table of pairs (left, right) for two picture rows, and a pixel
// is one load of a pair and one dot product with its two column weights. Of tables only what the tile's levels look up is made.

import { LUMA_ENTRIES } from './grid-tables';
import { levelRange } from './level-range';
import { blend, interleave } from './table-pairs';

/** Rows that are sliced across the picture before those below them; even. */
const ROWS_AT_A_TIME = 16;

/** Bytes of scratch for sliceLuma8 and sliceLuma16. */
export const SLICE_LUMA_SCRATCH: i32 = 3 * LUMA_ENTRIES * 4;

/**
 * Maps a plane of 8-bit levels through the grid's tables.
 *
 * src: u8 [height, srcStride]; dst: u8 [height, dstStride], not src. from, to: the rows that are mapped, even. tables: i16 [rows, columns, LUMA_ENTRIES].
 * nodeX: i32 [columns], multiples of 8; nodeY: i32 [rows], multiples of 2; both ascending.
 * weights: columnWeights with one copy a pixel. scratch: SLICE_LUMA_SCRATCH bytes.
 */
export function sliceLuma8(
  src: usize, srcStride: i32, dst: usize, dstStride: i32, width: i32, height: i32, from: i32, to: i32,
  tables: usize, columns: i32, rows: i32, nodeX: usize, nodeY: usize, weights: usize, scratch: usize,
): void {
  slice<u8>(src, srcStride, dst, dstStride, width, height, from, to, tables, columns, rows, nodeX, nodeY, weights, scratch);
}

/**
 * The same from levels with six fractional bits, as the temporal noise filter leaves them; between table entries it
 * interpolates, so that the fraction survives the gain. src: i16 [height, srcStride], level * 64, srcStride in pixels.
 * weights: columnWeights with two copies a pixel.
 */
export function sliceLuma16(
  src: usize, srcStride: i32, dst: usize, dstStride: i32, width: i32, height: i32, from: i32, to: i32,
  tables: usize, columns: i32, rows: i32, nodeX: usize, nodeY: usize, weights: usize, scratch: usize,
): void {
  slice<i16>(src, srcStride, dst, dstStride, width, height, from, to, tables, columns, rows, nodeX, nodeY, weights, scratch);
}

// @ts-ignore: decorator
@inline
function slice<T>(
  src: usize, srcStride: i32, dst: usize, dstStride: i32, width: i32, height: i32, from: i32, to: i32,
  tables: usize, columns: i32, rows: i32, nodeX: usize, nodeY: usize, weights: usize, scratch: usize,
): void {
  // Tables of pairs: i16 [LUMA_ENTRIES, 2].
  const upper = scratch;
  const lower = scratch + (LUMA_ENTRIES << 2);
  const pairs = scratch + (LUMA_ENTRIES << 3);
  const pitch = <usize>LUMA_ENTRIES << 1;
  const perRow = <usize>columns * pitch;
  for (let band = 0; band <= rows; band++) {
    const y0 = band > 0 ? load<i32>(nodeY + ((<usize>band - 1) << 2)) : 0;
    const y1 = band < rows ? load<i32>(nodeY + (<usize>band << 2)) : height;
    const above = tables + <usize>max(band - 1, 0) * perRow;
    const below = tables + <usize>min(band, rows - 1) * perRow;
    // A few rows of all tiles at a time: what the processor fetches ahead of one tile is then still there for the next.
    const end = min(y1, to);
    for (let top = max(y0, from); top < end; top += ROWS_AT_A_TIME) {
      const bottom = min(top + ROWS_AT_A_TIME, end);
      for (let segment = 0; segment <= columns; segment++) {
        const x0 = segment > 0 ? load<i32>(nodeX + ((<usize>segment - 1) << 2)) : 0;
        const x1 = segment < columns ? load<i32>(nodeX + (<usize>segment << 2)) : width;
        if (x1 <= x0) continue;
        const left = <usize>max(segment - 1, 0) * pitch;
        const right = <usize>min(segment, columns - 1) * pitch;
        // Entries that will be looked up, in whole vectors; the one behind a level is what its fraction leads to.
        const levels = levelRange<T>(src + (<usize>top * srcStride + x0) * sizeof<T>(), srcStride, x1 - x0, bottom - top);
        const first = <usize>((levels >> 16) & ~7);
        const bytes = ((<usize>(levels & 0xffff) + 9) & ~7) - first << 1;
        const at = first << 1;
        interleave(above + left + at, above + right + at, upper + (at << 1), bytes);
        interleave(below + left + at, below + right + at, lower + (at << 1), bytes);
        for (let y = top; y < bottom; y += 2) {
          // Both rows of a pair take the blend of the line between them.
          blend(upper + (at << 1), lower + (at << 1), pairs + (at << 1), (((y - y0) * 2 + 1) << 14) / (y1 - y0), bytes << 1);
          const last = min(y + 2, end);
          for (let row = y; row < last; row++) {
            const given = src + (<usize>row * srcStride + x0) * sizeof<T>();
            const mapped = dst + <usize>row * dstStride + x0;
            if (sizeof<T>() == 1) run8(given, mapped, weights + (<usize>x0 << 2), x1 - x0, pairs);
            else run16(given, mapped, weights + (<usize>x0 << 3), x1 - x0, pairs);
          }
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function run8(from: usize, to: usize, weights: usize, count: i32, pairs: usize): void {
  const half = i32x4.splat(1 << 13);
  const blocks = count & ~7;
  for (let x = 0; x < blocks; x += 8) {
    const p = from + x;
    let a = v128.load32_zero(pairs + (<usize>load<u8>(p) << 2));
    a = v128.load32_lane(pairs + (<usize>load<u8>(p, 1) << 2), a, 1);
    a = v128.load32_lane(pairs + (<usize>load<u8>(p, 2) << 2), a, 2);
    a = v128.load32_lane(pairs + (<usize>load<u8>(p, 3) << 2), a, 3);
    let b = v128.load32_zero(pairs + (<usize>load<u8>(p, 4) << 2));
    b = v128.load32_lane(pairs + (<usize>load<u8>(p, 5) << 2), b, 1);
    b = v128.load32_lane(pairs + (<usize>load<u8>(p, 6) << 2), b, 2);
    b = v128.load32_lane(pairs + (<usize>load<u8>(p, 7) << 2), b, 3);
    const w = weights + (<usize>x << 2);
    a = i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(a, v128.load(w)), half), 14);
    b = i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(b, v128.load(w, 16)), half), 14);
    const levels = i16x8.narrow_i32x4_s(a, b);
    v128.store64_lane(to + x, i8x16.narrow_i16x8_u(levels, levels), 0);
  }
  for (let x = blocks; x < count; x++) {
    const pair = pairs + (<usize>load<u8>(from + x) << 2);
    const w = weights + (<usize>x << 2);
    const sum = <i32>load<i16>(pair) * load<i16>(w) + <i32>load<i16>(pair, 2) * load<i16>(w, 2);
    store<u8>(to + x, <u8>min(255, max(0, (sum + (1 << 13)) >> 14)));
  }
}

// A load of 8 bytes brings the pairs of a level and of the next; weights come twice a pixel to match.
// @ts-ignore: decorator
@inline
function run16(from: usize, to: usize, weights: usize, count: i32, pairs: usize): void {
  const mask = i16x8.splat(63);
  const whole = i16x8.splat(64);
  const half = i32x4.splat(1 << 11);
  const blocks = count & ~7;
  for (let x = 0; x < blocks; x += 8) {
    const p = from + (<usize>x << 1);
    const w = weights + (<usize>x << 3);
    const fraction = v128.and(v128.load(p), mask);
    const rest = i16x8.sub(whole, fraction);
    let a = i32x4.dot_i16x8_s(twoPairs(pairs, p), v128.load(w));
    let b = i32x4.dot_i16x8_s(twoPairs(pairs, p + 4), v128.load(w, 16));
    const c = i32x4.dot_i16x8_s(twoPairs(pairs, p + 8), v128.load(w, 32));
    const d = i32x4.dot_i16x8_s(twoPairs(pairs, p + 12), v128.load(w, 48));
    // Now (this level, next level) of each pixel with 14 fractional bits; keep 6 and blend by the fraction.
    const low = i16x8.narrow_i32x4_s(i32x4.shr_s(a, 8), i32x4.shr_s(b, 8));
    const high = i16x8.narrow_i32x4_s(i32x4.shr_s(c, 8), i32x4.shr_s(d, 8));
    const lowFactors = i16x8.shuffle(rest, fraction, 0, 8, 1, 9, 2, 10, 3, 11);
    const highFactors = i16x8.shuffle(rest, fraction, 4, 12, 5, 13, 6, 14, 7, 15);
    a = i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(low, lowFactors), half), 12);
    b = i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(high, highFactors), half), 12);
    const levels = i16x8.narrow_i32x4_s(a, b);
    v128.store64_lane(to + x, i8x16.narrow_i16x8_u(levels, levels), 0);
  }
  for (let x = blocks; x < count; x++) {
    const level = <i32>load<i16>(from + (<usize>x << 1));
    const pair = pairs + (<usize>(level >> 6) << 2);
    const w = weights + (<usize>x << 3);
    const w0 = <i32>load<i16>(w);
    const w1 = <i32>load<i16>(w, 2);
    const now = (load<i16>(pair) * w0 + load<i16>(pair, 2) * w1) >> 8;
    const next = (load<i16>(pair, 4) * w0 + load<i16>(pair, 6) * w1) >> 8;
    const sum = now * (64 - (level & 63)) + next * (level & 63);
    store<u8>(to + x, <u8>min(255, max(0, (sum + (1 << 11)) >> 12)));
  }
}

// @ts-ignore: decorator
@inline
function twoPairs(pairs: usize, p: usize): v128 {
  const first = v128.load64_zero(pairs + ((<usize>load<u16>(p) >> 4) & ~3));
  return v128.load64_lane(pairs + ((<usize>load<u16>(p, 2) >> 4) & ~3), first, 1);
}
