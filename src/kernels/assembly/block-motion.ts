// Motion from one picture to another by hierarchical block matching, over the levels of luma pyramids.
//
// Each pixel's difference counts up to LIMIT only: a block that dust covers fits nowhere better than elsewhere, and
// takes the vector of its neighbours, from which departing costs a little.
import { PYRAMID_MARGIN } from './luma-pyramid';

/** Differences beyond this many levels count no more. */
const LIMIT: i32 = 31;
/** A vector's distance from its neighbours' counts up to this many steps, so that objects may move apart. */
const FAR: i32 = 24;
/** Summed levels, and a quarter, by which a pair may fit the picture itself worse than a block's own vectors do. */
const SLACK: i32 = 256;
/** A vector is two of these, x and y, of 16 bits. */
const VECTOR: usize = 4;

/** What is matched: set once per call, since each thread has its own instance of this module. */
let from: usize = 0;
let to: usize = 0;
let pitch: i32 = 0;
let spanX: i32 = 0;
let spanY: i32 = 0;
/** Best vector so far of the block under way, its score, and where it is pulled to with how much weight. */
let bestX: i32 = 0;
let bestY: i32 = 0;
let best: i32 = 0;
let pullX: i32 = 0;
let pullY: i32 = 0;
let pull: i32 = 0;
/** Of the pair that was scored last, the part between the picture and both neighbours. */
let toBoth: i32 = 0;

// @ts-ignore: decorator
@inline
function sumOf(v: v128): i32 {
  return lanes(i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(v)));
}

// @ts-ignore: decorator
@inline
function lanes(v: v128): i32 {
  return (
    i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3)
  );
}

// @ts-ignore: decorator
@inline
function limited(a: v128, b: v128): v128 {
  const difference = v128.or(i8x16.sub_sat_u(a, b), i8x16.sub_sat_u(b, a));
  return i8x16.min_u(difference, i8x16.splat(<i8>LIMIT));
}

// @ts-ignore: decorator
@inline
function twoRows(at: usize): v128 {
  return v128.load64_lane(at + pitch, v128.load64_zero(at), 1);
}

/** Sum of limited differences of two blocks of 8x8. */
function sad8(a: usize, b: usize): i32 {
  let sum = i8x16.splat(0);
  for (let y = 0; y < 4; y++) {
    sum = i8x16.add(sum, limited(twoRows(a), twoRows(b)));
    a += pitch << 1;
    b += pitch << 1;
  }
  return sumOf(sum);
}

/** The same of 16x16. */
function sad16(a: usize, b: usize): i32 {
  let upper = i8x16.splat(0);
  for (let y = 0; y < 8; y++) {
    upper = i8x16.add(upper, limited(v128.load(a), v128.load(b)));
    a += pitch;
    b += pitch;
  }
  let lower = i8x16.splat(0);
  for (let y = 0; y < 8; y++) {
    lower = i8x16.add(lower, limited(v128.load(a), v128.load(b)));
    a += pitch;
    b += pitch;
  }
  return sumOf(upper) + sumOf(lower);
}

// @ts-ignore: decorator
@inline
function between(at: usize, right: usize, down: usize): v128 {
  // Whole pixels come out as they are, as the mean of equals.
  const upper = i8x16.avgr_u(v128.load(at), v128.load(at + right));
  const lower = i8x16.avgr_u(v128.load(at + down), v128.load(at + down + right));
  return i8x16.avgr_u(upper, lower);
}

/** Sum of limited differences of 16 columns and some rows (at most 8), b half a pixel further right and down or not. */
// @ts-ignore: decorator
@inline
function halfRows(a: usize, b: usize, right: usize, down: usize, rows: i32): v128 {
  let sum = i8x16.splat(0);
  for (let y = 0; y < rows; y++) {
    sum = i8x16.add(sum, limited(v128.load(a), between(b, right, down)));
    a += pitch;
    b += pitch;
  }
  return sum;
}

/** Whether a block of `size` moved to left, top stays within the margin, half a pixel included. */
// @ts-ignore: decorator
@inline
function isWithin(left: i32, top: i32, size: i32): bool {
  return (
    left > -PYRAMID_MARGIN &&
    top > -PYRAMID_MARGIN &&
    left + size < spanX + PYRAMID_MARGIN &&
    top + size < spanY + PYRAMID_MARGIN
  );
}

// @ts-ignore: decorator
@inline
function distance(ax: i32, ay: i32, bx: i32, by: i32): i32 {
  return min(abs(ax - bx) + abs(ay - by), FAR);
}

// @ts-ignore: decorator
@inline
function median(a: i32, b: i32, c: i32): i32 {
  return max(min(a, b), min(max(a, b), c));
}

function begin(cur: usize, ref: usize, stride: i32, width: i32, height: i32): void {
  from = cur;
  to = ref;
  pitch = stride;
  spanX = width;
  spanY = height;
}

function keep(x: i32, y: i32, score: i32): void {
  if (score >= best) return;
  best = score;
  bestX = x;
  bestY = y;
}

/** Tries a vector for the block of 8x8 at x, y. */
function try8(x: i32, y: i32, vx: i32, vy: i32): void {
  if (!isWithin(x + vx, y + vy, 8)) return;
  const a = from + <usize>y * pitch + x;
  const b = to + <usize>(y + vy) * pitch + (x + vx);
  keep(vx, vy, sad8(a, b) + pull * distance(vx, vy, pullX, pullY));
}

/** Score of a vector of half pixels for the block of 16x16 at x, y, without what holds it to its neighbours; or -1. */
function half16(x: i32, y: i32, vx: i32, vy: i32): i32 {
  const left = x + (vx >> 1);
  const top = y + (vy >> 1);
  if (!isWithin(left, top, 16)) return -1;
  const a = from + <usize>y * pitch + x;
  const b = to + <usize>top * pitch + left;
  const right = <usize>(vx & 1);
  const down: usize = vy & 1 ? <usize>pitch : 0;
  if (right + down === 0) return sad16(a, b);
  const upper = sumOf(halfRows(a, b, right, down, 8));
  return upper + sumOf(halfRows(a + 8 * pitch, b + 8 * pitch, right, down, 8));
}

function try16(x: i32, y: i32, vx: i32, vy: i32): void {
  const score = half16(x, y, vx, vy);
  if (score >= 0) keep(vx, vy, score + pull * distance(vx, vy, pullX, pullY));
}

// @ts-ignore: decorator
@inline
function vectorX(field: usize, columns: i32, column: i32, row: i32): i32 {
  return load<i16>(field + <usize>(row * columns + column) * VECTOR);
}

// @ts-ignore: decorator
@inline
function vectorY(field: usize, columns: i32, column: i32, row: i32): i32 {
  return load<i16>(field + <usize>(row * columns + column) * VECTOR, 2);
}

// @ts-ignore: decorator
@inline
function put(field: usize, columns: i32, column: i32, row: i32, x: i32, y: i32): void {
  const at = field + <usize>(row * columns + column) * VECTOR;
  store<i16>(at, <i16>x);
  store<i16>(at, <i16>y, 2);
}

/** Pulls the block under way to the median of its left and upper neighbours and of a vector. */
function pullToMedian(field: usize, columns: i32, column: i32, row: i32, x: i32, y: i32): void {
  const left = max(column - 1, 0);
  const above = max(row - 1, 0);
  pullX = column > 0 && row > 0 ? median(x, vectorX(field, columns, left, row), vectorX(field, columns, column, above)) : x;
  pullY = column > 0 && row > 0 ? median(y, vectorY(field, columns, left, row), vectorY(field, columns, column, above)) : y;
}

/**
 * Vectors of 8x8 blocks by trying all within `reach` pixels, every second one at first.
 *
 * cur, ref: u8 planes with a margin of PYRAMID_MARGIN, by address of their first pixels; columns, rows: blocks;
 * vectors: i16 [rows, columns, 2], x and y in pixels from cur to ref; weight: what a pixel off the neighbours costs.
 */
export function searchBlocks(
  cur: usize,
  ref: usize,
  stride: i32,
  columns: i32,
  rows: i32,
  vectors: usize,
  reach: i32,
  weight: i32,
): void {
  begin(cur, ref, stride, columns << 3, rows << 3);
  pull = weight;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const x = column << 3;
      const y = row << 3;
      pullToMedian(vectors, columns, column, row, 0, 0);
      best = i32.MAX_VALUE;
      try8(x, y, pullX, pullY);
      for (let vy = -reach; vy <= reach; vy += 2) {
        for (let vx = -reach; vx <= reach; vx += 2) try8(x, y, vx, vy);
      }
      const coarseX = bestX;
      const coarseY = bestY;
      for (let vy = -1; vy <= 1; vy++) {
        for (let vx = -1; vx <= 1; vx++) try8(x, y, coarseX + vx, coarseY + vy);
      }
      put(vectors, columns, column, row, bestX, bestY);
    }
  }
}

/**
 * Vectors of 8x8 blocks of the next finer level: from those of the coarser level near them, of their neighbours and no
 * motion, then a pixel around. coarse: i16 [coarseRows, coarseColumns, 2], each over 2x2 of these blocks, in pixels of
 * its own level. The rest as for searchBlocks.
 */
export function refineBlocks(
  cur: usize,
  ref: usize,
  stride: i32,
  columns: i32,
  rows: i32,
  coarse: usize,
  coarseColumns: i32,
  coarseRows: i32,
  vectors: usize,
  weight: i32,
): void {
  begin(cur, ref, stride, columns << 3, rows << 3);
  pull = weight;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const x = column << 3;
      const y = row << 3;
      const parentX = column >> 1;
      const parentY = row >> 1;
      // The two other coarse blocks that lie nearest.
      const sideX = min(max(parentX + ((column & 1) << 1) - 1, 0), coarseColumns - 1);
      const sideY = min(max(parentY + ((row & 1) << 1) - 1, 0), coarseRows - 1);
      const px = vectorX(coarse, coarseColumns, parentX, parentY) << 1;
      const py = vectorY(coarse, coarseColumns, parentX, parentY) << 1;
      pullToMedian(vectors, columns, column, row, px, py);
      best = i32.MAX_VALUE;
      try8(x, y, pullX, pullY);
      try8(x, y, px, py);
      try8(x, y, vectorX(coarse, coarseColumns, sideX, parentY) << 1, vectorY(coarse, coarseColumns, sideX, parentY) << 1);
      try8(x, y, vectorX(coarse, coarseColumns, parentX, sideY) << 1, vectorY(coarse, coarseColumns, parentX, sideY) << 1);
      if (column > 0) try8(x, y, vectorX(vectors, columns, column - 1, row), vectorY(vectors, columns, column - 1, row));
      if (row > 0) try8(x, y, vectorX(vectors, columns, column, row - 1), vectorY(vectors, columns, column, row - 1));
      try8(x, y, 0, 0);
      const nearX = bestX;
      const nearY = bestY;
      for (let vy = -1; vy <= 1; vy++) {
        for (let vx = -1; vx <= 1; vx++) try8(x, y, nearX + vx, nearY + vy);
      }
      put(vectors, columns, column, row, bestX, bestY);
    }
  }
}

/**
 * Vectors of 16x16 blocks of the finest level in half pixels, from those of the half-size level, one for one. A second
 * pass back from the last block holds each to all its neighbours. coarse: i16 [rows, columns, 2] in pixels of the half
 * size; vectors: i16 [rows, columns, 2] in half pixels. The rest as for searchBlocks.
 */
export function finishBlocks(
  cur: usize,
  ref: usize,
  stride: i32,
  columns: i32,
  rows: i32,
  coarse: usize,
  vectors: usize,
  weight: i32,
): void {
  begin(cur, ref, stride, columns << 4, rows << 4);
  pull = weight;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const x = column << 4;
      const y = row << 4;
      const px = vectorX(coarse, columns, column, row) << 2;
      const py = vectorY(coarse, columns, column, row) << 2;
      pullToMedian(vectors, columns, column, row, px, py);
      best = i32.MAX_VALUE;
      try16(x, y, pullX, pullY);
      try16(x, y, px, py);
      if (column > 0) try16(x, y, vectorX(vectors, columns, column - 1, row), vectorY(vectors, columns, column - 1, row));
      if (row > 0) try16(x, y, vectorX(vectors, columns, column, row - 1), vectorY(vectors, columns, column, row - 1));
      for (let step = 2; step > 0; step--) {
        const nearX = bestX;
        const nearY = bestY;
        for (let vy = -step; vy <= step; vy += step) {
          for (let vx = -step; vx <= step; vx += step) {
            if (vx !== 0 || vy !== 0) try16(x, y, nearX + vx, nearY + vy);
          }
        }
      }
      put(vectors, columns, column, row, bestX, bestY);
    }
  }
  settle(columns, rows, vectors, weight);
}

/** Gives each block, from the last to the first, the vector among its own and its neighbours' that suits all best. */
function settle(columns: i32, rows: i32, vectors: usize, weight: i32): void {
  pull = 0;
  for (let row = rows - 1; row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--) {
      best = i32.MAX_VALUE;
      // Its own first: of equals, the first stays.
      trySettled(vectors, columns, rows, column, row, column, row, weight);
      for (let near = max(row - 1, 0); near <= min(row + 1, rows - 1); near++) {
        for (let side = max(column - 1, 0); side <= min(column + 1, columns - 1); side++) {
          if (
            vectorX(vectors, columns, side, near) === vectorX(vectors, columns, column, row) &&
            vectorY(vectors, columns, side, near) === vectorY(vectors, columns, column, row)
          ) {
            continue;
          }
          trySettled(vectors, columns, rows, column, row, side, near, weight);
        }
      }
      put(vectors, columns, column, row, bestX, bestY);
    }
  }
}

function trySettled(
  vectors: usize,
  columns: i32,
  rows: i32,
  column: i32,
  row: i32,
  side: i32,
  near: i32,
  weight: i32,
): void {
  const vx = vectorX(vectors, columns, side, near);
  const vy = vectorY(vectors, columns, side, near);
  let score = half16(column << 4, row << 4, vx, vy);
  if (score < 0) return;
  score += weight * pullAround(vectors, columns, rows, column, row, vx, vy);
  keep(vx, vy, score);
}

/**
 * Settles the motion of 16x16 blocks to the picture before and to the one after together: of its own vectors, each
 * other's opposites and its neighbours' pairs, every block takes the pair by which picture, previous and next all agree
 * best, unless it fits the picture itself clearly worse. Under damage, where the picture says nothing, previous and next
 * then still agree with each other.
 *
 * prev, next: as ref of finishBlocks; toPrev, toNext: i16 [rows, columns, 2] in half pixels, changed in place; weight: what
 * half a pixel off a neighbour costs.
 */
export function pairBlocks(
  cur: usize,
  prev: usize,
  next: usize,
  stride: i32,
  columns: i32,
  rows: i32,
  toPrev: usize,
  toNext: usize,
  weight: i32,
): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      begin(cur, prev, stride, columns << 4, rows << 4);
      best = i32.MAX_VALUE;
      const px = vectorX(toPrev, columns, column, row);
      const py = vectorY(toPrev, columns, column, row);
      const nx = vectorX(toNext, columns, column, row);
      const ny = vectorY(toNext, columns, column, row);
      let chosenX = nx;
      let chosenY = ny;
      let largest = i32.MAX_VALUE;
      for (let candidate = 0; candidate < 7; candidate++) {
        let ax = px;
        let ay = py;
        let bx = nx;
        let by = ny;
        if (candidate === 1) {
          bx = -px;
          by = -py;
        } else if (candidate === 2) {
          ax = -nx;
          ay = -ny;
        } else if (candidate > 2) {
          const side = min(max(column + (candidate === 3 ? -1 : candidate === 4 ? 1 : 0), 0), columns - 1);
          const near = min(max(row + (candidate === 5 ? -1 : candidate === 6 ? 1 : 0), 0), rows - 1);
          ax = vectorX(toPrev, columns, side, near);
          ay = vectorY(toPrev, columns, side, near);
          bx = vectorX(toNext, columns, side, near);
          by = vectorY(toNext, columns, side, near);
        }
        if (candidate > 0 && ax === px && ay === py && bx === nx && by === ny) continue;
        const score = pairScore(prev, next, column << 4, row << 4, ax, ay, bx, by);
        if (candidate === 0 && score >= 0) largest = toBoth + toBoth / 4 + SLACK;
        if (score < 0 || toBoth > largest) continue;
        const pull =
          pullAround(toPrev, columns, rows, column, row, ax, ay) + pullAround(toNext, columns, rows, column, row, bx, by);
        if (score + weight * pull >= best) continue;
        keep(ax, ay, score + weight * pull);
        chosenX = bx;
        chosenY = by;
      }
      if (best === i32.MAX_VALUE) continue;
      put(toPrev, columns, column, row, bestX, bestY);
      put(toNext, columns, column, row, chosenX, chosenY);
    }
  }
}

/** Summed distance of a vector from those of the four blocks around. */
function pullAround(vectors: usize, columns: i32, rows: i32, column: i32, row: i32, x: i32, y: i32): i32 {
  const left = max(column - 1, 0);
  const right = min(column + 1, columns - 1);
  const above = max(row - 1, 0);
  const below = min(row + 1, rows - 1);
  return (
    distance(x, y, vectorX(vectors, columns, left, row), vectorY(vectors, columns, left, row)) +
    distance(x, y, vectorX(vectors, columns, right, row), vectorY(vectors, columns, right, row)) +
    distance(x, y, vectorX(vectors, columns, column, above), vectorY(vectors, columns, column, above)) +
    distance(x, y, vectorX(vectors, columns, column, below), vectorY(vectors, columns, column, below))
  );
}

/** Limited differences of all three pairs of a 16x16 block of the picture and of both neighbours; -1 beyond the margin. */
function pairScore(prev: usize, next: usize, x: i32, y: i32, ax: i32, ay: i32, bx: i32, by: i32): i32 {
  if (!isWithin(x + (ax >> 1), y + (ay >> 1), 16) || !isWithin(x + (bx >> 1), y + (by >> 1), 16)) return -1;
  let own = from + <usize>y * pitch + x;
  let a = prev + <usize>(y + (ay >> 1)) * pitch + (x + (ax >> 1));
  let b = next + <usize>(y + (by >> 1)) * pitch + (x + (bx >> 1));
  const rightA = <usize>(ax & 1);
  const rightB = <usize>(bx & 1);
  const downA: usize = ay & 1 ? <usize>pitch : 0;
  const downB: usize = by & 1 ? <usize>pitch : 0;
  let total = i16x8.splat(0);
  let gap = i16x8.splat(0);
  for (let line = 0; line < 16; line++) {
    const pixels = v128.load(own);
    const before = between(a, rightA, downA);
    const after = between(b, rightB, downB);
    total = i16x8.add(total, i16x8.extadd_pairwise_i8x16_u(limited(pixels, before)));
    total = i16x8.add(total, i16x8.extadd_pairwise_i8x16_u(limited(pixels, after)));
    gap = i16x8.add(gap, i16x8.extadd_pairwise_i8x16_u(limited(before, after)));
    own += pitch;
    a += pitch;
    b += pitch;
  }
  toBoth = lanes(i32x4.extadd_pairwise_i16x8_u(total));
  return toBoth + lanes(i32x4.extadd_pairwise_i16x8_u(gap));
}

/**
 * Divides 16x16 blocks into 8x8 blocks, each of which keeps its vector or takes one of the three nearest blocks'.
 *
 * vectors: i16 [rows, columns, 2] in half pixels; fine: i16 [2 rows, 2 columns, 2] in half pixels; cost: of leaving the
 * block's own vector, in summed levels.
 */
export function splitBlocks(
  cur: usize,
  ref: usize,
  stride: i32,
  columns: i32,
  rows: i32,
  vectors: usize,
  fine: usize,
  cost: i32,
): void {
  begin(cur, ref, stride, columns << 4, rows << 4);
  for (let row = 0; row < rows << 1; row++) {
    for (let column = 0; column < columns << 1; column++) {
      const home = column >> 1;
      const line = row >> 1;
      const side = min(max(home + ((column & 1) << 1) - 1, 0), columns - 1);
      const near = min(max(line + ((row & 1) << 1) - 1, 0), rows - 1);
      best = i32.MAX_VALUE;
      tryHalf8(column << 3, row << 3, vectors, columns, home, line, 0);
      tryHalf8(column << 3, row << 3, vectors, columns, side, line, cost);
      tryHalf8(column << 3, row << 3, vectors, columns, home, near, cost);
      tryHalf8(column << 3, row << 3, vectors, columns, side, near, cost);
      put(fine, columns << 1, column, row, bestX, bestY);
    }
  }
}

function tryHalf8(x: i32, y: i32, vectors: usize, columns: i32, column: i32, row: i32, cost: i32): void {
  const vx = vectorX(vectors, columns, column, row);
  const vy = vectorY(vectors, columns, column, row);
  if (best !== i32.MAX_VALUE && vx === bestX && vy === bestY) return;
  const left = x + (vx >> 1);
  const top = y + (vy >> 1);
  if (!isWithin(left, top, 8)) return;
  let a = from + <usize>y * pitch + x;
  let b = to + <usize>top * pitch + left;
  const right = <usize>(vx & 1);
  const down = vy & 1 ? <usize>pitch : 0;
  let sum = i8x16.splat(0);
  for (let line = 0; line < 8; line++) {
    sum = i8x16.add(sum, limited(v128.load64_zero(a), v128.and(between(b, right, down), i64x2(-1, 0))));
    a += pitch;
    b += pitch;
  }
  keep(vx, vy, sumOf(sum) + cost);
}

/**
 * Brings a plane to where its blocks are in the picture that the vectors lead from, and repeats the edge by one pixel.
 *
 * ref: u8 with margin; vectors: i16 [rows, columns, 2] of 8x8 blocks, in half pixels; dst: u8 with the same stride, by
 * address of its first pixel, its margin at least one pixel.
 */
export function compensatePlane(ref: usize, stride: i32, columns: i32, rows: i32, vectors: usize, dst: usize): void {
  const width = columns << 3;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const vx = vectorX(vectors, columns, column, row);
      const vy = vectorY(vectors, columns, column, row);
      const right = <usize>(vx & 1);
      const down = vy & 1 ? <usize>stride : 0;
      let b = ref + <usize>((row << 3) + (vy >> 1)) * stride + ((column << 3) + (vx >> 1));
      let a = dst + <usize>(row << 3) * stride + (column << 3);
      for (let y = 0; y < 8; y++) {
        v128.store64_lane(a, between(b, right, down), 0);
        a += stride;
        b += stride;
      }
    }
    for (let y = row << 3; y < (row + 1) << 3; y++) {
      const line = dst + <usize>y * stride;
      store<u8>(line - 1, load<u8>(line));
      store<u8>(line + width, load<u8>(line + width - 1));
    }
  }
}
