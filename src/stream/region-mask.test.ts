import { describe, expect, it } from 'vitest';
import type { Polygon } from '../config/stream-schema.js';
import { frameAt } from '../enhance/frame-view.js';
import { RegionMask } from './region-mask.js';

const [WIDTH, HEIGHT] = [64, 48];
const BYTES = (WIDTH * HEIGHT * 3) / 2;

/** Luma of a white picture after the regions were blackened: true where it is black. */
function blackened(polygons: Polygon[]): {
  readonly black: (x: number, y: number) => boolean;
  readonly bytes: Uint8Array;
} {
  const bytes = new Uint8Array(BYTES).fill(200);
  new RegionMask(polygons, WIDTH, HEIGHT).blacken(bytes, frameAt(0, WIDTH, HEIGHT), 16);
  return { black: (x, y) => bytes[y * WIDTH + x] === 16, bytes };
}

describe('RegionMask', () => {
  it('blackens luma and chroma of a rectangle, and nothing else', () => {
    const { black, bytes } = blackened([[[0.25, 0.25], [0.5, 0.25], [0.5, 0.75], [0.25, 0.75]]]); // prettier-ignore
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        const inside = x >= 16 && x < 32 && y >= 12 && y < 36;
        // One pixel of chroma around it may belong to it: its edges lie on the grid.
        const near = x >= 14 && x < 34 && y >= 10 && y < 38;
        if (inside) expect(black(x, y)).toBe(true);
        if (!near) expect(black(x, y)).toBe(false);
      }
    }
    expect(bytes[WIDTH * HEIGHT + 8 * 32 + 10]).toBe(128);
    expect(bytes[WIDTH * HEIGHT + 2]).toBe(200);
  });

  it('covers every pixel that a slanted or thin region touches', () => {
    const polygons: Polygon[] = [
      [[0.1, 0.1], [0.9, 0.35], [0.4, 0.9]],
      [[0, 0.95], [1, 0.951], [1, 0.9515]],
    ]; // prettier-ignore
    const { black } = blackened(polygons);
    let inside = 0;
    for (const corners of polygons) {
      for (let i = 0; i < 40_000; i++) {
        const [x, y] = [((i * 7919) % 40_009) / 40_009, ((i * 104_729) % 39_989) / 39_989];
        const side = corners.map(([ax, ay], k) => {
          const [bx, by] = corners[(k + 1) % 3] ?? [0, 0];
          return Math.sign((bx - ax) * (y - ay) - (by - ay) * (x - ax));
        });
        if (new Set(side).size !== 1) continue;
        inside++;
        expect(black(Math.floor(x * WIDTH), Math.floor(y * HEIGHT))).toBe(true);
      }
    }
    expect(inside).toBeGreaterThan(5000);
  });

  it('copies its regions alone', () => {
    const bytes = new Uint8Array(2 * BYTES);
    bytes.fill(50, 0, BYTES).fill(90, BYTES);
    const mask = new RegionMask([[[0, 0], [0.5, 0], [0.5, 1], [0, 1]]], WIDTH, HEIGHT); // prettier-ignore
    mask.copy(bytes, frameAt(0, WIDTH, HEIGHT), frameAt(BYTES, WIDTH, HEIGHT));
    expect([bytes[BYTES], bytes[BYTES + 31], bytes[BYTES + 40]]).toEqual([50, 50, 90]);
    expect(bytes[BYTES + WIDTH * HEIGHT]).toBe(50);
    expect(mask.share(WIDTH, HEIGHT)).toBeCloseTo(0.5, 1);
    expect(new RegionMask([], WIDTH, HEIGHT).isEmpty).toBe(true);
  });

  it('keeps within the picture', () => {
    const { bytes } = blackened([[[0, 0], [1, 0], [1, 1], [0, 1]]]); // prettier-ignore
    expect(bytes.subarray(0, WIDTH * HEIGHT).every((value) => value === 16)).toBe(true);
    expect(bytes.subarray(WIDTH * HEIGHT).every((value) => value === 128)).toBe(true);
  });
});
