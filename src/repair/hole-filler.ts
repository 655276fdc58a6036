import type { PhotoPixels, PhotoShape } from '../enhance/photo-grid.js';
import type { Size } from '../enhance/working-size.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import type { NetworkSession } from '../inference/network-session.js';
import type { HoleRegion } from './hole-regions.js';

/** Fills holes of pictures by a network that sees a crop around them. What is no hole stays bit for bit. */
export class HoleFiller {
  readonly #session: NetworkSession;

  /** The session must be open for crops. Throws AfterglowError `pipeline-invalid` for a model that fills no holes. */
  constructor(session: NetworkSession) {
    const { card } = session.model;
    if (card.input.colourSpace !== 'rgb+mask') {
      throw new AfterglowError('pipeline-invalid', `the model "${card.name}" does not fill holes`, {
        remedy: 'use it in a stage "network", and a model of task inpainting in "repair"',
      });
    }
    this.#session = session;
  }

  /** Side of the largest square within the crops that the network sees. */
  get crop(): number {
    return Math.min(this.#session.width, this.#session.height);
  }

  /** Size of what the network sees for a region, in pixels of the picture. */
  seen({ side }: HoleRegion): Size {
    const { width, height } = this.#session;
    return { width: (side * width) / this.crop, height: (side * height) / this.crop };
  }

  /**
   * Fills the holes of a region. mask: [height, width], 1 for every hole of the picture as it came; holes: the same
   * for those that are still to be filled, and the region's no more afterwards.
   */
  async fill(
    pixels: PhotoPixels,
    shape: PhotoShape,
    mask: Uint8Array,
    holes: Uint8Array,
    region: HoleRegion,
  ): Promise<void> {
    const { width, height, channels, depth } = shape;
    const [across, down] = [this.#session.width, this.#session.height];
    const scale = region.side / Math.min(across, down);
    const [left, top] = [
      start((region.left + region.right) / 2, across * scale, width),
      start((region.top + region.bottom) / 2, down * scale, height),
    ];
    const count = across * down;
    const { input } = this.#session;
    const white = depth === 8 ? 255 : 65535;
    // Each pixel of the crop is the mean of the known pixels it covers, or a hole where it covers any hole.
    for (let y = 0; y < down; y++) {
      const [y0, y1] = span(top, y, scale, height);
      for (let x = 0; x < across; x++) {
        const [x0, x1] = span(left, x, scale, width);
        const sum = [0, 0, 0];
        let hole = 0;
        for (let py = y0; py < y1; py++) {
          for (let px = x0; px < x1; px++) {
            const i = py * width + px;
            hole = Math.max(hole, holes[i] ?? 0);
            for (let k = 0; k < 3; k++) sum[k] = (sum[k] ?? 0) + (pixels[i * channels + k] ?? 0);
          }
        }
        const at = y * across + x;
        const share = hole === 1 ? 0 : 1 / ((y1 - y0) * (x1 - x0) * white);
        for (let k = 0; k < 3; k++) input[k * count + at] = (sum[k] ?? 0) * share;
        input[3 * count + at] = hole;
      }
    }
    const output = await this.#session.run();
    const filled: number[] = [];
    for (let y = region.top; y < region.bottom; y++) {
      for (let x = region.left; x < region.right; x++) {
        const i = y * width + x;
        if (holes[i] !== 1) continue;
        filled.push(i);
        const [cx, cy] = [(x + 0.5 - left) / scale - 0.5, (y + 0.5 - top) / scale - 0.5];
        const rim = rimOf(pixels, shape, mask, x, y);
        for (let k = 0; k < 3; k++) {
          const value = sample(output, k * count, across, down, cx, cy) * white;
          const known = rim?.[k];
          // Beside known pixels, half of them, so that no edge is to be seen.
          const blended = known === undefined ? value : (value + known) / 2;
          pixels[i * channels + k] = Math.min(white, Math.max(0, Math.round(blended)));
        }
      }
    }
    for (const i of filled) holes[i] = 0;
  }
}

/** Where a crop of some length begins, so that it is around a centre and within the picture if it can be. */
function start(centre: number, length: number, whole: number): number {
  return Math.max(0, Math.min(Math.round(centre - length / 2), whole - Math.round(length)));
}

/** The pixels that pixel `i` of a crop covers, at least one, within the picture; beyond it, the last ones. */
function span(from: number, i: number, scale: number, whole: number): [start: number, end: number] {
  const first = Math.min(whole - 1, Math.floor(from + i * scale));
  return [first, Math.max(first + 1, Math.min(whole, Math.floor(from + (i + 1) * scale)))];
}

/** Mean of the known pixels that touch a pixel, or null if there are none. */
function rimOf(
  pixels: PhotoPixels,
  { width, height, channels }: PhotoShape,
  mask: Uint8Array,
  x: number,
  y: number,
): [number, number, number] | null {
  const sum: [number, number, number] = [0, 0, 0];
  let count = 0;
  for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
    for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
      const i = ny * width + nx;
      if (mask[i] === 1) continue;
      count++;
      for (const k of [0, 1, 2] as const) sum[k] += pixels[i * channels + k] ?? 0;
    }
  }
  return count === 0 ? null : [sum[0] / count, sum[1] / count, sum[2] / count];
}

/** A plane's value between its pixels. */
function sample(planes: Float32Array, at: number, width: number, height: number, x: number, y: number): number {
  const [cx, cy] = [Math.min(Math.max(x, 0), width - 1), Math.min(Math.max(y, 0), height - 1)];
  const [x0, y0] = [Math.floor(cx), Math.floor(cy)];
  const [x1, y1] = [Math.min(x0 + 1, width - 1), Math.min(y0 + 1, height - 1)];
  const value = (px: number, py: number): number => planes[at + py * width + px] ?? 0;
  const upper = value(x0, y0) + (cx - x0) * (value(x1, y0) - value(x0, y0));
  const lower = value(x0, y1) + (cx - x0) * (value(x1, y1) - value(x0, y1));
  return upper + (cy - y0) * (lower - upper);
}
