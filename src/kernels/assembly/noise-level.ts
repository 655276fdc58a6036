// How noisy a plane is, from a sample of its blocks.

/** Blocks of 16x8 pixels, one in STEP x STEP of them. */
const BLOCK_WIDTH: i32 = 16;
const BLOCK_HEIGHT: i32 = 8;
const STEP: i32 = 3;

/**
 * Two histograms over sampled blocks: of the mean |frame - average| (what changes over time) and of the mean
 * |second difference| across rows (what is rough in space, Immerkaer 1996, scaled so that white noise gives the
 * same figure in both). Each has 256 bins of 1/16 level. The noise is about the smaller of the two: motion raises the
 * first and texture the second.
 *
 * src: u8 [height, stride]; average: i16 [height, width], level * 64; bins: u32 [2, 256], overwritten.
 * Blocks at the plane's black (mean at most `floor`) hold clipped noise and are left out.
 */
export function noiseHistograms(
  src: usize,
  stride: i32,
  width: i32,
  height: i32,
  average: usize,
  bins: usize,
  floor: i32,
): void {
  memory.fill(bins, 0, 2048);
  for (let top = 0; top + BLOCK_HEIGHT <= height; top += BLOCK_HEIGHT * STEP) {
    for (let left = 0; left + BLOCK_WIDTH <= width; left += BLOCK_WIDTH * STEP) {
      let temporal: i32 = 0;
      let spatial: i32 = 0;
      let level: i32 = 0;
      for (let y = 0; y < BLOCK_HEIGHT; y++) {
        const row = src + <usize>(top + y) * stride + left;
        const old = average + ((<usize>(top + y) * width + left) << 1);
        const pixels = v128.load(row);
        const low = v128.extend_low<u8>(pixels);
        const high = v128.extend_high<u8>(pixels);
        const differences = i16x8.add(
          i16x8.abs(i16x8.sub(i16x8.shl(low, 6), v128.load(old))),
          i16x8.abs(i16x8.sub(i16x8.shl(high, 6), v128.load(old, 16))),
        );
        temporal += sumOf(i32x4.extadd_pairwise_i16x8_u(differences));
        level += sumOf(i32x4.extadd_pairwise_i16x8_u(i16x8.add(low, high)));
        if (y > 0 && y < BLOCK_HEIGHT - 1) {
          const above = v128.load(row - stride);
          const below = v128.load(row + stride);
          spatial += roughness(low, v128.extend_low<u8>(above), v128.extend_low<u8>(below));
          spatial += roughness(high, v128.extend_high<u8>(above), v128.extend_high<u8>(below));
        }
      }
      if (level <= floor * BLOCK_WIDTH * BLOCK_HEIGHT) continue;
      // Mean absolute difference times 16: 128 pixels and 64 per level.
      count(bins, temporal / ((128 * 64) / 16));
      // a - 2b + c of white noise has sqrt(6) times its deviation; 6 inner rows of 16 pixels.
      count(bins + 1024, <i32>((<f32>spatial * 16) / (96 * 2.449)));
    }
  }
}

// @ts-ignore: decorator
@inline
function sumOf(v: v128): i32 {
  return (
    i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3)
  );
}

// @ts-ignore: decorator
@inline
function roughness(middle: v128, above: v128, below: v128): i32 {
  const second = i16x8.abs(i16x8.sub(i16x8.add(above, below), i16x8.shl(middle, 1)));
  return sumOf(i32x4.extadd_pairwise_i16x8_u(second));
}

// @ts-ignore: decorator
@inline
function count(bins: usize, bin: i32): void {
  const place = bins + (<usize>min(255, bin) << 2);
  store<u32>(place, load<u32>(place) + 1);
}
