import { nativeModelOf, type NetworkStage } from '../../config/recipe.js';
import type { FrameColour, FrameView } from '../../enhance/frame-view.js';
import { NativeDetail } from '../../enhance/native-detail.js';
import { NativeNetwork } from '../../enhance/native-network.js';
import type { Planes } from '../../enhance/network-adapter.js';
import type { DenoisedFrame } from '../../enhance/temporal-denoiser.js';
import type { Size } from '../../enhance/working-size.js';
import type { SharedArena } from '../../frames/shared-arena.js';
import { findCard } from '../../inference/model-library.js';
import type { NetworkSession } from '../../inference/network-session.js';
import type { Kernels } from '../../kernels/kernel-module.js';

/** A network that sees a film's pictures at full resolution, for the details of what the grid has lit. */
export class NativePictures {
  readonly #kernels: Kernels;
  readonly #network: NativeNetwork;
  readonly #detail: NativeDetail;
  readonly #picture: number;
  readonly #planes: Planes;

  /** session: for this alone, since its tiles have a size of their own. */
  constructor(kernels: Kernels, arena: SharedArena, session: NetworkSession, stage: NetworkStage, format: Size) {
    this.#kernels = kernels;
    const tile = NativeNetwork.tileBytes(format, session.model.card);
    const planes = (): number => arena.allocate(format.width * format.height * 12);
    const at = { picture: planes(), target: planes(), rgb: arena.allocate(tile), lab: arena.allocate(tile) };
    this.#picture = at.picture;
    this.#planes = NativeNetwork.planes(format, at.target);
    this.#network = new NativeNetwork(kernels, session, arena.memory, format, at);
    this.#detail = new NativeDetail(kernels, arena, format, {
      keepLuma: stage.keepLuma,
      task: session.model.card.task,
    });
  }

  /** Bytes of an arena that it takes. */
  static bytes(stage: NetworkStage, format: Size): number {
    const tile = NativeNetwork.tileBytes(format, findCard(nativeModelOf(stage)));
    return format.width * format.height * 24 + 2 * tile + NativeDetail.bytes(format) + 1024;
  }

  /** Gives `lit`, which the grid has made of a picture, the network's details. Throws AfterglowError `model-broken`. */
  async add(
    picture: FrameView,
    denoised: DenoisedFrame | null,
    lit: FrameView,
    colour: FrameColour,
    strength: number,
  ): Promise<void> {
    if (strength === 0) return;
    NativeNetwork.fill(this.#kernels, picture, denoised, this.#picture);
    await this.#network.run(colour);
    this.#detail.add(picture, lit, this.#planes, strength);
  }
}
