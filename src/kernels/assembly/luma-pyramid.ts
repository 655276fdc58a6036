// Copies of luma at full, half and quarter size with a margin, so that blocks may be looked for beyond a picture's edge.

/** Pixels around each level that repeat its edge. */
export const PYRAMID_MARGIN: i32 = 32;

/**
 * Copies a plane and repeats its edge up to the padded size and into the margin. Each level passes
 * (level * gain + 128) >> 8 plus bias, held to 0..255.
 *
 * src: u8 [height, stride]; dst: u8, address of its first pixel, with a margin on all sides; paddedWidth, paddedHeight:
 * multiples of 16, at least the size. gain: 256 for 1, at most 32767 / 256; bias: levels.
 */
export function padPlane(
  src: usize,
  stride: i32,
  width: i32,
  height: i32,
  dst: usize,
  dstStride: i32,
  paddedWidth: i32,
  paddedHeight: i32,
  gain: i32,
  bias: i32,
): void {
  const blocks = width & ~15;
  const gains = i16x8.splat(<i16>gain);
  const biases = i32x4.splat((bias << 8) + 128);
  const isCopy = gain == 256 && bias == 0;
  for (let y = 0; y < height; y++) {
    const from = src + <usize>y * stride;
    const to = dst + <usize>y * dstStride;
    if (isCopy) {
      memory.copy(to, from, width);
    } else {
      for (let x = 0; x < blocks; x += 16) {
        const pixels = v128.load(from + x);
        const low = v128.extend_low<u8>(pixels);
        const high = v128.extend_high<u8>(pixels);
        const a = i32x4.shr_s(i32x4.add(i32x4.extmul_low_i16x8_s(low, gains), biases), 8);
        const b = i32x4.shr_s(i32x4.add(i32x4.extmul_high_i16x8_s(low, gains), biases), 8);
        const c = i32x4.shr_s(i32x4.add(i32x4.extmul_low_i16x8_s(high, gains), biases), 8);
        const d = i32x4.shr_s(i32x4.add(i32x4.extmul_high_i16x8_s(high, gains), biases), 8);
        v128.store(
          to + x,
          i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)),
        );
      }
      for (let x = blocks; x < width; x++) {
        const level = (<i32>load<u8>(from + x) * gain + (bias << 8) + 128) >> 8;
        store<u8>(to + x, <u8>min(255, max(0, level)));
      }
    }
    memory.fill(to + width, load<u8>(to + width - 1), paddedWidth - width);
  }
  for (let y = height; y < paddedHeight; y++) {
    memory.copy(dst + <usize>y * dstStride, dst + <usize>(height - 1) * dstStride, paddedWidth);
  }
  repeatEdge(dst, dstStride, paddedWidth, paddedHeight);
}

/**
 * Halves a plane, each pixel about the mean of four.
 *
 * src: u8 of twice the size; dst: u8; width, height: of dst. Up to 7 bytes after each row of dst are written over.
 */
export function halveRows(src: usize, stride: i32, dst: usize, dstStride: i32, width: i32, height: i32): void {
  const one = i16x8.splat(1);
  for (let y = 0; y < height; y++) {
    const upper = src + (<usize>y << 1) * stride;
    const to = dst + <usize>y * dstStride;
    for (let x = 0; x < width; x += 8) {
      const at = upper + (<usize>x << 1);
      const sums = i16x8.extadd_pairwise_i8x16_u(i8x16.avgr_u(v128.load(at), v128.load(at + stride)));
      const means = i16x8.shr_u(i16x8.add(sums, one), 1);
      v128.store64_lane(to + x, i8x16.narrow_i16x8_u(means, means), 0);
    }
  }
}

/** Halves a padded level as `halveRows`, its width a multiple of 8, and repeats the edge into its margin. */
export function halvePlane(src: usize, stride: i32, dst: usize, dstStride: i32, width: i32, height: i32): void {
  halveRows(src, stride, dst, dstStride, width, height);
  repeatEdge(dst, dstStride, width, height);
}

/** Fills the margin around a plane with its nearest pixels. */
export function repeatEdge(plane: usize, stride: i32, width: i32, height: i32): void {
  for (let y = 0; y < height; y++) {
    const row = plane + <usize>y * stride;
    memory.fill(row - PYRAMID_MARGIN, load<u8>(row), PYRAMID_MARGIN);
    memory.fill(row + width, load<u8>(row + width - 1), PYRAMID_MARGIN);
  }
  const length = <usize>(width + 2 * PYRAMID_MARGIN);
  const first = plane - PYRAMID_MARGIN;
  const last = first + <usize>(height - 1) * stride;
  for (let y = 1; y <= PYRAMID_MARGIN; y++) {
    memory.copy(first - <usize>y * stride, first, length);
    memory.copy(last + <usize>y * stride, last, length);
  }
}
