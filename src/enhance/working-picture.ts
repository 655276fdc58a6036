import type { SharedArena } from '../frames/shared-arena.js';
import type { Kernels } from '../kernels/kernel-module.js';
import type { FrameView } from './frame-view.js';
import type { Size } from './working-size.js';

/** Size of the thumbnail that cuts and flashes are found on. */
export const THUMBNAIL: Size = { width: 32, height: 18 };

/** The small copy of a picture: planes of Y, U and V code values as floats, and a still smaller copy of its luma. */
export class WorkingPicture {
  readonly size: Size;
  /** Addresses of the planes, f32 [height, width] each. */
  readonly y: number;
  readonly u: number;
  readonly v: number;
  /** Luma averaged to 32x18. */
  readonly thumbnail: Float32Array;
  readonly #thumbnailAt: number;
  readonly #sums: number;
  readonly #kernels: Kernels;

  constructor(kernels: Kernels, arena: SharedArena, size: Size, fullWidth: number) {
    this.#kernels = kernels;
    this.size = size;
    const plane = size.width * size.height * 4;
    this.y = arena.allocate(plane);
    this.u = arena.allocate(plane);
    this.v = arena.allocate(plane);
    const pixels = THUMBNAIL.width * THUMBNAIL.height;
    this.#thumbnailAt = arena.allocate(pixels * 4);
    this.thumbnail = arena.float32(this.#thumbnailAt, pixels);
    this.#sums = arena.allocate((fullWidth + 16) * 2);
  }

  /** Averages a full picture down into this one. */
  fill(frame: FrameView): void {
    const { width, height } = this.size;
    const [chromaWidth, chromaHeight] = [frame.width / 2, frame.height / 2];
    const k = this.#kernels;
    k.downsamplePlane(frame.y, frame.lumaStride, frame.width, frame.height, this.y, width, height, this.#sums);
    k.downsamplePlane(frame.u, frame.chromaStride, chromaWidth, chromaHeight, this.u, width, height, this.#sums);
    k.downsamplePlane(frame.v, frame.chromaStride, chromaWidth, chromaHeight, this.v, width, height, this.#sums);
    k.downsampleFloat(this.y, width, height, this.#thumbnailAt, THUMBNAIL.width, THUMBNAIL.height);
  }
}
