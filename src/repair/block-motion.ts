import type { Size } from '../enhance/working-size.js';
import type { SharedArena } from '../frames/shared-arena.js';
import type { Kernels } from '../kernels/kernel-module.js';
import { allocateLevel, levelBytes, paddedSize, type LumaPyramid, type PyramidLevel } from './luma-pyramid.js';

/** Motion is looked for up to this many pixels of the smallest level, a quarter as wide as the picture. */
const REACH = 8;
/** What a step off its neighbours' motion costs a block, in summed levels: blocks of 8x8, of 16x16, and of split ones. */
const WEIGHTS = { search: 6, refine: 6, finish: 6, pair: 6, split: 48 } as const;

/**
 * Motion from one picture to another in blocks of 8x8, to half a pixel, by hierarchical block matching that damage on
 * either picture hardly misleads. Finds up to about 32 pixels each way, and more where neighbours lead there.
 */
export class BlockMotion {
  /** Blocks of 8x8 across and down. */
  readonly columns: number;
  readonly rows: number;
  /** The neighbour brought to where its parts are in the picture; the stride is a full pyramid level's. */
  readonly compensated: PyramidLevel;
  readonly #kernels: Kernels;
  readonly #arena: SharedArena;
  readonly #coarse: number;
  readonly #middle: number;
  readonly #blocks: number;
  readonly #fine: number;

  constructor(kernels: Kernels, arena: SharedArena, picture: Size) {
    const padded = paddedSize(picture);
    this.#kernels = kernels;
    this.#arena = arena;
    this.columns = padded.width / 8;
    this.rows = padded.height / 8;
    const count = this.columns * this.rows;
    this.#coarse = arena.allocate(count / 4);
    this.#middle = arena.allocate(count);
    this.#blocks = arena.allocate(count);
    this.#fine = arena.allocate(count * 4);
    this.compensated = allocateLevel(arena, padded);
  }

  /** Bytes of an arena that this takes. */
  static bytes(picture: Size): number {
    const padded = paddedSize(picture);
    return ((padded.width * padded.height) / 64) * 6.25 + levelBytes(padded) + 512;
  }

  /** Motion of blocks as it was last found: i16 [rows, columns, 2], x and y in half pixels, from picture to neighbour. */
  get vectors(): Int16Array {
    return new Int16Array(this.#arena.memory.buffer, this.#fine, this.columns * this.rows * 2);
  }

  /** Finds the motion of blocks of 16x16 from a picture to a neighbour; `finish` is to follow. */
  find(picture: LumaPyramid, neighbour: LumaPyramid): void {
    const k = this.#kernels;
    const [full, half, quarter] = picture.levels;
    const [fullTo, halfTo, quarterTo] = neighbour.levels;
    const [columns, rows] = [this.columns / 2, this.rows / 2];
    k.searchBlocks(
      quarter.address, quarterTo.address, quarter.stride, columns / 2, rows / 2, this.#coarse, REACH, WEIGHTS.search,
    ); // prettier-ignore
    k.refineBlocks(
      half.address, halfTo.address, half.stride, columns, rows,
      this.#coarse, columns / 2, rows / 2, this.#middle, WEIGHTS.refine,
    ); // prettier-ignore
    k.finishBlocks(
      full.address, fullTo.address, full.stride, columns, rows, this.#middle, this.#blocks, WEIGHTS.finish,
    ); // prettier-ignore
  }

  /** Settles the motion to the neighbours before and after together, both found, so that all three pictures agree. */
  static pair(
    picture: LumaPyramid,
    before: { readonly motion: BlockMotion; readonly pyramid: LumaPyramid },
    after: { readonly motion: BlockMotion; readonly pyramid: LumaPyramid },
  ): void {
    const [full] = picture.levels;
    const { motion } = before;
    motion.#kernels.pairBlocks(
      full.address, before.pyramid.levels[0].address, after.pyramid.levels[0].address, full.stride,
      motion.columns / 2, motion.rows / 2, motion.#blocks, after.motion.#blocks, WEIGHTS.pair,
    ); // prettier-ignore
  }

  /** Divides the blocks found into those of 8x8, and compensates the neighbour for their motion. */
  finish(picture: LumaPyramid, neighbour: LumaPyramid): void {
    const [full] = picture.levels;
    const [fullTo] = neighbour.levels;
    this.#kernels.splitBlocks(
      full.address, fullTo.address, full.stride, this.columns / 2, this.rows / 2,
      this.#blocks, this.#fine, WEIGHTS.split,
    ); // prettier-ignore
    this.#kernels.compensatePlane(
      fullTo.address, full.stride, this.columns, this.rows, this.#fine, this.compensated.address,
    ); // prettier-ignore
  }
}
