import type { Size } from '../enhance/working-size.js';

/** What is known of a pixel of a picture under repair. */
export const HoleState = {
  /** As it was decoded. */
  known: 0,
  /** Damaged; its neighbours in time are to fill it. */
  hole: 1,
  /** Damaged, and neighbours in time cannot fill it. */
  lost: 2,
  /** Lost, in a hole so large that a network is to fill it. */
  large: 3,
  /** Filled. */
  filled: 4,
} as const;

/** Pixels that touch each other and are to be filled together, gathered without allocating. */
export class HoleGatherer {
  readonly width: number;
  readonly height: number;
  /** Places y * width + x: first the `count` of the hole, then the rest of the ring around it. */
  readonly pixels: Int32Array;
  /** Pixels of the hole. */
  count = 0;
  /** Pixels of the hole and the known ones around it. */
  reach = 0;
  readonly #stamps: Int32Array;
  #stamp = 0;

  constructor({ width, height }: Size) {
    this.width = width;
    this.height = height;
    this.pixels = new Int32Array(width * height);
    this.#stamps = new Int32Array(width * height);
  }

  /** Gathers the pixels of one state that hang together with one, and `ring` layers of known pixels around them. */
  gather(states: Uint8Array, start: number, ring: number): void {
    const state = states[start] ?? 0;
    this.#stamp++;
    this.#stamps[start] = this.#stamp;
    this.pixels[0] = start;
    this.count = this.#spread(0, 1, states, state, Infinity);
    this.reach = this.count;
    let from = 0;
    for (let layer = 0; layer < ring; layer++) {
      const end = this.reach;
      this.reach = this.#spread(from, end, states, HoleState.known, end);
      from = end;
    }
  }

  /** Pixels of the hole for each row or column that it reaches over, whichever are more. */
  get thickness(): number {
    const { width, pixels, count } = this;
    let [left, right, top, bottom] = [Infinity, 0, Infinity, 0];
    for (let n = 0; n < count; n++) {
      const i = pixels[n] ?? 0;
      const [x, y] = [i % width, Math.floor(i / width)];
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    }
    return count / (Math.max(right - left, bottom - top) + 1);
  }

  /** Takes in what touches the pixels from `from` on, as far as `last`. Returns how many there are then. */
  #spread(from: number, end: number, states: Uint8Array, state: number, last: number): number {
    const { width, height, pixels } = this;
    let count = end;
    for (let n = from; n < Math.min(count, last); n++) {
      const i = pixels[n] ?? 0;
      const [x, y] = [i % width, Math.floor(i / width)];
      for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
          const near = ny * width + nx;
          if (this.#stamps[near] === this.#stamp || states[near] !== state) continue;
          this.#stamps[near] = this.#stamp;
          pixels[count++] = near;
        }
      }
    }
    return count;
  }
}
