import { HoleState, type HoleGatherer } from './hole-gatherer.js';

/** Passes that even out what is led in from the rim. */
const PASSES = 24;

/**
 * Fills holes of a plane from their rim, as if colour flowed in from all sides. For holes of few pixels, or where
 * nothing better is at hand.
 */
export class RimDiffusion {
  readonly #values: Float32Array;

  /** pixels: of the largest plane. */
  constructor(pixels: number) {
    this.#values = new Float32Array(pixels);
  }

  /**
   * Fills the pixels of one hole in place. plane: u8 [height, stride]; hole: lost pixels, as gathered; states:
   * [height, width]. Other lost pixels do not flow in.
   */
  fill(plane: Uint8Array, stride: number, hole: HoleGatherer, states: Uint8Array): void {
    const { width, height, pixels, count } = hole;
    const values = this.#values;
    const isOpen = (i: number): boolean => states[i] === HoleState.lost;
    // From the rim inwards, a layer each round.
    for (let n = 0; n < count; n++) values[pixels[n] ?? 0] = -1;
    for (let left = count; left > 0;) {
      let done = 0;
      for (let n = 0; n < count; n++) {
        const i = pixels[n] ?? 0;
        if ((values[i] ?? 0) !== -1) continue;
        const [x, y] = [i % width, Math.floor(i / width)];
        let [sum, weight] = [0, 0];
        for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
          for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
            const near = ny * width + nx;
            if (!isOpen(near)) sum += plane[ny * stride + nx] ?? 0;
            else if ((values[near] ?? -1) >= 0 && near !== i) sum += values[near] ?? 0;
            else continue;
            weight++;
          }
        }
        if (weight === 0) continue;
        // Beginning with a mark of this round, so that a round is one layer.
        values[i] = -2 - sum / weight;
        done++;
      }
      for (let n = 0; n < count; n++) {
        const i = pixels[n] ?? 0;
        if ((values[i] ?? 0) <= -2) values[i] = -2 - (values[i] ?? 0);
      }
      // A picture that is one hole has nothing to flow in.
      if (done === 0) return;
      left -= done;
    }
    for (let pass = 0; pass < PASSES; pass++) {
      for (let n = 0; n < count; n++) {
        const i = pixels[n] ?? 0;
        const [x, y] = [i % width, Math.floor(i / width)];
        let [sum, weight] = [0, 0];
        const add = (near: number, at: number): void => {
          sum += isOpen(near) ? (values[near] ?? 0) : (plane[at] ?? 0);
          weight++;
        };
        if (x > 0) add(i - 1, y * stride + x - 1);
        if (x < width - 1) add(i + 1, y * stride + x + 1);
        if (y > 0) add(i - width, (y - 1) * stride + x);
        if (y < height - 1) add(i + width, (y + 1) * stride + x);
        values[i] = sum / weight;
      }
    }
    for (let n = 0; n < count; n++) {
      const i = pixels[n] ?? 0;
      plane[Math.floor(i / width) * stride + (i % width)] = Math.round(values[i] ?? 0);
    }
  }
}
