import { expect, it } from 'vitest';
import { frameAt } from '../enhance/frame-view.js';
import { sideBySide } from './side-by-side.js';

it('lays each plane of the left picture left and of the right one right', () => {
  const [width, height] = [8, 4];
  const size = (width * height * 3) / 2;
  const bytes = new Uint8Array(4 * size);
  for (let i = 0; i < 2 * size; i++) bytes[i] = i + 1;
  sideBySide(bytes, frameAt(0, width, height), frameAt(size, width, height), 2 * size);
  const both = bytes.subarray(2 * size);
  const pixel = (side: number, plane: number, x: number, y: number): number => {
    const [wide, offset] = plane === 0 ? [width, 0] : [width / 2, width * height + ((plane - 1) * width * height) / 4];
    return side * size + offset + y * wide + x + 1;
  };
  let at = 0;
  for (let plane = 0; plane < 3; plane++) {
    const [wide, rows] = plane === 0 ? [width, height] : [width / 2, height / 2];
    for (let y = 0; y < rows; y++) {
      for (const side of [0, 1]) for (let x = 0; x < wide; x++) expect(both[at++]).toBe(pixel(side, plane, x, y));
    }
  }
  expect(at).toBe(2 * size);
});
