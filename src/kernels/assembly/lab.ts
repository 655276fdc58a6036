// Between gamma-encoded sRGB and CIE Lab (D65, 2 degrees), in planes of f32 at working size; for networks that see
// lightness and give colour. Powers are roots by Newton's method, from a first guess that divides the exponent of the
// float's bits: three steps from within 4 % are exact to the last few bits.

/** First guesses of roots: bits / n + ROOT_n. */
const ROOT_3: i32 = 0x2a5119f2;
const ROOT_5: i32 = 0x32c9af22;

/** Below this, the cube root of Lab is a line: (6/29)^3. */
const LINE_BELOW: f32 = 0.008856452;

/**
 * Lightness of a picture: L* / 100.
 *
 * rgb: f32 [3, count], gamma-encoded sRGB 0..1; lightness: f32 [count]; count is a multiple of 4.
 */
export function rgbToLightness(rgb: usize, lightness: usize, count: i32): void {
  const plane = (<usize>count) << 2;
  for (let i: usize = 0; i < plane; i += 16) {
    let y = f32x4.mul(toLinear(v128.load(rgb + i)), f32x4.splat(0.2126729));
    y = f32x4.add(y, f32x4.mul(toLinear(v128.load(rgb + plane + i)), f32x4.splat(0.7151522)));
    y = f32x4.add(y, f32x4.mul(toLinear(v128.load(rgb + 2 * plane + i)), f32x4.splat(0.072175)));
    const curve = f32x4.sub(f32x4.mul(f32x4.splat(1.16), cubeRoot(y)), f32x4.splat(0.16));
    const line = f32x4.mul(f32x4.splat(9.032963), y);
    v128.store(lightness + i, v128.bitselect(line, curve, f32x4.lt(y, f32x4.splat(LINE_BELOW))));
  }
}

/**
 * A picture from lightness and colour, clamped to 0..1.
 *
 * lab: f32 [3, count]: L* / 100, a* / 128, b* / 128; rgb: f32 [3, count], gamma-encoded sRGB; count is a multiple of 4.
 */
export function labToRgb(lab: usize, rgb: usize, count: i32): void {
  const plane = (<usize>count) << 2;
  for (let i: usize = 0; i < plane; i += 16) {
    const fy = f32x4.mul(f32x4.add(v128.load(lab + i), f32x4.splat(0.16)), f32x4.splat(1.0 / 1.16));
    const fx = f32x4.add(fy, f32x4.mul(v128.load(lab + plane + i), f32x4.splat(128.0 / 500.0)));
    const fz = f32x4.sub(fy, f32x4.mul(v128.load(lab + 2 * plane + i), f32x4.splat(128.0 / 200.0)));
    const x = f32x4.mul(uncurve(fx), f32x4.splat(0.95047));
    const y = uncurve(fy);
    const z = f32x4.mul(uncurve(fz), f32x4.splat(1.08883));
    v128.store(rgb + i, toGamma(mix(x, y, z, 3.2404542, -1.5371385, -0.4985314)));
    v128.store(rgb + plane + i, toGamma(mix(x, y, z, -0.969266, 1.8760108, 0.041556)));
    v128.store(rgb + 2 * plane + i, toGamma(mix(x, y, z, 0.0556434, -0.2040259, 1.0572252)));
  }
}

// @ts-ignore: decorator
@inline
function mix(x: v128, y: v128, z: v128, a: f32, b: f32, c: f32): v128 {
  return f32x4.add(
    f32x4.mul(x, f32x4.splat(a)),
    f32x4.add(f32x4.mul(y, f32x4.splat(b)), f32x4.mul(z, f32x4.splat(c))),
  );
}

// sRGB's curve: c / 12.92, or ((c + 0.055) / 1.055)^2.4 = t^2 (t^(1/5))^2.
// @ts-ignore: decorator
@inline
function toLinear(c: v128): v128 {
  const value = f32x4.pmin(f32x4.splat(1), f32x4.pmax(f32x4.splat(0), c));
  const t = f32x4.mul(f32x4.add(value, f32x4.splat(0.055)), f32x4.splat(1.0 / 1.055));
  let root = guess(t, 5, ROOT_5);
  for (let step = 0; step < 3; step++) {
    const squared = f32x4.mul(root, root);
    const fourth = f32x4.mul(squared, squared);
    root = f32x4.mul(f32x4.splat(0.2), f32x4.add(f32x4.mul(f32x4.splat(4), root), f32x4.div(t, fourth)));
  }
  const power = f32x4.mul(t, root);
  const curve = f32x4.mul(power, power);
  const line = f32x4.mul(value, f32x4.splat(1.0 / 12.92));
  return v128.bitselect(line, curve, f32x4.le(value, f32x4.splat(0.04045)));
}

// Its inverse: 12.92 c, or 1.055 c^(1/2.4) - 0.055, where c^(5/12) = c^(1/4) (c^(1/2))^(1/3).
// @ts-ignore: decorator
@inline
function toGamma(c: v128): v128 {
  const value = f32x4.pmin(f32x4.splat(1), f32x4.pmax(f32x4.splat(0), c));
  const half = f32x4.sqrt(value);
  const power = f32x4.mul(f32x4.sqrt(half), cubeRoot(half));
  const curve = f32x4.sub(f32x4.mul(f32x4.splat(1.055), power), f32x4.splat(0.055));
  const line = f32x4.mul(value, f32x4.splat(12.92));
  const result = v128.bitselect(line, curve, f32x4.le(value, f32x4.splat(0.0031308)));
  return f32x4.pmin(f32x4.splat(1), result);
}

// Inverse of Lab's curve: t^3, or its line below 6/29.
// @ts-ignore: decorator
@inline
function uncurve(t: v128): v128 {
  const cube = f32x4.mul(t, f32x4.mul(t, t));
  const line = f32x4.mul(f32x4.splat(0.12841855), f32x4.sub(t, f32x4.splat(0.13793103)));
  return v128.bitselect(cube, line, f32x4.gt(t, f32x4.splat(0.20689655)));
}

// @ts-ignore: decorator
@inline
function cubeRoot(c: v128): v128 {
  // Not of 0, whose root would be divided by.
  const value = f32x4.pmax(c, f32x4.splat(1e-12));
  let root = guess(value, 3, ROOT_3);
  for (let step = 0; step < 3; step++) {
    const quotient = f32x4.div(value, f32x4.mul(root, root));
    root = f32x4.mul(f32x4.splat(1.0 / 3.0), f32x4.add(f32x4.add(root, root), quotient));
  }
  return root;
}

// @ts-ignore: decorator
@inline
function guess(value: v128, n: f32, offset: i32): v128 {
  const share = i32x4.trunc_sat_f32x4_s(f32x4.mul(f32x4.convert_i32x4_s(value), f32x4.splat(<f32>1 / n)));
  return i32x4.add(share, i32x4.splat(offset));
}
