import { frameAt } from '../enhance/frame-view.js';
import { planeLayout } from '../frames/picture-format.js';
import type { StoredPicture } from '../media/last-picture.js';
import { halfSize } from './extra-pictures.js';
import { sideBySide } from './side-by-side.js';
import type { Rendition } from './stream-messages.js';

/** A stored picture as a rendition shows it: side by side with itself, since the original is not kept, or at half its size. */
export function storedRendition(picture: StoredPicture, rendition: Rendition): StoredPicture {
  const { format, bytes } = picture;
  const { width, height } = format;
  if (rendition === 'enhanced') return picture;
  if (rendition === 'compare') {
    const size = planeLayout(width, height).bytes;
    const parts = new Uint8Array(3 * size);
    parts.set(bytes.subarray(0, size));
    const view = frameAt(0, width, height);
    sideBySide(parts, view, view, size);
    return { format: { ...format, width: 2 * width }, bytes: parts.slice(size) };
  }
  const half = halfSize(format);
  const [from, to] = [frameAt(0, width, height), frameAt(0, half.width, half.height)];
  const small = new Uint8Array(planeLayout(half.width, half.height).bytes);
  halve(bytes, from.y, from.lumaStride, small, to.y, half.width, half.height);
  halve(bytes, from.u, from.chromaStride, small, to.u, half.width / 2, half.height / 2);
  halve(bytes, from.v, from.chromaStride, small, to.v, half.width / 2, half.height / 2);
  return { format: { ...format, ...half }, bytes: small };
}

/** Once at a start, so plain: each pixel the mean of four. */
function halve(
  from: Uint8Array,
  plane: number,
  stride: number,
  to: Uint8Array,
  at: number,
  width: number,
  height: number,
): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const corner = plane + 2 * y * stride + 2 * x;
      const upper = (from[corner] ?? 0) + (from[corner + 1] ?? 0);
      const lower = (from[corner + stride] ?? 0) + (from[corner + stride + 1] ?? 0);
      to[at + y * width + x] = (upper + lower + 2) >> 2;
    }
  }
}
