import { frameAt, type FrameView } from '../enhance/frame-view.js';
import type { Size } from '../enhance/working-size.js';
import { FrameRing, type HeldSlot } from '../frames/frame-ring.js';
import { loadKernels, type Kernels } from '../kernels/kernel-module.js';
import type { ControlBlock } from './control-block.js';
import { sideBySide } from './side-by-side.js';
import type { ExtraRings } from './worker-messages.js';

/** Half a picture's size, even in both directions: a remainder of up to three columns and rows is left out. */
export function halfSize({ width, height }: Size): Size {
  return { width: 2 * Math.max(1, width >> 2), height: 2 * Math.max(1, height >> 2) };
}

/** Makes the pictures of the renditions that are not always made, while somebody wants them. */
export class ExtraPictures {
  readonly #compare: FrameRing;
  readonly #small: FrameRing;
  readonly #control: ControlBlock;
  readonly #bytes: Uint8Array;
  readonly #kernels: Kernels;

  constructor(memory: WebAssembly.Memory, rings: ExtraRings, control: ControlBlock) {
    this.#compare = FrameRing.join(memory, rings.compare);
    this.#small = FrameRing.join(memory, rings.small);
    this.#control = control;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#kernels = loadKernels(memory);
  }

  /** Makes what is wanted of one instant's pictures; where the encoder holds every slot, nothing. */
  fill(original: FrameView, enhanced: FrameView, slot: HeldSlot): void {
    if (this.#control.wants('compare')) {
      const target = this.#compare.acquireWrite(0);
      if (target >= 0) {
        sideBySide(this.#bytes, original, enhanced, this.#compare.address(target));
        this.#compare.publish(target, slot);
      }
    }
    if (this.#control.wants('small')) {
      const target = this.#small.acquireWrite(0);
      if (target >= 0) {
        const { width, height } = this.#small.handle;
        this.#halve(enhanced, frameAt(this.#small.address(target), width, height));
        this.#small.publish(target, slot);
      }
    }
  }

  /** No more pictures come. */
  close(): void {
    this.#compare.close();
    this.#small.close();
  }

  /** Plane after plane: each writes a little past its end, where the next one begins. */
  #halve(from: FrameView, to: FrameView): void {
    const { width, height, lumaStride, chromaStride } = to;
    this.#kernels.halveRows(from.y, from.lumaStride, to.y, lumaStride, width, height);
    this.#kernels.halveRows(from.u, from.chromaStride, to.u, chromaStride, width / 2, height / 2);
    this.#kernels.halveRows(from.v, from.chromaStride, to.v, chromaStride, width / 2, height / 2);
  }
}
