import { describe, expect, it } from 'vitest';
import { gridShape, neighbourOf } from './grid-shape.js';

const ASPECT = 16 / 9;
const WINDOW = { width: 1240, height: 724, gap: 8 };

describe('the wall’s grid', () => {
  it('fits the window for 1 to 64 cameras, with tiles that tell something', () => {
    for (let count = 1; count <= 64; count++) {
      const { columns, tileWidth } = gridShape(count, WINDOW, ASPECT);
      const rows = Math.ceil(count / columns);
      expect(columns * tileWidth + (columns - 1) * WINDOW.gap).toBeLessThanOrEqual(WINDOW.width);
      expect(tileWidth).toBeGreaterThanOrEqual(148);
      if (count <= 40)
        expect((rows * tileWidth) / ASPECT + (rows - 1) * WINDOW.gap).toBeLessThanOrEqual(WINDOW.height + 1);
    }
  });

  it('makes the tiles as large as can be', () => {
    expect(gridShape(1, WINDOW, ASPECT)).toEqual({ columns: 1, tileWidth: 1240 });
    expect(gridShape(4, WINDOW, ASPECT).columns).toBe(2);
    expect(gridShape(9, WINDOW, ASPECT).columns).toBe(3);
  });

  it('grows beyond a window that is too small, in one or two columns on a phone', () => {
    const phone = { width: 362, height: 700, gap: 8 };
    expect(gridShape(2, phone, ASPECT)).toEqual({ columns: 1, tileWidth: 362 });
    expect(gridShape(16, phone, ASPECT)).toEqual({ columns: 2, tileWidth: 177 });
    expect(gridShape(64, { width: 700, height: 300, gap: 8 }, ASPECT).columns).toBe(4);
  });
});

describe('the wall’s keys', () => {
  it('go by rows and columns and end at the edges', () => {
    // 0 1 2
    // 3 4
    const go = (key: string, index: number): number | null => neighbourOf(key, index, 5, 3);
    expect(go('ArrowRight', 0)).toBe(1);
    expect(go('ArrowRight', 2)).toBe(3);
    expect(go('ArrowDown', 1)).toBe(4);
    expect(go('ArrowDown', 2)).toBe(4);
    expect(go('ArrowDown', 4)).toBeNull();
    expect(go('ArrowUp', 4)).toBe(1);
    expect(go('ArrowUp', 1)).toBeNull();
    expect(go('ArrowLeft', 0)).toBeNull();
    expect([go('Home', 4), go('End', 0), go('a', 0)]).toEqual([0, 4, null]);
  });
});
