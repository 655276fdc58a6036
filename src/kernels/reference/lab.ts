/** sRGB's curve to linear light, 0..1. */
export function toLinear(c: number): number {
  const value = Math.min(1, Math.max(0, c));
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** Linear light to sRGB's curve, clamped to 0..1. */
function toGamma(c: number): number {
  const value = Math.min(1, Math.max(0, c));
  return value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
}

/** L* / 100 of one gamma-encoded sRGB pixel; the plain form of rgbToLightness. */
export function rgbToLightness(r: number, g: number, b: number): number {
  const y = 0.2126729 * toLinear(r) + 0.7151522 * toLinear(g) + 0.072175 * toLinear(b);
  return y > 216 / 24389 ? 1.16 * Math.cbrt(y) - 0.16 : (24389 / 2700) * y;
}

/** One pixel from L* / 100, a* / 128, b* / 128 to gamma-encoded sRGB, clamped; the plain form of labToRgb. */
export function labToRgb(lightness: number, a: number, b: number): [number, number, number] {
  const uncurve = (t: number): number => (t > 6 / 29 ? t ** 3 : 3 * (6 / 29) ** 2 * (t - 4 / 29));
  const fy = (lightness + 0.16) / 1.16;
  const x = 0.95047 * uncurve(fy + (a * 128) / 500);
  const y = uncurve(fy);
  const z = 1.08883 * uncurve(fy - (b * 128) / 200);
  return [
    toGamma(3.2404542 * x - 1.5371385 * y - 0.4985314 * z),
    toGamma(-0.969266 * x + 1.8760108 * y + 0.041556 * z),
    toGamma(0.0556434 * x - 0.2040259 * y + 1.0572252 * z),
  ];
}
