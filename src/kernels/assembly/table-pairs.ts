// Tables of i16 in pairs (left, right), as slicing blends them: one load of a pair and one dot product give a value.

import { roundedProduct } from './rounded-product';

/** Interleaves two tables of `bytes` each, a multiple of 16, to one of pairs. */
// @ts-ignore: decorator
@inline
export function interleave(left: usize, right: usize, to: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const a = v128.load(left + i);
    const b = v128.load(right + i);
    v128.store(to + (i << 1), i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11));
    v128.store(to + (i << 1), i16x8.shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15), 16);
  }
}

/** to = a + (b - a) * f / 32768, over tables of `bytes`, a multiple of 16. */
// @ts-ignore: decorator
@inline
export function blend(a: usize, b: usize, to: usize, f: i32, bytes: usize): void {
  const factor = i16x8.splat(<i16>min(f, 32767));
  for (let i: usize = 0; i < bytes; i += 16) {
    const first = v128.load(a + i);
    v128.store(to + i, i16x8.add(first, roundedProduct(i16x8.sub(v128.load(b + i), first), factor)));
  }
}
