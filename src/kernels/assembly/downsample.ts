// Area average of one 8-bit plane to a small float plane.

// Column sums are kept in 16 bits; more rows than this would overflow them.
const ROWS_PER_SUM: i32 = 256;

/**
 * Averages boxes of a plane. Box i of n over a length spans whole pixels floor(i * length / n) to
 * floor((i + 1) * length / n), at least one.
 *
 * src: u8 [height, stride]; dst: f32 [dstHeight, dstWidth], 0..255; sums: scratch, u16 [width rounded up to 16].
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
    let left = 0;
    for (let j = 0; j < dstWidth; j++) {
      left = <i32>((<i64>j * width) / dstWidth);
      const right = max(left + 1, <i32>((<i64>(j + 1) * width) / dstWidth));
      let sum: u32 = 0;
      for (let x = left; x < right; x++) sum += load<u16>(sums + (x << 1));
      store<f32>(row + (j << 2), <f32>sum / <f32>((right - left) * rows));
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
