// Slicing a bilateral grid at full resolution: chroma, both planes at once.
//
// Walked in the same tiles as luma. A chroma pixel takes its gains and biases by the mean luma of its four luma pixels.

import { CHROMA_ENTRIES } from './grid-tables';
import { levelRange } from './level-range';
import { blend, interleave } from './table-pairs';

/** Rows of chroma that are sliced across the picture before those below them. */
const ROWS_AT_A_TIME = 8;

/** Bytes of scratch for sliceChroma8 and sliceChroma16. */
export const SLICE_CHROMA_SCRATCH: i32 = 3 * CHROMA_ENTRIES * 16;

/**
 * Maps both chroma planes of an I420 picture through the grid's tables.
 *
 * luma: u8 [height * 2, lumaStride]; u, v: u8 [height, stride]; width, height are chroma's; from, to: its rows that are mapped. dstU, dstV: u8 [height,
 * dstStride]. tables: i16 [rows, columns, CHROMA_ENTRIES, 4]. nodeX, nodeY: the nodes' luma positions, as sliceLuma8
 * has them. weights: columnWeights at chroma positions (nodes / 2), four copies a pixel.
 * scratch: SLICE_CHROMA_SCRATCH bytes.
 */
export function sliceChroma8(
  luma: usize, lumaStride: i32, u: usize, v: usize, stride: i32, dstU: usize, dstV: usize, dstStride: i32,
  width: i32, height: i32, from: i32, to: i32, tables: usize, columns: i32, rows: i32, nodeX: usize, nodeY: usize,
  weights: usize, scratch: usize,
): void {
  slice<u8>(
    luma, lumaStride, u, v, stride, dstU, dstV, dstStride, width, height, from, to, tables, columns, rows, nodeX, nodeY,
    weights, scratch,
  );
}

/** The same from planes of i16, level * 64, as the temporal noise filter leaves them; strides in pixels. */
export function sliceChroma16(
  luma: usize, lumaStride: i32, u: usize, v: usize, stride: i32, dstU: usize, dstV: usize, dstStride: i32,
  width: i32, height: i32, from: i32, to: i32, tables: usize, columns: i32, rows: i32, nodeX: usize, nodeY: usize,
  weights: usize, scratch: usize,
): void {
  slice<i16>(
    luma, lumaStride, u, v, stride, dstU, dstV, dstStride, width, height, from, to, tables, columns, rows, nodeX, nodeY,
    weights, scratch,
  );
}

// @ts-ignore: decorator
@inline
function slice<T>(
  luma: usize, lumaStride: i32, u: usize, v: usize, stride: i32, dstU: usize, dstV: usize, dstStride: i32,
  width: i32, height: i32, from: i32, to: i32, tables: usize, columns: i32, rows: i32, nodeX: usize, nodeY: usize,
  weights: usize, scratch: usize,
): void {
  // Tables of pairs: i16 [CHROMA_ENTRIES, 4, 2].
  const upper = scratch;
  const lower = scratch + (CHROMA_ENTRIES << 4);
  const maps = scratch + (CHROMA_ENTRIES << 5);
  const pitch = <usize>CHROMA_ENTRIES << 3;
  const perRow = <usize>columns * pitch;
  for (let band = 0; band <= rows; band++) {
    const y0 = band > 0 ? load<i32>(nodeY + ((<usize>band - 1) << 2)) >> 1 : 0;
    const y1 = band < rows ? load<i32>(nodeY + (<usize>band << 2)) >> 1 : height;
    const above = tables + <usize>max(band - 1, 0) * perRow;
    const below = tables + <usize>min(band, rows - 1) * perRow;
    // A few rows of all tiles at a time, as luma is.
    const end = min(y1, to);
    for (let top = max(y0, from); top < end; top += ROWS_AT_A_TIME) {
      const bottom = min(top + ROWS_AT_A_TIME, end);
      for (let segment = 0; segment <= columns; segment++) {
        const x0 = segment > 0 ? load<i32>(nodeX + ((<usize>segment - 1) << 2)) >> 1 : 0;
        const x1 = segment < columns ? load<i32>(nodeX + (<usize>segment << 2)) >> 1 : width;
        if (x1 <= x0) continue;
        const left = <usize>max(segment - 1, 0) * pitch;
        const right = <usize>min(segment, columns - 1) * pitch;
        // Entries that will be looked up, in whole vectors.
        const corner = luma + (<usize>(2 * top) * lumaStride + 2 * x0) * sizeof<T>();
        const levels = levelRange<T>(corner, lumaStride, 2 * (x1 - x0), 2 * (bottom - top));
        const first = <usize>((levels >> 18) & ~1);
        const bytes = (((<usize>(levels & 0xffff) >> 2) + 2) & ~1) - first << 3;
        const at = first << 3;
        interleave(above + left + at, above + right + at, upper + (at << 1), bytes);
        interleave(below + left + at, below + right + at, lower + (at << 1), bytes);
        for (let y = top; y < bottom; y++) {
          blend(upper + (at << 1), lower + (at << 1), maps + (at << 1), ((y - y0) << 15) / (y1 - y0), bytes << 1);
          const place = (<usize>y * stride + x0) * sizeof<T>();
          const guide = luma + (<usize>(2 * y) * lumaStride + 2 * x0) * sizeof<T>();
          const mapped = <usize>y * dstStride + x0;
          run<T>(
            guide, <usize>lumaStride * sizeof<T>(), u + place, v + place, dstU + mapped, dstV + mapped,
            weights + (<usize>x0 << 4), x1 - x0, maps,
          );
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function run<T>(
  guide: usize, guidePitch: usize, u: usize, v: usize, dstU: usize, dstV: usize, weights: usize, count: i32,
  maps: usize,
): void {
  const one = i16x8.splat(1024);
  const neutral = i16x8.splat(128);
  const half = i32x4.splat(1 << 15);
  const blocks = count & ~3;
  for (let x = 0; x < blocks; x += 4) {
    const offset = <usize>x * sizeof<T>();
    let us: v128;
    let vs: v128;
    let sums: v128;
    if (sizeof<T>() == 1) {
      const g = guide + 2 * offset;
      const rows = i16x8.add(
        i16x8.extadd_pairwise_i8x16_u(v128.load64_zero(g)),
        i16x8.extadd_pairwise_i8x16_u(v128.load64_zero(g + guidePitch)),
      );
      sums = i32x4.extend_low_i16x8_u(rows);
      us = i16x8.shl(i16x8.sub(i16x8.extend_low_i8x16_u(v128.load32_zero(u + offset)), neutral), 6);
      vs = i16x8.shl(i16x8.sub(i16x8.extend_low_i8x16_u(v128.load32_zero(v + offset)), neutral), 6);
    } else {
      const g = guide + 2 * offset;
      const rows = i16x8.add(v128.load(g), v128.load(g + guidePitch));
      sums = i32x4.shr_s(i32x4.extadd_pairwise_i16x8_s(rows), 6);
      us = i16x8.sub(v128.load64_zero(u + offset), i16x8.splat(128 << 6));
      vs = i16x8.sub(v128.load64_zero(v + offset), i16x8.splat(128 << 6));
    }
    // The sum of four levels, its low four bits cut off, is the byte offset of the table entry for every four levels.
    sums = v128.andnot(sums, i32x4.splat(15));
    const w = weights + (<usize>x << 4);
    const m0 = map(maps, i32x4.extract_lane(sums, 0), v128.load(w));
    const m1 = map(maps, i32x4.extract_lane(sums, 1), v128.load(w, 16));
    const m2 = map(maps, i32x4.extract_lane(sums, 2), v128.load(w, 32));
    const m3 = map(maps, i32x4.extract_lane(sums, 3), v128.load(w, 48));
    // (u, 1, v, 1) of two pixels against (gain u, bias u, gain v, bias v).
    const uv = i16x8.shuffle(us, vs, 0, 8, 1, 9, 2, 10, 3, 11);
    const first = i16x8.shuffle(uv, one, 0, 8, 1, 8, 2, 8, 3, 8);
    const second = i16x8.shuffle(uv, one, 4, 8, 5, 8, 6, 8, 7, 8);
    const a = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_s(m0, m1), first);
    const b = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_s(m2, m3), second);
    const mapped = i16x8.add(
      i16x8.narrow_i32x4_s(i32x4.shr_s(i32x4.add(a, half), 16), i32x4.shr_s(i32x4.add(b, half), 16)),
      neutral,
    );
    const bytes = i8x16.narrow_i16x8_u(mapped, mapped);
    const parted = i8x16.shuffle(bytes, bytes, 0, 2, 4, 6, 1, 3, 5, 7, 0, 2, 4, 6, 1, 3, 5, 7);
    v128.store32_lane(dstU + x, parted, 0);
    v128.store32_lane(dstV + x, parted, 1);
  }
  for (let x = blocks; x < count; x++) {
    const offset = <usize>x * sizeof<T>();
    const g = guide + 2 * offset;
    let cu: i32;
    let cv: i32;
    let sum: i32;
    if (sizeof<T>() == 1) {
      sum = <i32>load<u8>(g) + load<u8>(g, 1) + load<u8>(g + guidePitch) + load<u8>(g + guidePitch, 1);
      cu = (<i32>load<u8>(u + offset) - 128) << 6;
      cv = (<i32>load<u8>(v + offset) - 128) << 6;
    } else {
      sum = (<i32>load<i16>(g) + load<i16>(g, 2) + load<i16>(g + guidePitch) + load<i16>(g + guidePitch, 2)) >> 6;
      cu = <i32>load<i16>(u + offset) - (128 << 6);
      cv = <i32>load<i16>(v + offset) - (128 << 6);
    }
    const m = map(maps, sum & ~15, v128.load(weights + (<usize>x << 4)));
    const mappedU = i32x4.extract_lane(m, 0) * cu + i32x4.extract_lane(m, 1) * 1024;
    const mappedV = i32x4.extract_lane(m, 2) * cv + i32x4.extract_lane(m, 3) * 1024;
    store<u8>(dstU + x, <u8>min(255, max(0, ((mappedU + (1 << 15)) >> 16) + 128)));
    store<u8>(dstV + x, <u8>min(255, max(0, ((mappedV + (1 << 15)) >> 16) + 128)));
  }
}

// One entry blended along x: i32 (gain u, bias u, gain v, bias v).
// @ts-ignore: decorator
@inline
function map(maps: usize, offset: i32, weights: v128): v128 {
  return i32x4.shr_s(i32x4.dot_i16x8_s(v128.load(maps + <usize>offset), weights), 8);
}
