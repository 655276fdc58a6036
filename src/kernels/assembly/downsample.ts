// Area average of one 8-bit plane to a small float plane.

// Column sums are kept in 16 bits; more rows than this would overflow them.
const ROWS_PER_SUM: i32 = 256;

/**
 * Averages boxes of a plane. Box i of n over a length spans whole pixels floor(i * length / n) to
 * floor((i + 1) * length / n), at least one.
 *
 * src: u8 [height, stride]; dst: f32 [dstHeight, dstWidth], 0..255; sums: scratch, u16 [width + 16].
 */
export function downsamplePlane(
  src: usize,
  stride: i32,
  width: i32,
  height: i32,
  dst: usize,
  dstWidth: i32,
  dstHeight: i32,
  sums: usize,
): void {
  const blocks = width & ~15;
  const whole = width / dstWidth;
  const part = width % dstWidth;
  for (let i = 0; i < dstHeight; i++) {
    const top = <i32>((<i64>i * height) / dstHeight);
    const bottom = max(top + 1, <i32>((<i64>(i + 1) * height) / dstHeight));
    const step = (bottom - top + ROWS_PER_SUM - 1) / ROWS_PER_SUM;
    const rows = (bottom - top + step - 1) / step;
    const first = src + <usize>top * stride;
    const jump = <usize>step * stride;
    for (let x = 0; x < blocks; x += 16) {
      let low = i16x8.splat(0);
      let high = i16x8.splat(0);
      let p = first + x;
      for (let r = 0; r < rows; r++, p += jump) {
        const pixels = v128.load(p);
        low = i16x8.add(low, v128.extend_low<u8>(pixels));
        high = i16x8.add(high, v128.extend_high<u8>(pixels));
      }
      v128.store(sums + (x << 1), low);
      v128.store(sums + (x << 1), high, 16);
    }
    for (let x = blocks; x < width; x++) {
      let sum: u32 = 0;
      let p = first + x;
      for (let r = 0; r < rows; r++, p += jump) sum += load<u8>(p);
      store<u16>(sums + (x << 1), <u16>sum);
    }
    const row = dst + ((<usize>i * dstWidth) << 2);
    // Boundaries are carried along: two 64-bit divisions for each pixel made are slow.
    let left = 0;
    let rest = 0;
    for (let j = 0; j < dstWidth; j++) {
      let next = left + whole;
      rest += part;
      if (rest >= dstWidth) {
        rest -= dstWidth;
        next++;
      }
      const right = max(left + 1, next);
      // Eight sums at a time, those behind the boundary left out: loops of seven or eight turns cannot be foretold.
      let parts = i32x4.splat(0);
      for (let x = left; x < right; x += 8) {
        const inside = i16x8.lt_s(i16x8(0, 1, 2, 3, 4, 5, 6, 7), i16x8.splat(<i16>(right - x)));
        parts = i32x4.add(parts, i32x4.extadd_pairwise_i16x8_u(v128.and(v128.load(sums + (x << 1)), inside)));
      }
      parts = i32x4.add(parts, i32x4.shuffle(parts, parts, 2, 3, 0, 1));
      const sum = i32x4.extract_lane(parts, 0) + i32x4.extract_lane(parts, 1);
      store<f32>(row + (j << 2), <f32>sum / <f32>((right - left) * rows));
      left = next;
    }
  }
}

/** The same average from float to float: a thumbnail of a working-size plane. src: f32 [height, width]. */
export function downsampleFloat(src: usize, width: i32, height: i32, dst: usize, dstWidth: i32, dstHeight: i32): void {
  for (let i = 0; i < dstHeight; i++) {
    const top = (i * height) / dstHeight;
    const bottom = max(top + 1, ((i + 1) * height) / dstHeight);
    for (let j = 0; j < dstWidth; j++) {
      const left = (j * width) / dstWidth;
      const right = max(left + 1, ((j + 1) * width) / dstWidth);
      let sum: f32 = 0;
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) sum += load<f32>(src + ((<usize>y * width + x) << 2));
      }
      store<f32>(dst + ((<usize>i * dstWidth + j) << 2), sum / <f32>((bottom - top) * (right - left)));
    }
  }
}
