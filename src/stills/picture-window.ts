import type { PhotoPixels } from '../enhance/photo-grid.js';

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
