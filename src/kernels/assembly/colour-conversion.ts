// Between planes of Y'CbCr code values and the planar RGB that networks take, both f32 at working size.

/**
 * Y'CbCr to R'G'B', clamped to 0..1.
 *
 * y, u, v: f32 [count], code values 0..255; rgb: f32 [3, count]; count is a multiple of 4.
 * With yn = (y - black) * lumaScale, un = (u - 128) * chromaScale, vn likewise:
 * r = yn + redFromV vn, g = yn + greenFromU un + greenFromV vn, b = yn + blueFromU un.
 */
export function yuvToRgb(
  y: usize,
  u: usize,
  v: usize,
  rgb: usize,
  count: i32,
  black: f32,
  lumaScale: f32,
  chromaScale: f32,
  redFromV: f32,
  greenFromU: f32,
  greenFromV: f32,
  blueFromU: f32,
): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const neutral = f32x4.splat(128);
  const plane = (<usize>count) << 2;
  for (let i: usize = 0; i < plane; i += 16) {
    const yn = f32x4.mul(f32x4.sub(v128.load(y + i), f32x4.splat(black)), f32x4.splat(lumaScale));
    const un = f32x4.mul(f32x4.sub(v128.load(u + i), neutral), f32x4.splat(chromaScale));
    const vn = f32x4.mul(f32x4.sub(v128.load(v + i), neutral), f32x4.splat(chromaScale));
    const r = f32x4.add(yn, f32x4.mul(vn, f32x4.splat(redFromV)));
    const g = f32x4.add(yn, f32x4.add(f32x4.mul(un, f32x4.splat(greenFromU)), f32x4.mul(vn, f32x4.splat(greenFromV))));
    const b = f32x4.add(yn, f32x4.mul(un, f32x4.splat(blueFromU)));
    v128.store(rgb + i, f32x4.pmin(one, f32x4.pmax(zero, r)));
    v128.store(rgb + plane + i, f32x4.pmin(one, f32x4.pmax(zero, g)));
    v128.store(rgb + 2 * plane + i, f32x4.pmin(one, f32x4.pmax(zero, b)));
  }
}

/**
 * R'G'B', clamped to 0..1, to Y'CbCr code values; the inverse of yuvToRgb.
 *
 * luma = redWeight r + greenWeight g + blueWeight b; y = black + luma / lumaScale,
 * u = 128 + (b - luma) / (blueFromU * chromaScale), v = 128 + (r - luma) / (redFromV * chromaScale).
 */
export function rgbToYuv(
  rgb: usize,
  y: usize,
  u: usize,
  v: usize,
  count: i32,
  black: f32,
  lumaScale: f32,
  chromaScale: f32,
  redWeight: f32,
  blueWeight: f32,
  redFromV: f32,
  blueFromU: f32,
): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const neutral = f32x4.splat(128);
  const perLuma = f32x4.splat(1.0 / lumaScale);
  const perU = f32x4.splat(1.0 / (blueFromU * chromaScale));
  const perV = f32x4.splat(1.0 / (redFromV * chromaScale));
  const plane = (<usize>count) << 2;
  for (let i: usize = 0; i < plane; i += 16) {
    const r = f32x4.pmin(one, f32x4.pmax(zero, v128.load(rgb + i)));
    const g = f32x4.pmin(one, f32x4.pmax(zero, v128.load(rgb + plane + i)));
    const b = f32x4.pmin(one, f32x4.pmax(zero, v128.load(rgb + 2 * plane + i)));
    const luma = f32x4.add(
      f32x4.mul(g, f32x4.splat(1.0 - redWeight - blueWeight)),
      f32x4.add(f32x4.mul(r, f32x4.splat(redWeight)), f32x4.mul(b, f32x4.splat(blueWeight))),
    );
    v128.store(y + i, f32x4.add(f32x4.splat(black), f32x4.mul(luma, perLuma)));
    v128.store(u + i, f32x4.add(neutral, f32x4.mul(f32x4.sub(b, luma), perU)));
    v128.store(v + i, f32x4.add(neutral, f32x4.mul(f32x4.sub(r, luma), perV)));
  }
}
