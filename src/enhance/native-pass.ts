import { nativeModelOf, type NetworkStage } from '../config/recipe.js';
import type { SharedArena } from '../frames/shared-arena.js';
import { findCard } from '../inference/model-library.js';
import type { Placements } from '../inference/placement.js';
import type { Kernels } from '../kernels/kernel-module.js';
import type { FrameColour, FrameView } from './frame-view.js';
import { NativeDetail } from './native-detail.js';
import { NativeNetwork } from './native-network.js';
import { NetworkExchange } from './network-exchange.js';
import { NetworkThread } from './network-thread.js';
import type { DenoisedFrame } from './temporal-denoiser.js';
import type { Size } from './working-size.js';

/** A network that sees every picture of a stream at full resolution, on a thread of its own, while the grid lights the picture. */
export class NativePass {
  readonly thread: NetworkThread;
  readonly #kernels: Kernels;
  readonly #detail: NativeDetail;

  private constructor(kernels: Kernels, thread: NetworkThread, detail: NativeDetail) {
    this.#kernels = kernels;
    this.thread = thread;
    this.#detail = detail;
  }

  /** Loads the network. Throws AfterglowError `model-missing` or `model-broken`. */
  static async open(
    kernels: Kernels,
    arena: SharedArena,
    stage: NetworkStage,
    { picture, placements, modelFolder }: { readonly picture: Size; readonly placements: Placements; readonly modelFolder?: string }, // prettier-ignore
  ): Promise<NativePass> {
    const model = nativeModelOf(stage);
    const card = findCard(model, modelFolder);
    const detail = new NativeDetail(kernels, arena, picture, { keepLuma: stage.keepLuma, task: card.task });
    const tileBytes = NativeNetwork.tileBytes(picture, card);
    const thread = await NetworkThread.start(arena, {
      model,
      ...(modelFolder === undefined ? {} : { modelFolder }),
      placements,
      keepLuma: stage.keepLuma,
      work: { kind: 'native', picture, tileBytes },
    });
    return new NativePass(kernels, thread, detail);
  }

  /** Bytes of an arena that it takes. Throws AfterglowError where the model has no right card. */
  static bytes(stage: NetworkStage, picture: Size, modelFolder?: string): number {
    const tileBytes = NativeNetwork.tileBytes(picture, findCard(nativeModelOf(stage), modelFolder));
    return NetworkExchange.nativeBytes(picture, tileBytes) + NativeDetail.bytes(picture);
  }

  /** Leaves a picture with the network. False where it is still at work on another. Throws AfterglowError if it failed. */
  ask(picture: FrameView, denoised: DenoisedFrame | null, colour: FrameColour): boolean {
    const { exchange } = this.thread;
    if (exchange.state === 'answered') exchange.taken();
    if (exchange.state === 'failed') throw this.thread.failure;
    if (exchange.state !== 'idle') return false;
    NativeNetwork.fill(this.#kernels, picture, denoised, exchange.y);
    exchange.askFilled(colour);
    return true;
  }

  /**
   * Waits for what the network makes of the picture that was left, and gives its details to `lit`, the same picture as the grid has
   * lit it; `camera` is it as it came. An answer that takes longer than `patience`, in milliseconds, is not used. Throws AfterglowError if it failed.
   */
  finish(camera: FrameView, lit: FrameView, strength: number, patience: number): void {
    const { exchange } = this.thread;
    const state = exchange.waitWhile('asked', patience);
    if (state === 'failed') throw this.thread.failure;
    if (state !== 'answered') return;
    this.#detail.add(camera, lit, [exchange.targetY, exchange.targetU, exchange.targetV], strength);
    exchange.taken();
  }
}
