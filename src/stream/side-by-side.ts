import { copyFrame, frameAt, type FrameView } from '../enhance/frame-view.js';

/** Lays two pictures of one size next to each other into one of twice the width, at `address` of the same memory. */
export function sideBySide(bytes: Uint8Array, left: FrameView, right: FrameView, address: number): void {
  const { width, height } = left;
  const both = frameAt(address, width * 2, height);
  copyFrame(bytes, left, { ...both, width });
  copyFrame(bytes, right, { ...both, width, y: both.y + width, u: both.u + width / 2, v: both.v + width / 2 });
}
