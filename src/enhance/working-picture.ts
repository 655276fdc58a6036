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
  #frame: FrameView | null = null;

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

  /** Averages a full picture's luma down into this one: all that scenes are told apart by. */
  fill(frame: FrameView): void {
    this.#frame = frame;
    this.#average(frame.y, frame.lumaStride, frame.width, frame.height, this.y);
    const { width, height } = this.size;
    this.#kernels.downsampleFloat(this.y, width, height, this.#thumbnailAt, THUMBNAIL.width, THUMBNAIL.height);
  }

  /** Averages the chroma of the picture that `fill` was given, which a network sees too. */
  fillChroma(): void {
    const frame = this.#frame;
    if (!frame) return;
    const [width, height] = [frame.width / 2, frame.height / 2];
    this.#average(frame.u, frame.chromaStride, width, height, this.u);
    this.#average(frame.v, frame.chromaStride, width, height, this.v);
  }

  #average(plane: number, stride: number, width: number, height: number, small: number): void {
    this.#kernels.downsamplePlane(plane, stride, width, height, small, this.size.width, this.size.height, this.#sums);
  }
}
