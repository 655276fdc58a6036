import type { FrameView } from '../enhance/frame-view.js';
import { frameAt } from '../enhance/frame-view.js';

/**
 * Lays two pictures of one size next to each other into one of twice the width. bytes: the memory that holds both;
 * target: where the new picture goes, at `address`.
 */
export function sideBySide(
  bytes: Uint8Array,
  left: FrameView,
  right: FrameView,
  target: Uint8Array,
  address: number,
): void {
  const { width, height } = left;
  const both = frameAt(address, width * 2, height);
  const plane = (from: number, to: number, wide: number, rows: number): void => {
    for (let y = 0; y < rows; y++) {
      const row = from + y * wide;
      target.set(bytes.subarray(row, row + wide), to + y * wide * 2);
    }
  };
  for (const [view, side] of [
    [left, 0],
    [right, 1],
  ] as const) {
    plane(view.y, both.y + side * width, width, height);
    plane(view.u, both.u + (side * width) / 2, width / 2, height / 2);
    plane(view.v, both.v + (side * width) / 2, width / 2, height / 2);
  }
}
