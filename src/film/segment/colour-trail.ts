import type { FrameView } from '../../enhance/frame-view.js';
import type { Size } from '../../enhance/working-size.js';
import type { SharedArena } from '../../frames/shared-arena.js';
import type { Kernels } from '../../kernels/kernel-module.js';
import { BlockMotion } from '../../repair/block-motion.js';
import { LumaPyramid } from '../../repair/luma-pyramid.js';

/** Levels by which luma may differ on the average of four pixels, at most, for colour to be taken over. */
const TOLERANCE = 28;
/** Share of a colour, of 256, that is left of a picture after which it counts as forgotten. */
const FORGOTTEN = 2;

/**
 * Lets the colours of a film follow what they belong to: a grid's maps stay where they are on the screen, and what moves
 * under them would change colour. Each pixel takes a share of its colour from where it was on the picture before.
 */
export class ColourTrail {
  readonly #kernels: Kernels;
  readonly #size: Size;
  readonly #motion: BlockMotion;
  readonly #vectors: number;
  readonly #arena: SharedArena;
  #now: LumaPyramid;
  #before: LumaPyramid;
  #old: readonly [u: number, v: number];
  #new: readonly [u: number, v: number];
  #isFirst = true;

  constructor(kernels: Kernels, arena: SharedArena, picture: Size) {
    this.#kernels = kernels;
    this.#arena = arena;
    this.#size = { width: picture.width, height: picture.height };
    this.#now = new LumaPyramid(kernels, arena, picture);
    this.#before = new LumaPyramid(kernels, arena, picture);
    this.#motion = new BlockMotion(kernels, arena, picture);
    this.#vectors = arena.allocate(this.#motion.columns * this.#motion.rows * 4);
    const plane = (picture.width * picture.height) / 2;
    this.#old = [arena.allocate(plane), arena.allocate(plane)];
    this.#new = [arena.allocate(plane), arena.allocate(plane)];
  }

  /** Bytes of an arena that a trail takes. */
  static bytes(picture: Size): number {
    const { width, height } = picture;
    return (
      2 * LumaPyramid.bytes(picture) +
      BlockMotion.bytes(picture) +
      2 * width * height +
      ((width + 32) * (height + 32)) / 16 +
      4096
    );
  }

  /** Pictures before one that must have been followed for its colours to be what they are. share: as for `follow`. */
  static lead(share: number): number {
    return share <= 0 ? 0 : Math.ceil(Math.log(FORGOTTEN / 256) / Math.log(Math.min(0.95, share)));
  }

  /** Forgets the picture before. */
  reset(): void {
    this.#isFirst = true;
  }

  /** Changes a picture's chroma in place. share: 0..1, of a colour that is taken from the picture before. */
  follow(picture: FrameView, share: number): void {
    const { width, height } = this.#size;
    this.#now.fill(picture.y, picture.lumaStride, 1, 0);
    if (this.#isFirst) {
      // Nothing to follow yet, and no motion: the colours themselves are kept.
      this.#before.fill(picture.y, picture.lumaStride, 1, 0);
    }
    this.#motion.find(this.#now, this.#before);
    this.#motion.finish(this.#now, this.#before);
    const { columns, rows, compensated } = this.#motion;
    new Int16Array(this.#arena.memory.buffer, this.#vectors, columns * rows * 2).set(this.#motion.vectors);
    this.#kernels.trailColour(
      picture.u, picture.v, picture.chromaStride, width / 2, height / 2, ...this.#old, ...this.#new,
      picture.y, picture.lumaStride, compensated.address, compensated.stride, this.#vectors, columns,
      this.#isFirst ? 0 : Math.round(256 * Math.min(0.95, share)), TOLERANCE,
    ); // prettier-ignore
    this.#isFirst = false;
    [this.#old, this.#new] = [this.#new, this.#old];
    [this.#now, this.#before] = [this.#before, this.#now];
  }
}
