// Between pictures at full resolution and the float planes of a network that sees all of their pixels.

// Fraction of the noise filter's averages, as temporal-denoise has them.
const PER_AVERAGE: f32 = 1.0 / 64.0;

/**
 * Levels to floats, each pixel `step` times along both axes. src: u8 [height, stride]; dst: f32 [height * step, width * step];
 * width is even; step is 1 or 2.
 */
export function widenLevels(src: usize, stride: i32, width: i32, height: i32, dst: usize, step: i32): void {
  widen<u8>(src, stride, width, height, dst, step, 1);
}

/** The same of the noise filter's averages. src: i16 [height, width], level * 64. */
export function widenAverages(src: usize, width: i32, height: i32, dst: usize, step: i32): void {
  widen<i16>(src, width, width, height, dst, step, PER_AVERAGE);
}

// @ts-ignore: decorator
@inline
function widen<T>(src: usize, stride: i32, width: i32, height: i32, dst: usize, step: i32, scale: f32): void {
  for (let y = 0; y < height; y++) {
    const row = src + <usize>y * stride * sizeof<T>();
    const at = dst + ((<usize>y * step * step * width) << 2);
    for (let x = 0; x < width; x++) {
      const value = <f32>load<T>(row + <usize>x * sizeof<T>()) * scale;
      if (step === 1) {
        store<f32>(at + ((<usize>x) << 2), value);
      } else {
        store<f32>(at + ((<usize>x) << 3), value);
        store<f32>(at + ((<usize>x) << 3) + 4, value);
      }
    }
    if (step === 2) memory.copy(at + ((<usize>width) << 3), at, (<usize>width) << 3);
  }
}

/**
 * What a plane lacks of a network's: diff = trust * (mean of step x step pixels of target - plane). Trust goes by the camera's luma
 * there: 1 up to level `dark`, 0 from level `light` on.
 * target: f32 [height * step, width * step]; plane: u8 [height, stride]; luma: u8 [height * step, lumaStride]; diff: f32 [height, width];
 * width * step is even; step is 1 or 2; dark is less than light.
 */
export function lackingDetail(
  target: usize,
  step: i32,
  plane: usize,
  stride: i32,
  width: i32,
  height: i32,
  luma: usize,
  lumaStride: i32,
  dark: f32,
  light: f32,
  diff: usize,
): void {
  const whole = width & ~3;
  const wide = <usize>(width * step) << 2;
  const scale: f32 = 1.0 / (light - dark);
  const slope = f32x4.splat(scale);
  const most = f32x4.splat(light);
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  for (let y = 0; y < height; y++) {
    const row = plane + <usize>y * stride;
    const seen = luma + <usize>(y * step) * lumaStride;
    const from = target + <usize>(y * step) * wide;
    const to = diff + ((<usize>y * width) << 2);
    for (let x = 0; x < whole; x += 4) {
      const levels = floats(v128.load32_zero(row + x));
      const camera = step === 1 ? floats(v128.load32_zero(seen + x)) : floats(everySecond(v128.load64_zero(seen + (x << 1))));
      const trust = f32x4.pmin(one, f32x4.pmax(zero, f32x4.mul(f32x4.sub(most, camera), slope)));
      const lacking = f32x4.sub(meanOf(from + ((<usize>(x * step)) << 2), wide, step), levels);
      v128.store(to + ((<usize>x) << 2), f32x4.mul(trust, lacking));
    }
    for (let x = whole; x < width; x++) {
      const at = from + ((<usize>(x * step)) << 2);
      const mean =
        step === 1
          ? load<f32>(at)
          : <f32>0.25 * (load<f32>(at) + load<f32>(at + 4) + load<f32>(at + wide) + load<f32>(at + wide + 4));
      const trust = min(<f32>1, max(<f32>0, (light - <f32>load<u8>(seen + x * step)) * scale));
      store<f32>(to + ((<usize>x) << 2), trust * (mean - <f32>load<u8>(row + x)));
    }
  }
}

// The first four bytes as floats.
// @ts-ignore: decorator
@inline
function floats(bytes: v128): v128 {
  return f32x4.convert_i32x4_u(v128.extend_low<u16>(v128.extend_low<u8>(bytes)));
}

// Bytes 0, 2, 4 and 6.
// @ts-ignore: decorator
@inline
function everySecond(bytes: v128): v128 {
  return v128.shuffle<u8>(bytes, bytes, 0, 2, 4, 6, 0, 2, 4, 6, 0, 2, 4, 6, 0, 2, 4, 6);
}

// @ts-ignore: decorator
@inline
function meanOf(at: usize, wide: usize, step: i32): v128 {
  if (step === 1) return v128.load(at);
  const left = f32x4.add(v128.load(at), v128.load(at + wide));
  const right = f32x4.add(v128.load(at + 16), v128.load(at + wide + 16));
  const even = v128.shuffle<f32>(left, right, 0, 2, 4, 6);
  const odd = v128.shuffle<f32>(left, right, 1, 3, 5, 7);
  return f32x4.mul(f32x4.add(even, odd), f32x4.splat(0.25));
}

/**
 * Adds what a plane lacks, but for its slow changes: plane += strength * (diff - means of cells, interpolated between
 * their centres), rounded and held to 0..255.
 *
 * diff: f32 [height, width]; plane: u8 [height, stride]; cells: f32 [rows, columns], means of diff; scratch: f32 [rows, width].
 */
export function addDetail(
  diff: usize,
  plane: usize,
  stride: i32,
  width: i32,
  height: i32,
  cells: usize,
  columns: i32,
  rows: i32,
  strength: f32,
  scratch: usize,
): void {
  for (let row = 0; row < rows; row++) {
    const from = cells + ((<usize>row * columns) << 2);
    const to = scratch + ((<usize>row * width) << 2);
    for (let x = 0; x < width; x++) {
      const at = held(((<f32>x + 0.5) * <f32>columns) / <f32>width - 0.5, columns);
      const first = <i32>at;
      const next = min(first + 1, columns - 1);
      const share = at - <f32>first;
      const low = load<f32>(from + ((<usize>first) << 2)) * (1 - share) + load<f32>(from + ((<usize>next) << 2)) * share;
      store<f32>(to + ((<usize>x) << 2), low);
    }
  }
  const whole = width & ~3;
  const factor = f32x4.splat(strength);
  for (let y = 0; y < height; y++) {
    const at = held(((<f32>y + 0.5) * <f32>rows) / <f32>height - 0.5, rows);
    const first = <i32>at;
    const share = at - <f32>first;
    const upper = scratch + ((<usize>first * width) << 2);
    const lower = scratch + ((<usize>min(first + 1, rows - 1) * width) << 2);
    const from = diff + ((<usize>y * width) << 2);
    const row = plane + <usize>y * stride;
    for (let x = 0; x < whole; x += 4) {
      const offset = (<usize>x) << 2;
      const above = f32x4.mul(v128.load(upper + offset), f32x4.splat(1 - share));
      const low = f32x4.add(above, f32x4.mul(v128.load(lower + offset), f32x4.splat(share)));
      const change = f32x4.mul(f32x4.sub(v128.load(from + offset), low), factor);
      const levels = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(row + x)));
      const now = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.add(f32x4.convert_i32x4_s(levels), change)));
      const narrow = i16x8.narrow_i32x4_s(now, now);
      v128.store32_lane(row + x, i8x16.narrow_i16x8_u(narrow, narrow), 0);
    }
    for (let x = whole; x < width; x++) {
      const offset = (<usize>x) << 2;
      const low = load<f32>(upper + offset) * (1 - share) + load<f32>(lower + offset) * share;
      const now = <i32>nearest(<f32>load<u8>(row + x) + (load<f32>(from + offset) - low) * strength);
      store<u8>(row + x, <u8>min(255, max(0, now)));
    }
  }
}

// @ts-ignore: decorator
@inline
function held(position: f32, nodes: i32): f32 {
  return min(<f32>(nodes - 1), max(<f32>0, position));
}
