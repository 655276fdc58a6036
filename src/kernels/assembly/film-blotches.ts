// How a picture differs from its neighbours once these are brought to where its parts are, and where it does so as only
// damage would.

/** Side of the blocks that light is compared over. */
const LIGHT_BLOCK: i32 = 32;
/** Differences beyond this many levels are damage or motion, not light. */
const LIGHT_LIMIT: i32 = 24;
/** Differences beyond this many levels count no more for how well blocks fit. */
const FIT_LIMIT: i32 = 31;

// @ts-ignore: decorator
@inline
function sumOf(v: v128): i32 {
  return (
    i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3)
  );
}

// @ts-ignore: decorator
@inline
function apart(a: v128, b: v128): v128 {
  return v128.or(i8x16.sub_sat_u(a, b), i8x16.sub_sat_u(b, a));
}

/**
 * Sums of the limited differences cur - other over blocks of 32x32. cur, other: u8 planes of one stride; columns, rows:
 * blocks; sums: i32 [rows, columns].
 */
export function lightSums(cur: usize, other: usize, stride: i32, columns: i32, rows: i32, sums: usize): void {
  const limit = i8x16.splat(<i8>LIGHT_LIMIT);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let at = <usize>(row * LIGHT_BLOCK) * stride + column * LIGHT_BLOCK;
      let sum = i16x8.splat(0);
      for (let y = 0; y < LIGHT_BLOCK; y++) {
        for (let x: usize = 0; x < 32; x += 16) {
          const a = v128.load(cur + at + x);
          const b = v128.load(other + at + x);
          const more = i8x16.min_u(i8x16.sub_sat_u(a, b), limit);
          const less = i8x16.min_u(i8x16.sub_sat_u(b, a), limit);
          sum = i16x8.add(sum, i16x8.extadd_pairwise_i8x16_s(i8x16.sub(more, less)));
        }
        at += stride;
      }
      store<i32>(sums + (<usize>(row * columns + column) << 2), sumOf(i32x4.extadd_pairwise_i16x8_s(sum)));
    }
  }
}

/** Adds to every 8x8 block of a plane its shift, held to 0..255. shifts: i8 [rows, columns], levels. */
export function shiftBlocks(plane: usize, stride: i32, columns: i32, rows: i32, shifts: usize): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const shift = <i32>load<i8>(shifts + <usize>(row * columns + column));
      if (shift === 0) continue;
      const size = i8x16.splat(<i8>abs(shift));
      let at = plane + <usize>(row << 3) * stride + (column << 3);
      for (let y = 0; y < 8; y++) {
        const pixels = v128.load64_zero(at);
        v128.store64_lane(at, shift > 0 ? i8x16.add_sat_u(pixels, size) : i8x16.sub_sat_u(pixels, size), 0);
        at += stride;
      }
    }
  }
}

/**
 * How well three planes of one stride fit, by blocks of 16x16: sums of limited |cur - prev|, |cur - next| and
 * |prev - next|. sums: u16 [rows, columns, 4], the last of each unused.
 */
export function fitSums(
  cur: usize,
  prev: usize,
  next: usize,
  stride: i32,
  columns: i32,
  rows: i32,
  sums: usize,
): void {
  const limit = i8x16.splat(<i8>FIT_LIMIT);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let at = <usize>(row << 4) * stride + (column << 4);
      let a = i32x4.splat(0);
      let b = i32x4.splat(0);
      let c = i32x4.splat(0);
      for (let half = 0; half < 2; half++) {
        let toPrev = i8x16.splat(0);
        let toNext = i8x16.splat(0);
        let between = i8x16.splat(0);
        for (let y = 0; y < 8; y++) {
          const own = v128.load(cur + at);
          const before = v128.load(prev + at);
          const after = v128.load(next + at);
          toPrev = i8x16.add(toPrev, i8x16.min_u(apart(own, before), limit));
          toNext = i8x16.add(toNext, i8x16.min_u(apart(own, after), limit));
          between = i8x16.add(between, i8x16.min_u(apart(before, after), limit));
          at += stride;
        }
        a = i32x4.add(a, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(toPrev)));
        b = i32x4.add(b, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(toNext)));
        c = i32x4.add(c, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(between)));
      }
      const place = sums + (<usize>(row * columns + column) << 3);
      store<u16>(place, <u16>sumOf(a));
      store<u16>(place, <u16>sumOf(b), 2);
      store<u16>(place, <u16>sumOf(c), 4);
    }
  }
}

/**
 * Marks pixels that differ from both neighbours to the same side: 2 where they also lie outside of all that the neighbours
 * hold within a pixel around by more than the block's threshold, and the neighbours agree with each other; 1 where the
 * plain differences exceed a share of it; else 0 (after the rank-order difference detector of Nadenau and Mitra, 1996).
 *
 * cur, prev, next: u8 of one stride, the neighbours with an edge of at least a pixel; columns: blocks of 16 across;
 * thresholds: u8 [height / 16 rounded up, columns], levels; weak: share of the threshold for 1, in 1/16;
 * labels: u8 with the same stride.
 */
export function markBlotches(
  cur: usize,
  prev: usize,
  next: usize,
  stride: i32,
  columns: i32,
  height: i32,
  thresholds: usize,
  weak: i32,
  labels: usize,
): void {
  const one = i8x16.splat(1);
  const zero = i8x16.splat(0);
  for (let y = 0; y < height; y++) {
    const above = y > 0 ? <usize>stride : 0;
    const below = y < height - 1 ? <usize>stride : 0;
    const limits = thresholds + <usize>((y >> 4) * columns);
    for (let column = 0; column < columns; column++) {
      const at = <usize>y * stride + (column << 4);
      const own = v128.load(cur + at);
      const p = prev + at;
      const n = next + at;
      const before = v128.load(p);
      const after = v128.load(n);
      const lighter = i8x16.min_u(i8x16.sub_sat_u(own, before), i8x16.sub_sat_u(own, after));
      const darker = i8x16.min_u(i8x16.sub_sat_u(before, own), i8x16.sub_sat_u(after, own));
      const off = v128.or(lighter, darker);
      const limit = <i32>load<u8>(limits + column);
      const isWeak = i8x16.gt_u(off, i8x16.splat(<i8>((limit * weak) >> 4)));
      if (!v128.any_true(isWeak)) {
        v128.store(labels + at, zero);
        continue;
      }
      const gap = apart(before, after);
      let high = i8x16.max_u(before, after);
      let low = i8x16.min_u(before, after);
      for (let line = 0; line < 3; line++) {
        const up: usize = line === 0 ? (0 as usize) - above : line === 1 ? (0 as usize) : below;
        for (let step: usize = 0; step < 3; step++) {
          const a = v128.load(p + up + step - 1);
          const b = v128.load(n + up + step - 1);
          high = i8x16.max_u(high, i8x16.max_u(a, b));
          low = i8x16.min_u(low, i8x16.min_u(a, b));
        }
      }
      const outside = v128.or(i8x16.sub_sat_u(own, high), i8x16.sub_sat_u(low, own));
      const agrees = i8x16.le_u(gap, off);
      const agreesWell = i8x16.le_u(i8x16.add_sat_u(gap, gap), off);
      const isStrong = v128.and(i8x16.gt_u(outside, i8x16.splat(<i8>limit)), agreesWell);
      v128.store(
        labels + at,
        i8x16.add(v128.and(v128.and(isWeak, agrees), one), v128.and(v128.and(isStrong, isWeak), one)),
      );
    }
  }
}
