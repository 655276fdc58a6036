import type { SharedArena } from '../frames/shared-arena.js';
import type { ModelCard } from '../inference/model-card.js';
import type { Kernels } from '../kernels/kernel-module.js';
import type { FrameView } from './frame-view.js';
import type { Planes } from './network-adapter.js';
import type { Size } from './working-size.js';

/** Side in pixels of the cells over which light is the grid's; what changes within one is the network's. */
const CELL = 32;

/**
 * What the camera itself sees well is not left to a network that has learnt from dark pictures: its details count wholly up to the first
 * level of luma, and from the second on not at all.
 */
export const TRUSTED_LUMA = [96, 192] as const;
/** For networks of other tasks, all of them: no level reaches these. */
const ALL_LUMA = [256, 257] as const;

/**
 * Gives a picture that the grid has lit the details of the network's own picture at full resolution. Light stays the grid's, which is
 * smoothed over time and has seen the whole picture: a network that is asked picture by picture, and tile by tile, wavers.
 */
export class NativeDetail {
  readonly #kernels: Kernels;
  readonly #keepLuma: boolean;
  readonly #trusted: readonly [dark: number, light: number];
  readonly #diff: number;
  readonly #cells: number;
  readonly #scratch: number;

  /** keepLuma: whether luma stays the picture's own; task: the network's. */
  constructor(
    kernels: Kernels,
    arena: SharedArena,
    { width, height }: Size,
    { keepLuma, task }: { readonly keepLuma: boolean; readonly task: ModelCard['task'] },
  ) {
    this.#kernels = kernels;
    this.#keepLuma = keepLuma;
    this.#trusted = task === 'low-light' ? TRUSTED_LUMA : ALL_LUMA;
    const [columns, rows] = [cells(width), cells(height)];
    this.#diff = arena.allocate(width * height * 4);
    this.#cells = arena.allocate(columns * rows * 4);
    this.#scratch = arena.allocate(rows * width * 4);
  }

  /** Bytes of an arena that it takes. */
  static bytes({ width, height }: Size): number {
    return width * height * 4 + cells(height) * (cells(width) + width) * 4 + 256;
  }

  /**
   * camera: the picture as it came; lit: as the grid left it, changed in place; target: the network's planes, f32 [height, width] each; strength: 0 leaves the picture, 1 is
   * all of it.
   */
  add(camera: FrameView, lit: FrameView, target: Planes, strength: number): void {
    if (strength === 0) return;
    const { width, height, lumaStride, chromaStride } = lit;
    const [y, u, v] = target;
    if (!this.#keepLuma) this.#addTo(camera, lit.y, lumaStride, { width, height }, y, 1, strength);
    const chroma = { width: width / 2, height: height / 2 };
    this.#addTo(camera, lit.u, chromaStride, chroma, u, 2, strength);
    this.#addTo(camera, lit.v, chromaStride, chroma, v, 2, strength);
  }

  #addTo(
    camera: FrameView,
    plane: number,
    stride: number,
    { width, height }: Size,
    target: number,
    step: 1 | 2,
    strength: number,
  ): void {
    const [columns, rows] = [cells(width * step), cells(height * step)];
    const [dark, light] = this.#trusted;
    this.#kernels.lackingDetail(
      target, step, plane, stride, width, height, camera.y, camera.lumaStride, dark, light, this.#diff,
    ); // prettier-ignore
    this.#kernels.downsampleFloat(this.#diff, width, height, this.#cells, columns, rows);
    this.#kernels.addDetail(
      this.#diff, plane, stride, width, height, this.#cells, columns, rows, strength, this.#scratch,
    ); // prettier-ignore
  }
}

function cells(length: number): number {
  return Math.max(1, Math.round(length / CELL));
}
