/**
 * Products of 16-bit numbers with 15 fractional bits, rounded: a * b / 32768. Not both may be -32768; for everything else engines with
 * relaxed SIMD, which have one instruction for it in place of four, give the same.
 */
// @ts-ignore: decorator
@inline
export function roundedProduct(a: v128, b: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? i16x8.relaxed_q15mulr_s(a, b) : i16x8.q15mulr_sat_s(a, b);
}
