// For photographs: interleaved RGB or RGBA of 8 or 16 bits, in strips of rows, so that memory stays bounded.
// Arithmetic is in 32-bit floats, since a photograph is sliced once and must not lose what its 16 bits hold.
// Pixels of 8 bits take their maps from a table by luma, which a few rows share; those of 16 bits find them each.

/** Bytes of a node's maps: gains of Y, U, V and 0, then biases of Y, U, V and 0. */
const NODE: usize = 32;
/** Bytes of a cell between nodes, see layCells. */
const CELL: usize = 128;
/** Added to a float, this rounds it: its lowest bits are then the whole number. */
const ROUNDER: f32 = 8388608;
/** Entries of a table for one level of 8 bits, so that its steps stay below the levels'. */
const STEPS = 2;
/** Entries of a table: luma 0 to 255 in steps. */
const ENTRIES: usize = 255 * STEPS + 1;
/** Bytes of an entry: gains of Y, U, V and 0, biases, and the differences of both to the next column of nodes. */
const ENTRY: usize = 64;
/** Rows share tables, at most four, where nodes are so many times as far apart: there maps hardly change. */
const ROWS_PER_SHARED = 32;

/** Bytes of scratch for sliceRgb8 and sliceRgb16, besides those of the cells. */
export const SLICE_RGB_TABLE: i32 = 511 * 64;

/**
 * Adds rows of a picture to the sums of a row of boxes: box i of n over the width spans whole pixels
 * floor(i * width / n) to floor((i + 1) * width / n), at least one.
 *
 * src: u8 [rows, width, channels], channels 3 or 4, readable 16 bytes beyond its end; sums: f32 [boxes, 4], R, G, B and
 * anything.
 */
export function sumRows8(src: usize, width: i32, rows: i32, channels: i32, sums: usize, boxes: i32): void {
  sumRows<u8>(src, width, rows, channels, sums, boxes);
}

/** The same for 16 bits. src: u16 [rows, width, channels]. */
export function sumRows16(src: usize, width: i32, rows: i32, channels: i32, sums: usize, boxes: i32): void {
  sumRows<u16>(src, width, rows, channels, sums, boxes);
}

// @ts-ignore: decorator
@inline
function sumRows<T>(src: usize, width: i32, rows: i32, channels: i32, sums: usize, boxes: i32): void {
  const pixel = <usize>channels * sizeof<T>();
  for (let j = 0; j < rows; j++) {
    const row = src + <usize>j * <usize>width * pixel;
    for (let i = 0; i < boxes; i++) {
      const left = <i32>((<i64>i * width) / boxes);
      const right = max(left + 1, <i32>((<i64>(i + 1) * width) / boxes));
      const end = row + <usize>right * pixel;
      let sum = i32x4.splat(0);
      for (let p = row + <usize>left * pixel; p < end; p += pixel) {
        if (sizeof<T>() == 1) sum = i32x4.add(sum, v128.extend_low<u16>(v128.extend_low<u8>(v128.load32_zero(p))));
        else sum = i32x4.add(sum, v128.extend_low<u16>(v128.load64_zero(p)));
      }
      const at = sums + (<usize>i << 4);
      v128.store(at, f32x4.add(v128.load(at), f32x4.convert_i32x4_s(sum)));
    }
  }
}

/**
 * Maps a strip of a picture through a bilateral grid; alpha stays.
 *
 * src: u8 [count, width, channels], channels 3 or 4: rows top to top + count of a picture of `height` rows; dst: the
 * same, not src; both 16 bytes longer than that.
 * maps: f32 [rows, columns, bins, 8]: gains of Y, U, V and 0, then biases of Y, U, V and 0, for Y, U, V of BT.709 in
 * full range, 0..255 and -128..128. Nodes lie as fitGrid says. scratch: SLICE_RGB_TABLE bytes, f32 [columns, bins, 32]
 * and [columns, bins, 8].
 */
export function sliceRgb8(
  src: usize, dst: usize, width: i32, count: i32, channels: i32, top: i32, height: i32,
  maps: usize, columns: i32, rows: i32, bins: i32, scratch: usize,
): void {
  slice<u8>(src, dst, width, count, channels, top, height, maps, columns, rows, bins, scratch);
}

/** The same for 16 bits. src, dst: u16 [count, width, channels]. */
export function sliceRgb16(
  src: usize, dst: usize, width: i32, count: i32, channels: i32, top: i32, height: i32,
  maps: usize, columns: i32, rows: i32, bins: i32, scratch: usize,
): void {
  slice<u16>(src, dst, width, count, channels, top, height, maps, columns, rows, bins, scratch);
}

// @ts-ignore: decorator
@inline
function slice<T>(
  src: usize, dst: usize, width: i32, count: i32, channels: i32, top: i32, height: i32,
  maps: usize, columns: i32, rows: i32, bins: i32, scratch: usize,
): void {
  const perRow = <usize>columns * bins * NODE;
  const cells = scratch + ENTRIES * ENTRY;
  const mixed = cells + <usize>columns * bins * CELL;
  const yScale = <f32>rows / <f32>height;
  const xStep = <f32>columns / <f32>width;
  const range: f32 = sizeof<T>() == 1 ? 255 : 65535;
  const pixel = <usize>channels * sizeof<T>();
  const pitch = <usize>width * pixel;
  const distance = height / rows / ROWS_PER_SHARED;
  const shared = sizeof<T>() == 1 ? (distance >= 4 ? 4 : distance >= 2 ? 2 : 1) : 1;
  for (let j = 0; j < count; ) {
    // Groups lie at the same rows wherever a strip begins.
    const end = min(count, j + shared - ((top + j) & (shared - 1)));
    const middle = <f32>((top + j) & ~(shared - 1)) + <f32>0.5 * <f32>shared;
    const gy = min(max(middle * yScale - 0.5, 0), <f32>(rows - 1));
    const row0 = min(<i32>gy, max(rows - 2, 0));
    const above = maps + <usize>row0 * perRow;
    layCells(above, rows > 1 ? above + perRow : above, gy - <f32>row0, range / 255, columns, bins, mixed, cells);
    // From one column of nodes to the next; before the first and behind the last, its maps alone.
    let x = 0;
    for (let segment = 0; segment <= columns; segment++) {
      const right = segment < columns ? <i32>ceil<f64>(((<f64>segment + 0.5) * width) / columns - 0.5) : width;
      const isInside = segment > 0 && segment < columns;
      const start: f32 = isInside ? (<f32>x + 0.5) * xStep - 0.5 - <f32>(segment - 1) : 0;
      const step: f32 = isInside ? xStep : 0;
      const base = cells + <usize>max(segment - 1, 0) * bins * CELL;
      const at = <usize>x * pixel;
      if (sizeof<T>() == 1) layTable(base, bins, scratch);
      for (let row = j; row < end; row++) {
        const from = src + <usize>row * pitch + at;
        const to = dst + <usize>row * pitch + at;
        if (sizeof<T>() == 1) run8(from, to, pixel, right - x, scratch, start, step);
        else run16(from, to, pixel, right - x, base, bins, start, step);
      }
      x = right;
    }
    j = end;
  }
}

// A column's cells as a table by luma, at every half level.
function layTable(cells: usize, bins: i32, table: usize): void {
  const zScale = <f32>(bins - 1) / sqrt<f32>(<f32>(ENTRIES - 1));
  let entry = table;
  for (let i: usize = 0; i < ENTRIES; i++, entry += ENTRY) {
    const z = zScale * sqrt<f32>(<f32>i);
    const bin = min(<i32>z, bins - 2);
    const fz = f32x4.splat(z - <f32>bin);
    const cell = cells + <usize>bin * CELL;
    v128.store(entry, f32x4.add(v128.load(cell), f32x4.mul(fz, v128.load(cell, 32))));
    v128.store(entry, f32x4.add(v128.load(cell, 64), f32x4.mul(fz, v128.load(cell, 96))), 16);
    v128.store(entry, f32x4.add(v128.load(cell, 16), f32x4.mul(fz, v128.load(cell, 48))), 32);
    v128.store(entry, f32x4.add(v128.load(cell, 80), f32x4.mul(fz, v128.load(cell, 112))), 48);
  }
}

// @ts-ignore: decorator
@inline
function toYuv(rgb: v128): v128 {
  const red = f32x4(0.2126, -0.2126 / 1.8556, 0.7874 / 1.5748, 0);
  const green = f32x4(0.7152, -0.7152 / 1.8556, -0.7152 / 1.5748, 0);
  const blue = f32x4(0.0722, 0.9278 / 1.8556, -0.0722 / 1.5748, 0);
  return f32x4.add(
    f32x4.mul(v128.shuffle<f32>(rgb, rgb, 0, 0, 0, 0), red),
    f32x4.add(
      f32x4.mul(v128.shuffle<f32>(rgb, rgb, 1, 1, 1, 1), green),
      f32x4.mul(v128.shuffle<f32>(rgb, rgb, 2, 2, 2, 2), blue),
    ),
  );
}

// @ts-ignore: decorator
@inline
function toRgb(yuv: v128): v128 {
  const fromU = f32x4(0, (-0.0722 * 1.8556) / 0.7152, 1.8556, 0);
  const fromV = f32x4(1.5748, (-0.2126 * 1.5748) / 0.7152, 0, 0);
  return f32x4.add(
    v128.shuffle<f32>(yuv, yuv, 0, 0, 0, 0),
    f32x4.add(
      f32x4.mul(v128.shuffle<f32>(yuv, yuv, 1, 1, 1, 1), fromU),
      f32x4.mul(v128.shuffle<f32>(yuv, yuv, 2, 2, 2, 2), fromV),
    ),
  );
}

// The pixels of a row of 8 bits between two columns of nodes, whose table is laid.
// @ts-ignore: decorator
@inline
function run8(from: usize, to: usize, pixel: usize, count: i32, table: usize, start: f32, step: f32): void {
  const zero = f32x4.splat(0);
  const white = f32x4.splat(255);
  const rounder = f32x4.splat(ROUNDER);
  const low = i32x4.splat(0xff);
  const steps = f32x4.splat(step);
  let fx = f32x4.splat(start);
  for (let i = 0; i < count; i++, from += pixel, to += pixel) {
    const given = v128.extend_low<u16>(v128.extend_low<u8>(v128.load32_zero(from)));
    const yuv = toYuv(f32x4.convert_i32x4_s(given));
    const level = f32x4.extract_lane(yuv, 0) * <f32>STEPS + ROUNDER;
    const entry = table + <usize>(reinterpret<i32>(level) & 0x1ff) * ENTRY;
    const gains = f32x4.add(v128.load(entry), f32x4.mul(fx, v128.load(entry, 32)));
    const biases = f32x4.add(v128.load(entry, 16), f32x4.mul(fx, v128.load(entry, 48)));
    const result = toRgb(f32x4.add(f32x4.mul(yuv, gains), biases));
    const levels = f32x4.add(f32x4.pmin(white, f32x4.pmax(zero, result)), rounder);
    // The fourth sample is alpha, or the next pixel's red, which that pixel then overwrites.
    const whole = v128.shuffle<i32>(v128.and(levels, low), given, 0, 1, 2, 7);
    const packed = i16x8.narrow_i32x4_u(whole, whole);
    v128.store32_lane(to, i8x16.narrow_i16x8_u(packed, packed), 0);
    fx = f32x4.add(fx, steps);
  }
}

// The same of 16 bits, each of which finds its own place between bins.
// @ts-ignore: decorator
@inline
function run16(from: usize, to: usize, pixel: usize, count: i32, cells: usize, bins: i32, start: f32, step: f32): void {
  const range: f32 = 65535;
  const lastBin = bins - 2;
  const zScale = <f32>(bins - 1) / sqrt<f32>(range);
  const white = f32x4.splat(range);
  const zero = f32x4.splat(0);
  const rounder = f32x4.splat(ROUNDER);
  const low = i32x4.splat(0xffff);
  for (let i = 0; i < count; i++, from += pixel, to += pixel) {
    const given = v128.extend_low<u16>(v128.load64_zero(from));
    const yuv = toYuv(f32x4.convert_i32x4_s(given));
    const z = zScale * sqrt<f32>(f32x4.extract_lane(yuv, 0));
    // The bin below; where z is whole, either neighbour gives the same.
    const bin = min(reinterpret<i32>(z - 0.5 + ROUNDER) & 0xff, lastBin);
    const fz = f32x4.splat(z - <f32>bin);
    const fx = f32x4.splat(start + <f32>i * step);
    const cell = cells + <usize>bin * CELL;
    const gains = bend(cell, fx, fz);
    const biases = bend(cell + 64, fx, fz);
    const result = toRgb(f32x4.add(f32x4.mul(yuv, gains), biases));
    const levels = f32x4.add(f32x4.pmin(white, f32x4.pmax(zero, result)), rounder);
    // The fourth sample is alpha, or the next pixel's red, which that pixel then overwrites.
    const whole = v128.shuffle<i32>(v128.and(levels, low), given, 0, 1, 2, 7);
    v128.store64_lane(to, i16x8.narrow_i32x4_u(whole, whole), 0);
  }
}

// Value at a place in a cell: a + fx dx + fz (dz + fx dxz).
// @ts-ignore: decorator
@inline
function bend(cell: usize, fx: v128, fz: v128): v128 {
  const near = f32x4.add(v128.load(cell), f32x4.mul(fx, v128.load(cell, 16)));
  const far = f32x4.add(v128.load(cell, 32), f32x4.mul(fx, v128.load(cell, 48)));
  return f32x4.add(near, f32x4.mul(fz, far));
}

// Two rows of nodes to one row of cells at a place between them: of gains and then of biases, the value at the node,
// its differences to the next column and to the next bin, and the mixed difference. Biases come out times `scale`.
function layCells(
  above: usize, below: usize, f: f32, scale: f32, columns: i32, bins: i32, mixed: usize, cells: usize,
): void {
  const perColumn = <usize>bins * NODE;
  const factor = f32x4.splat(f);
  const wide = f32x4.splat(scale);
  for (let i: usize = 0; i < <usize>columns * perColumn; i += 32) {
    const gain = v128.load(above + i);
    const bias = v128.load(above + i, 16);
    v128.store(mixed + i, f32x4.add(gain, f32x4.mul(f32x4.sub(v128.load(below + i), gain), factor)));
    const between = f32x4.add(bias, f32x4.mul(f32x4.sub(v128.load(below + i, 16), bias), factor));
    v128.store(mixed + i, f32x4.mul(between, wide), 16);
  }
  for (let column = 0; column < columns; column++) {
    const right = column + 1 < columns ? perColumn : 0;
    for (let bin = 0; bin + 1 < bins; bin++) {
      const index = <usize>column * bins + bin;
      const node = mixed + index * NODE;
      const cell = cells + index * CELL;
      lay(node, right, cell);
      lay(node + 16, right, cell + 64);
    }
  }
}

// @ts-ignore: decorator
@inline
function lay(node: usize, right: usize, cell: usize): void {
  const value = v128.load(node);
  const across = f32x4.sub(v128.load(node + right), value);
  const up = v128.load(node, NODE);
  v128.store(cell, value);
  v128.store(cell, across, 16);
  v128.store(cell, f32x4.sub(up, value), 32);
  v128.store(cell, f32x4.sub(f32x4.sub(v128.load(node + right, NODE), up), across), 48);
}
