import type { FrameView } from '../enhance/frame-view.js';
import type { Size } from '../enhance/working-size.js';
import type { SharedArena } from '../frames/shared-arena.js';
import type { Kernels } from '../kernels/kernel-module.js';
import { BlockMotion } from './block-motion.js';
import { LumaPyramid, paddedSize, type PyramidLevel } from './luma-pyramid.js';

/** Bounds of the gain that old film's flicker is taken to have from picture to picture. */
const GAIN_BOUNDS = [0.7, 1.4] as const;
/** Light that differs by no more than this, in levels, is not matched before motion is looked for. */
const SAME_LIGHT = 1;
/** Side of the blocks that light is compared over after that, in blocks of 8x8. */
const LIGHT_BLOCK = 4;
const LIGHT_PIXELS = 1024;

/** A neighbour of a picture: where its parts are in the picture, in the picture's light. */
export class NeighbourMatch {
  readonly motion: BlockMotion;
  readonly #kernels: Kernels;
  readonly #arena: SharedArena;
  /** The neighbour in the picture's light. */
  readonly pyramid: LumaPyramid;
  readonly #sums: number;
  readonly #shifts: number;
  readonly #near: Float32Array;
  readonly #light: Float32Array;
  #frame: FrameView | null = null;

  constructor(kernels: Kernels, arena: SharedArena, picture: Size) {
    this.#kernels = kernels;
    this.#arena = arena;
    this.pyramid = new LumaPyramid(kernels, arena, picture);
    this.motion = new BlockMotion(kernels, arena, picture);
    const blocks = (this.motion.columns / LIGHT_BLOCK) * (this.motion.rows / LIGHT_BLOCK);
    this.#sums = arena.allocate(blocks * 4);
    this.#shifts = arena.allocate(this.motion.columns * this.motion.rows);
    this.#near = new Float32Array(9);
    this.#light = new Float32Array(blocks);
  }

  /** Bytes of an arena that a neighbour takes. */
  static bytes(picture: Size): number {
    const { width, height } = paddedSize(picture);
    return LumaPyramid.bytes(picture) + BlockMotion.bytes(picture) + (width * height) / 48 + 256;
  }

  /** The neighbour's luma where it is in the picture; valid after `finish`. */
  get luma(): PyramidLevel {
    return this.motion.compensated;
  }

  /** The neighbour as it is, or null before the first `find`. */
  get frame(): FrameView | null {
    return this.#frame;
  }

  /** Finds the motion from a picture to a neighbour; `finish` is to follow. light: of the picture, as its pyramid says. */
  find(picture: LumaPyramid, light: ReturnType<LumaPyramid['light']>, neighbour: FrameView): void {
    this.#frame = neighbour;
    this.pyramid.fill(neighbour.y, neighbour.lumaStride, 1, 0);
    const own = this.pyramid.light();
    const wanted = own.deviation > 1 ? light.deviation / own.deviation : 1;
    const gain = Math.min(GAIN_BOUNDS[1], Math.max(GAIN_BOUNDS[0], wanted));
    const bias = light.mean - gain * own.mean;
    const isSame =
      Math.abs(light.mean - own.mean) < SAME_LIGHT && Math.abs(light.deviation - own.deviation) < SAME_LIGHT;
    if (!isSame) this.pyramid.fill(neighbour.y, neighbour.lumaStride, gain, bias);
    this.motion.find(picture, this.pyramid);
  }

  /** Brings the neighbour to where its parts are in the picture, in its light. */
  finish(picture: LumaPyramid): void {
    this.motion.finish(picture, this.pyramid);
    this.#matchLight(picture);
  }

  /** Flicker of old film is not even over the picture: what is left of it goes by blocks. */
  #matchLight(picture: LumaPyramid): void {
    const [full] = picture.levels;
    const { address, stride } = this.luma;
    const { columns, rows } = this.motion;
    const [across, down] = [columns / LIGHT_BLOCK, rows / LIGHT_BLOCK];
    this.#kernels.lightSums(full.address, address, stride, across, down, this.#sums);
    const sums = this.#arena.int32(this.#sums, across * down);
    for (let row = 0; row < down; row++) {
      for (let column = 0; column < across; column++) {
        this.#light[row * across + column] = this.#medianAround(sums, across, down, column, row) / LIGHT_PIXELS;
      }
    }
    const shifts = new Int8Array(this.#arena.memory.buffer, this.#shifts, columns * rows);
    let isShifted = false;
    for (let row = 0; row < rows; row++) {
      const y = Math.min(Math.max((row + 0.5) / LIGHT_BLOCK - 0.5, 0), down - 1);
      const above = Math.floor(y);
      const upper = above * across;
      const lower = Math.min(above + 1, down - 1) * across;
      for (let column = 0; column < columns; column++) {
        const x = Math.min(Math.max((column + 0.5) / LIGHT_BLOCK - 0.5, 0), across - 1);
        const left = Math.floor(x);
        const right = Math.min(left + 1, across - 1);
        const mix = (line: number): number => {
          const a = this.#light[line + left] ?? 0;
          return a + (x - left) * ((this.#light[line + right] ?? 0) - a);
        };
        const shift = Math.round(mix(upper) + (y - above) * (mix(lower) - mix(upper)));
        shifts[row * columns + column] = shift;
        if (shift !== 0) isShifted = true;
      }
    }
    if (isShifted) this.#kernels.shiftBlocks(address, stride, columns, rows, this.#shifts);
  }

  /** Median of a block and those around it: damage and what moves by itself are not light. */
  #medianAround(sums: Int32Array, across: number, down: number, column: number, row: number): number {
    const near = this.#near;
    let count = 0;
    for (let y = Math.max(row - 1, 0); y <= Math.min(row + 1, down - 1); y++) {
      for (let x = Math.max(column - 1, 0); x <= Math.min(column + 1, across - 1); x++) {
        near[count++] = sums[y * across + x] ?? 0;
      }
    }
    near.fill(Infinity, count).sort();
    return near[count >> 1] ?? 0;
  }
}
