import { describe, expect, it } from 'vitest';
import { gridGeometry } from './grid-geometry.js';
import { workingSize } from './working-size.js';

const PICTURES = [
  [16, 16],
  [64, 48],
  [640, 360],
  [854, 480],
  [1920, 1080],
  [1080, 1920],
  [7680, 4320],
  [3840, 64],
] as const;

describe('working size', () => {
  it.each(PICTURES)('of %ix%i is in multiples of 8 and nearly of its shape', (width, height) => {
    const size = workingSize({ width, height }, 256);
    expect(size.width % 8).toBe(0);
    expect(size.height % 8).toBe(0);
    expect(Math.max(size.width, size.height)).toBeLessThanOrEqual(256);
    expect(Math.min(size.width, size.height)).toBeGreaterThanOrEqual(16);
    const scale = Math.min(1, 256 / Math.max(width, height));
    expect(Math.abs(size.width - width * scale)).toBeLessThanOrEqual(16);
  });

  it('of 1080p and 720p is 256x144', () => {
    expect(workingSize({ width: 1920, height: 1080 }, 256)).toEqual({ width: 256, height: 144 });
    expect(workingSize({ width: 1280, height: 720 }, 256)).toEqual({ width: 256, height: 144 });
  });
});

describe('grid geometry', () => {
  it.each(PICTURES)('over %ix%i has ascending nodes on whole vectors', (width, height) => {
    const grid = gridGeometry({ width, height }, [24, 14, 8]);
    expect(grid.nodeX.length).toBe(grid.columns);
    expect(grid.nodeY.length).toBe(grid.rows);
    for (const [nodes, step, length] of [
      [grid.nodeX, 8, width],
      [grid.nodeY, 2, height],
    ] as const) {
      nodes.forEach((node, i) => {
        expect(node % step).toBe(0);
        expect(node).toBeGreaterThanOrEqual(0);
        expect(node).toBeLessThan(length);
        if (i > 0) expect(node).toBeGreaterThan(nodes[i - 1] ?? 0);
      });
    }
  });
});
