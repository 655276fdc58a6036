import type { PhotoPixels } from '../enhance/photo-grid.js';

/** Copies a window's pixels, all their channels, row by row; beyond the picture its edge is repeated. */
export function copyWindow(
  pixels: PhotoPixels,
  { width, height, channels }: { width: number; height: number; channels: number },
  { left, top, tileWidth, tileHeight }: { left: number; top: number; tileWidth: number; tileHeight: number },
  into: PhotoPixels,
): void {
  // The columns of the window that the picture has: at least one, as no window lies wholly beside it.
  const first = Math.max(0, -left);
  const last = Math.min(tileWidth, width - left);
  for (let y = 0; y < tileHeight; y++) {
    const row = Math.min(Math.max(top + y, 0), height - 1) * width;
    const to = y * tileWidth;
    into.set(pixels.subarray((row + left + first) * channels, (row + left + last) * channels), (to + first) * channels);
    for (let x = 0; x < first; x++)
      into.copyWithin((to + x) * channels, (to + first) * channels, (to + first + 1) * channels);
    for (let x = last; x < tileWidth; x++)
      into.copyWithin((to + x) * channels, (to + last - 1) * channels, (to + last) * channels);
  }
}

/** A window as planes of R, G, B in 0..1; beyond the picture its edge is repeated. */
export function cutOut(
  pixels: PhotoPixels,
  { width, height, channels, depth }: { width: number; height: number; channels: number; depth: number },
  window: { left: number; top: number; tileWidth: number; tileHeight: number },
): Float32Array {
  const { left, top, tileWidth, tileHeight } = window;
  const count = tileWidth * tileHeight;
  const planes = new Float32Array(3 * count);
  const scale = depth === 8 ? 1 / 255 : 1 / 65535;
  for (let y = 0; y < tileHeight; y++) {
    const row = Math.min(Math.max(top + y, 0), height - 1) * width;
    for (let x = 0; x < tileWidth; x++) {
      const from = (row + Math.min(Math.max(left + x, 0), width - 1)) * channels;
      const to = y * tileWidth + x;
      for (let plane = 0; plane < 3; plane++) planes[plane * count + to] = (pixels[from + plane] ?? 0) * scale;
    }
  }
  return planes;
}
