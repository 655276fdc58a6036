import type { ColourCoefficients } from '../../frames/picture-format.js';

const clamp01 = (value: number): number => Math.min(1, Math.max(0, value));

/** One pixel of Y'CbCr code values to R'G'B' in 0..1; the plain form of yuvToRgb. */
export function yuvToRgb(c: ColourCoefficients, y: number, u: number, v: number): [number, number, number] {
  const yn = (y - c.black) * c.lumaScale;
  const un = (u - 128) * c.chromaScale;
  const vn = (v - 128) * c.chromaScale;
  return [
    clamp01(yn + c.redFromV * vn),
    clamp01(yn + c.greenFromU * un + c.greenFromV * vn),
    clamp01(yn + c.blueFromU * un),
  ];
}

/** One pixel of R'G'B', clamped to 0..1, to Y'CbCr code values; the plain form of rgbToYuv. */
export function rgbToYuv(c: ColourCoefficients, r: number, g: number, b: number): [number, number, number] {
  const [red, green, blue] = [clamp01(r), clamp01(g), clamp01(b)];
  const luma = c.redWeight * red + (1 - c.redWeight - c.blueWeight) * green + c.blueWeight * blue;
  return [
    c.black + luma / c.lumaScale,
    128 + (blue - luma) / (c.blueFromU * c.chromaScale),
    128 + (red - luma) / (c.redFromV * c.chromaScale),
  ];
}
