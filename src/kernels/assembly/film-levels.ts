// Small passes over a film's pictures: tables of levels, and pictures of ten bits.

/** Adds a scaled set of sums: target += scale * fresh. f32 [count], a multiple of 4. */
export function addScaled(target: usize, fresh: usize, count: i32, scale: f32): void {
  const factor = f32x4.splat(scale);
  for (let i: usize = 0, end = <usize>count << 2; i < end; i += 16) {
    v128.store(target + i, f32x4.add(v128.load(target + i), f32x4.mul(v128.load(fresh + i), factor)));
  }
}

/** Looks levels up: plane[i] = table[plane[i]]. plane: u8 [count]; table: u8 [256]. */
export function mapLevels(plane: usize, count: i32, table: usize): void {
  for (let i = 0; i < count; i++) store<u8>(plane + i, load<u8>(table + load<u8>(plane + i)));
}

/** Ten bits to eight by leaving two out: dst[i] = src[i] >> 2. src: u16 [count]; dst: u8 [count]. */
export function narrowTen(src: usize, dst: usize, count: i32): void {
  const blocks = count & ~15;
  for (let i = 0; i < blocks; i += 16) {
    const low = i16x8.shr_u(v128.load(src + (<usize>i << 1)), 2);
    const high = i16x8.shr_u(v128.load(src + (<usize>i << 1) + 16), 2);
    v128.store(dst + i, i8x16.narrow_i16x8_u(low, high));
  }
  for (let i = blocks; i < count; i++) store<u8>(dst + i, <u8>(load<u16>(src + (<usize>i << 1)) >> 2));
}

/**
 * Puts what was done to the eight-bit copy of a ten-bit picture into the picture itself:
 * fine[i] += 4 * (after[i] - (fine[i] >> 2)), held to 0..1023. Where nothing was done, no bit changes.
 * fine: u16 [count]; after: u8 [count].
 */
export function widenChanges(fine: usize, after: usize, count: i32): void {
  const white = i16x8.splat(1023);
  const zero = i16x8.splat(0);
  const blocks = count & ~7;
  for (let i = 0; i < blocks; i += 8) {
    const value = v128.load(fine + (<usize>i << 1));
    const wanted = i16x8.extend_low_i8x16_u(v128.load64_zero(after + i));
    const change = i16x8.shl(i16x8.sub(wanted, i16x8.shr_u(value, 2)), 2);
    v128.store(fine + (<usize>i << 1), i16x8.min_s(white, i16x8.max_s(zero, i16x8.add(value, change))));
  }
  for (let i = blocks; i < count; i++) {
    const at = fine + (<usize>i << 1);
    const value = <i32>load<u16>(at);
    store<u16>(at, <u16>min(1023, max(0, value + 4 * (<i32>load<u8>(after + i) - (value >> 2)))));
  }
}
