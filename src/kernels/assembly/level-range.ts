// The levels that occur in a part of a picture: of tables only the entries that will be looked up need be made.

/**
 * The darkest and the brightest level of a rectangle, as darkest << 16 | brightest, whole levels 0..255.
 *
 * src: u8 or i16 (level * 64) [rows, stride], at least one pixel; stride in pixels.
 */
// @ts-ignore: decorator
@inline
export function levelRange<T>(src: usize, stride: i32, width: i32, rows: i32): i32 {
  return sizeof<T>() == 1 ? range8(src, stride, width, rows) : range16(src, stride, width, rows);
}

function range8(src: usize, stride: i32, width: i32, rows: i32): i32 {
  let darkest: i32 = 255;
  let brightest: i32 = 0;
  if (width >= 16) {
    let low = i8x16.splat(-1);
    let high = i8x16.splat(0);
    for (let y = 0; y < rows; y++) {
      const row = src + <usize>y * stride;
      // The last vector may overlap the one before it.
      for (let x = 0; x < width; x += 16) {
        const pixels = v128.load(row + min(x, width - 16));
        low = i8x16.min_u(low, pixels);
        high = i8x16.max_u(high, pixels);
      }
    }
    low = i8x16.min_u(low, i8x16.shuffle(low, low, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    high = i8x16.max_u(high, i8x16.shuffle(high, high, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    const lows = i64x2.extract_lane(low, 0);
    const highs = i64x2.extract_lane(high, 0);
    for (let k = 0; k < 64; k += 8) {
      darkest = min(darkest, <i32>((lows >> k) & 255));
      brightest = max(brightest, <i32>((highs >> k) & 255));
    }
  } else {
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < width; x++) {
        const level = <i32>load<u8>(src + <usize>y * stride + x);
        darkest = min(darkest, level);
        brightest = max(brightest, level);
      }
    }
  }
  return (darkest << 16) | brightest;
}

function range16(src: usize, stride: i32, width: i32, rows: i32): i32 {
  let darkest: i32 = 255 << 6;
  let brightest: i32 = 0;
  if (width >= 8) {
    let low = i16x8.splat(255 << 6);
    let high = i16x8.splat(0);
    for (let y = 0; y < rows; y++) {
      const row = src + ((<usize>y * stride) << 1);
      for (let x = 0; x < width; x += 8) {
        const pixels = v128.load(row + (<usize>min(x, width - 8) << 1));
        low = i16x8.min_s(low, pixels);
        high = i16x8.max_s(high, pixels);
      }
    }
    low = i16x8.min_s(low, i16x8.shuffle(low, low, 4, 5, 6, 7, 0, 1, 2, 3));
    high = i16x8.max_s(high, i16x8.shuffle(high, high, 4, 5, 6, 7, 0, 1, 2, 3));
    const lows = i64x2.extract_lane(low, 0);
    const highs = i64x2.extract_lane(high, 0);
    for (let k = 0; k < 64; k += 16) {
      darkest = min(darkest, <i32>((lows >> k) & 0xffff));
      brightest = max(brightest, <i32>((highs >> k) & 0xffff));
    }
  } else {
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < width; x++) {
        const level = <i32>load<i16>(src + ((<usize>y * stride + x) << 1));
        darkest = min(darkest, level);
        brightest = max(brightest, level);
      }
    }
  }
  return ((darkest >> 6) << 16) | (brightest >> 6);
}
