// Between interleaved pixels, as picture files have them, and planes of R, G, B in 0..1, f32.

/**
 * Pixels to planes. src: u8 or, at a depth of 16, u16 [count, channels], of which the first three are taken; rgb: f32 [3, count].
 */
export function unpackRgb(src: usize, rgb: usize, count: i32, channels: i32, depth: i32): void {
  if (depth === 8) unpackRgb8(src, rgb, count, channels);
  else unpackRgb16(src, rgb, count, channels);
}

function unpackRgb8(src: usize, rgb: usize, count: i32, channels: i32): void {
  const plane = <usize>count << 2;
  const step = <usize>channels;
  for (let to = rgb, end = rgb + plane, from = src; to < end; to += 4, from += step) {
    store<f32>(to, <f32>(<f64>load<u8>(from) * (1.0 / 255)));
    store<f32>(to + plane, <f32>(<f64>load<u8>(from, 1) * (1.0 / 255)));
    store<f32>(to + 2 * plane, <f32>(<f64>load<u8>(from, 2) * (1.0 / 255)));
  }
}

function unpackRgb16(src: usize, rgb: usize, count: i32, channels: i32): void {
  const plane = <usize>count << 2;
  const step = <usize>channels << 1;
  for (let to = rgb, end = rgb + plane, from = src; to < end; to += 4, from += step) {
    store<f32>(to, <f32>(<f64>load<u16>(from) * (1.0 / 65535)));
    store<f32>(to + plane, <f32>(<f64>load<u16>(from, 2) * (1.0 / 65535)));
    store<f32>(to + 2 * plane, <f32>(<f64>load<u16>(from, 4) * (1.0 / 65535)));
  }
}

/**
 * A run of pixels from planes, rounded. rgb: f32, the first red one, in 0..1; plane: bytes from red to green and from green to blue;
 * dst: u8 or, at a depth of 16, u16 [count, channels], of which channels beyond three stay as they are.
 */
export function packRgb(rgb: usize, plane: usize, dst: usize, count: i32, channels: i32, depth: i32): void {
  if (depth === 8) packRgb8(rgb, plane, dst, count, channels);
  else packRgb16(rgb, plane, dst, count, channels);
}

function packRgb8(rgb: usize, plane: usize, dst: usize, count: i32, channels: i32): void {
  const step = <usize>channels;
  for (let from = rgb, end = rgb + (<usize>count << 2), to = dst; from < end; from += 4, to += step) {
    store<u8>(to, <u8>(<i32>(<f64>load<f32>(from) * 255 + 0.5)));
    store<u8>(to, <u8>(<i32>(<f64>load<f32>(from + plane) * 255 + 0.5)), 1);
    store<u8>(to, <u8>(<i32>(<f64>load<f32>(from + 2 * plane) * 255 + 0.5)), 2);
  }
}

function packRgb16(rgb: usize, plane: usize, dst: usize, count: i32, channels: i32): void {
  const step = <usize>channels << 1;
  for (let from = rgb, end = rgb + (<usize>count << 2), to = dst; from < end; from += 4, to += step) {
    store<u16>(to, <u16>(<i32>(<f64>load<f32>(from) * 65535 + 0.5)));
    store<u16>(to, <u16>(<i32>(<f64>load<f32>(from + plane) * 65535 + 0.5)), 2);
    store<u16>(to, <u16>(<i32>(<f64>load<f32>(from + 2 * plane) * 65535 + 0.5)), 4);
  }
}
