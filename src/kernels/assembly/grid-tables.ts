// From the affine maps of a bilateral grid to look-up tables, one pair of tables a spatial node.
//
// At a given place the map of luma is a function of one 8-bit number, so slicing needs no arithmetic along luma at all:
// each spatial node gets its whole curve as a table, and a pixel blends the tables of the nodes around it. Tables are
// built when the grid or the strength changes, which is at the network's rate and not at the frame rate.

import { roundedProduct } from './rounded-product';

/** Entries of a luma table: levels 0..256 (the last for interpolation), rounded up to whole vectors. */
export const LUMA_ENTRIES: i32 = 264;
/** Entries of a chroma table: one for every four levels of luma. */
export const CHROMA_ENTRIES: i32 = 64;
/** Bytes of scratch for buildTables: the place between two bins of every luma entry, and where each of 64 bins begins. */
export const TABLES_SCRATCH: i32 = LUMA_ENTRIES * 4 + 65 * 4;
/** Fractional bits of luma values and of chroma biases. */
const VALUE_BITS: i32 = 6;
/** Fractional bits of chroma gains. */
const GAIN_BITS: i32 = 10;
/** The largest value that an entry holds. */
const LARGEST: f32 = 32767;

/**
 * luma: f32 [nodes, bins, 2], chroma: f32 [nodes, bins, 4] as solveGrid leaves them, nodes = rows x columns, bins at most 64.
 * lumaTables: i16 [nodes, LUMA_ENTRIES], the mapped level * 64, with 8 bytes of room behind. chromaTables: i16 [nodes,
 * CHROMA_ENTRIES, 4], gain of u * 1024, bias of u * 64, gain of v * 1024, bias of v * 64. strength 0..1 blends all of them
 * towards identity. scratch: TABLES_SCRATCH bytes.
 */
export function buildTables(
  luma: usize,
  chroma: usize,
  nodes: i32,
  bins: i32,
  black: f32,
  lumaScale: f32,
  strength: f32,
  lumaTables: usize,
  chromaTables: usize,
  scratch: usize,
): void {
  const fractions = scratch;
  const firsts = scratch + (<usize>LUMA_ENTRIES << 2);
  const top = <f32>(bins - 1);
  const spans = max(bins - 1, 1);
  let begun = 0;
  for (let i = 0; i < LUMA_ENTRIES; i++) {
    const level = min(max((<f32>i - black) * lumaScale, 0), 1);
    const z = top * sqrt<f32>(level);
    const bin = min(<i32>z, spans - 1);
    for (; begun <= bin; begun++) store<i32>(firsts + (<usize>begun << 2), i);
    store<f32>(fractions + (i << 2), z - <f32>bin);
  }
  for (; begun <= spans; begun++) store<i32>(firsts + (<usize>begun << 2), LUMA_ENTRIES);
  const strengths = f32x4.splat(strength);
  for (let n = 0; n < nodes; n++) {
    const maps = luma + ((<usize>n * bins) << 3);
    const table = lumaTables + ((<usize>n * LUMA_ENTRIES) << 1);
    const chromaMaps = chroma + ((<usize>n * bins) << 4);
    const chromaTable = chromaTables + ((<usize>n * CHROMA_ENTRIES) << 3);
    for (let span = 0; span < spans; span++) {
      const first = load<i32>(firsts + (<usize>span << 2));
      const last = load<i32>(firsts + (<usize>span << 2), 4);
      const over: usize = span + 1 < bins ? 1 : 0;
      lumaSpan(maps + (<usize>span << 3), over << 3, fractions, first, last, strengths, table);
      chromaSpan(chromaMaps + (<usize>span << 4), over << 4, fractions, first, last, strengths, chromaTable);
    }
  }
}

// Entries between two bins, four at a time; what is written behind the last one belongs to the next span.
// @ts-ignore: decorator
@inline
function lumaSpan(low: usize, over: usize, fractions: usize, first: i32, last: i32, strength: v128, table: usize): void {
  const gain = f32x4.splat(load<f32>(low));
  const bias = f32x4.splat(load<f32>(low, 4));
  const gains = f32x4.sub(f32x4.splat(load<f32>(low + over)), gain);
  const biases = f32x4.sub(f32x4.splat(load<f32>(low + over, 4)), bias);
  for (let i = first; i < last; i += 4) {
    const f = v128.load(fractions + (<usize>i << 2));
    const level = f32x4.add(f32x4.splat(<f32>i), f32x4(0, 1, 2, 3));
    const line = f32x4.add(
      f32x4.mul(f32x4.add(gain, f32x4.mul(gains, f)), level),
      f32x4.add(bias, f32x4.mul(biases, f)),
    );
    const mapped = f32x4.add(level, f32x4.mul(strength, f32x4.sub(line, level)));
    const held = f32x4.pmin(f32x4.pmax(mapped, f32x4.splat(0)), f32x4.splat(255));
    const whole = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(held, f32x4.splat(<f32>(1 << VALUE_BITS)))));
    v128.store64_lane(table + (<usize>i << 1), i16x8.narrow_i32x4_s(whole, whole), 0);
  }
}

// @ts-ignore: decorator
@inline
function chromaSpan(low: usize, over: usize, fractions: usize, first: i32, last: i32, strength: v128, table: usize): void {
  // Fractional bits of gain, bias, gain, bias.
  const scale = f32x4(1024, 64, 1024, 64);
  const identity = f32x4(1, 0, 1, 0);
  const map = v128.load(low);
  const maps = f32x4.sub(v128.load(low + over), map);
  // An entry stands for four levels, and is taken between the second and the third of them.
  const end = min((last + 1) >> 2, CHROMA_ENTRIES);
  for (let i = (first + 1) >> 2; i < end; i++) {
    const f = f32x4.splat(load<f32>(fractions + (<usize>(i * 4 + 2) << 2)));
    const value = f32x4.add(map, f32x4.mul(maps, f));
    const blended = f32x4.add(identity, f32x4.mul(strength, f32x4.sub(value, identity)));
    const fixed = f32x4.nearest(f32x4.mul(blended, scale));
    const held = f32x4.pmin(f32x4.pmax(fixed, f32x4.splat(-LARGEST)), f32x4.splat(LARGEST));
    const whole = i32x4.trunc_sat_f32x4_s(held);
    v128.store64_lane(table + (<usize>i << 3), i16x8.narrow_i32x4_s(whole, whole), 0);
  }
}

/** Moves tables of `bytes`, a multiple of 16, towards others by a share of the way, in 1/32768; 32768 goes all of it. */
export function approachTables(tables: usize, target: usize, bytes: i32, share: i32): void {
  const factor = i16x8.splat(<i16>min(share, 32767));
  for (let i: usize = 0; i < <usize>bytes; i += 16) {
    const now = v128.load(tables + i);
    const wanted = v128.load(target + i);
    const way = roundedProduct(i16x8.sub_sat_s(wanted, now), factor);
    v128.store(tables + i, share < 32768 ? i16x8.add_sat_s(now, way) : wanted);
  }
}

/**
 * Weights of the two nodes on either side of every pixel of a row, for the slice kernels.
 *
 * nodes: i32 [columns], ascending pixel positions; weights: i16 [width, 2, copies], the pair (left, right) of 256ths
 * repeated `copies` times a pixel.
 */
export function columnWeights(nodes: usize, columns: i32, width: i32, weights: usize, copies: i32): void {
  let at = weights;
  let segment = 0;
  for (let x = 0; x < width; x++) {
    while (segment < columns && x >= load<i32>(nodes + (<usize>segment << 2))) segment++;
    let right: i32 = 0;
    if (segment > 0 && segment < columns) {
      const start = load<i32>(nodes + ((<usize>segment - 1) << 2));
      const end = load<i32>(nodes + (<usize>segment << 2));
      right = ((x - start) * 512 + (end - start)) / (2 * (end - start));
    }
    for (let c = 0; c < copies; c++) {
      store<i16>(at, <i16>(256 - right));
      store<i16>(at, <i16>right, 2);
      at += 4;
    }
  }
}
