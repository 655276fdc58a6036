import type { SharedArena } from '../frames/shared-arena.js';
import type { Kernels } from '../kernels/kernel-module.js';
import type { FrameView } from './frame-view.js';
import type { Size } from './working-size.js';

/** Side in pixels of the cells over which light is the grid's; what changes within one is the network's. */
const CELL = 32;

/** Addresses of the planes of a network that has seen a whole picture: f32 [height, width] each, code values. */
export interface NativePlanes {
  readonly y: number;
  readonly u: number;
  readonly v: number;
}

/**
 * Gives a picture that the grid has lit the details of the network's own picture at full resolution. Light stays the grid's, which is
 * smoothed over time and has seen the whole picture: a network that is asked picture by picture, and tile by tile, wavers.
 */
export class NativeDetail {
  readonly #kernels: Kernels;
  readonly #keepLuma: boolean;
  readonly #diff: number;
  readonly #cells: number;
  readonly #scratch: number;

  /** keepLuma: whether luma stays the picture's own. */
  constructor(kernels: Kernels, arena: SharedArena, { width, height }: Size, keepLuma: boolean) {
    this.#kernels = kernels;
    this.#keepLuma = keepLuma;
    const [columns, rows] = [cells(width), cells(height)];
    this.#diff = arena.allocate(width * height * 4);
    this.#cells = arena.allocate(columns * rows * 4);
    this.#scratch = arena.allocate(rows * width * 4);
  }

  /** Bytes of an arena that it takes. */
  static bytes({ width, height }: Size): number {
    return width * height * 4 + cells(height) * (cells(width) + width) * 4 + 256;
  }

  /** picture: as the grid left it, changed in place; target: the network's; strength: 0 leaves the picture, 1 is all of it. */
  add(picture: FrameView, target: NativePlanes, strength: number): void {
    if (strength === 0) return;
    const { width, height, lumaStride, chromaStride } = picture;
    if (!this.#keepLuma) this.#addTo(picture.y, lumaStride, { width, height }, target.y, 1, strength);
    const chroma = { width: width / 2, height: height / 2 };
    this.#addTo(picture.u, chromaStride, chroma, target.u, 2, strength);
    this.#addTo(picture.v, chromaStride, chroma, target.v, 2, strength);
  }

  #addTo(plane: number, stride: number, size: Size, target: number, step: 1 | 2, strength: number): void {
    const { width, height } = size;
    const [columns, rows] = [cells(width * step), cells(height * step)];
    this.#kernels.lackingDetail(target, step, plane, stride, width, height, this.#diff);
    this.#kernels.downsampleFloat(this.#diff, width, height, this.#cells, columns, rows);
    this.#kernels.addDetail(
      this.#diff, plane, stride, width, height, this.#cells, columns, rows, strength, this.#scratch,
    ); // prettier-ignore
  }
}

function cells(length: number): number {
  return Math.max(1, Math.round(length / CELL));
}
