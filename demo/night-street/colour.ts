import { vec, type Vec3 } from './vector.js';

/** The linear-light colour (0..1 each) of an sRGB colour written '#rrggbb'. */
export function colour(hex: string): Vec3 {
  const part = (start: number): number => {
    const value = parseInt(hex.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return vec(part(1), part(3), part(5));
}

/** How bright a linear-light colour looks (BT.709 weights). */
export function brightness(red: number, green: number, blue: number): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
