import { describe, expect, it } from 'vitest';
import { BINS, lumaHistogram } from './luma-histogram.js';

/** Rows of grey pixels. */
function grey(...rows: readonly (readonly number[])[]): Uint8ClampedArray {
  return Uint8ClampedArray.from(rows.flatMap((row) => row.flatMap((value) => [value, value, value, 255])));
}

describe('the histogram of a picture', () => {
  it('counts the pixels of its part alone', () => {
    const pixels = grey([0, 0, 255, 255], [0, 0, 255, 128]);
    const left = lumaHistogram(pixels, 4, 0, 2);
    expect(left.shares[0]).toBe(1);
    expect(left.mean).toBe(0);
    const right = lumaHistogram(pixels, 4, 2, 4);
    expect(right.shares[BINS - 1]).toBe(0.75);
    expect(right.shares[BINS / 2]).toBe(0.25);
    expect(right.mean).toBeCloseTo((3 * 255 + 128) / 4 / 255, 6);
    expect(right.median).toBeGreaterThan(0.98);
    expect(right.shares.reduce((sum, share) => sum + share)).toBeCloseTo(1, 9);
  });

  it('weighs colours as the eye does', () => {
    const pure = (red: number, green: number, blue: number): number =>
      lumaHistogram(Uint8ClampedArray.from([red, green, blue, 255]), 1, 0, 1).mean;
    expect(pure(0, 255, 0)).toBeGreaterThan(pure(255, 0, 0));
    expect(pure(255, 0, 0)).toBeGreaterThan(pure(0, 0, 255));
  });
});
