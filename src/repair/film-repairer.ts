import type { RepairStage } from '../config/recipe.js';
import type { FrameColour, FrameView } from '../enhance/frame-view.js';
import type { Size } from '../enhance/working-size.js';
import type { SharedArena } from '../frames/shared-arena.js';
import type { NetworkSession } from '../inference/network-session.js';
import type { Kernels } from '../kernels/kernel-module.js';
import { BlockMotion } from './block-motion.js';
import { BlotchDetector } from './blotch-detector.js';
import { CropFiller } from './crop-filler.js';
import { HoleGatherer, HoleState } from './hole-gatherer.js';
import { LumaPyramid } from './luma-pyramid.js';
import { NeighbourFiller } from './neighbour-filler.js';
import { NeighbourMatch } from './neighbour-match.js';
import { RimDiffusion } from './rim-diffusion.js';
import { ScratchDetector } from './scratch-detector.js';

/** Holes of few pixels, or so thin on average, are filled from their rim; the network adds nothing there. */
const FEW = 12;
const THIN = 4;

/**
 * Repairs the pictures of a film by comparing each with those before and after it. What stands on one picture alone is
 * filled from its neighbours where these agree; what they cannot tell, and what a mask covers, by a network or from the
 * rim. Pixels that are not damaged stay bit for bit.
 */
export class FilmRepairer {
  readonly #arena: SharedArena;
  readonly #size: Size;
  readonly #stage: RepairStage;
  readonly #picture: LumaPyramid;
  readonly #previous: NeighbourMatch;
  readonly #next: NeighbourMatch;
  readonly #detector: BlotchDetector;
  readonly #scratches: ScratchDetector;
  readonly #neighbours: NeighbourFiller;
  readonly #crops: CropFiller | null;
  readonly #diffusion: RimDiffusion;
  readonly #gatherer: HoleGatherer;
  readonly #chromaGatherer: HoleGatherer;
  readonly #states: Uint8Array;
  /** Places that hold the same damage on all pictures: 1 for the mask's and for scratches. */
  readonly #standing: Uint8Array;
  readonly #chromaStates: Uint8Array;
  #mask: Uint8Array | null = null;

  /**
   * picture: size of all pictures, even; session: a network that fills holes, open for crops, or null to fill them from
   * their rim. Throws AfterglowError `pipeline-invalid` for a network that fills no holes.
   */
  constructor(
    kernels: Kernels,
    arena: SharedArena,
    picture: Size,
    stage: RepairStage,
    session: NetworkSession | null,
    colour: FrameColour,
  ) {
    const { width, height } = picture;
    const chroma = { width: width / 2, height: height / 2 };
    this.#arena = arena;
    this.#size = { width, height };
    this.#stage = stage;
    this.#picture = new LumaPyramid(kernels, arena, picture);
    this.#previous = new NeighbourMatch(kernels, arena, picture);
    this.#next = new NeighbourMatch(kernels, arena, picture);
    this.#detector = new BlotchDetector(kernels, arena, picture);
    this.#scratches = new ScratchDetector(kernels, arena, picture);
    this.#neighbours = new NeighbourFiller(arena);
    this.#crops = session ? new CropFiller(arena, session, colour) : null;
    this.#diffusion = new RimDiffusion(width * height);
    this.#gatherer = new HoleGatherer(picture);
    this.#chromaGatherer = new HoleGatherer(chroma);
    this.#states = new Uint8Array(width * height);
    this.#standing = new Uint8Array(width * height);
    this.#chromaStates = new Uint8Array(chroma.width * chroma.height);
  }

  /** Bytes of an arena that a repairer takes. */
  static bytes(picture: Size): number {
    return (
      LumaPyramid.bytes(picture) +
      2 * NeighbourMatch.bytes(picture) +
      BlotchDetector.bytes(picture) +
      ScratchDetector.bytes(picture) +
      1024
    );
  }

  /** Places that are holes on every picture, as logos and stamps are: [height, width], 1 in holes; or null for none. */
  setMask(mask: Uint8Array | null): void {
    this.#mask = mask;
  }

  /**
   * Repairs a picture. previous, next: its neighbours of the same shot as they were decoded, or null at the shot's ends;
   * into: the repaired picture, all planes. Returns how many pixels were damaged. What it does depends on these
   * pictures and the mask alone.
   */
  async repair(
    previous: FrameView | null,
    picture: FrameView,
    next: FrameView | null,
    into: FrameView,
  ): Promise<number> {
    this.#copy(picture, into);
    const states = this.#states.fill(HoleState.known);
    const standing = this.#standing.fill(0);
    const [before, after] = [previous && this.#previous, next && this.#next];
    let noise = 0;
    const either = before ?? after;
    if (either) {
      const { sensitivity, scratches } = this.#stage.temporal;
      this.#picture.fill(picture.y, picture.lumaStride, 1, 0);
      const light = this.#picture.light();
      if (previous) this.#previous.find(this.#picture, light, previous);
      if (next) this.#next.find(this.#picture, light, next);
      if (before && after) BlockMotion.pair(this.#picture, before, after);
      before?.finish(this.#picture);
      after?.finish(this.#picture);
      const source = { picture: this.#picture, previous: before ?? either, next: after ?? either };
      this.#detector.detect(source, sensitivity, states);
      noise = this.#detector.noise;
      if (scratches) this.#scratches.detect(picture, before, after, sensitivity, standing);
    }
    const mask = this.#mask;
    for (let i = 0; i < standing.length; i++) {
      if (mask?.[i] === 1) [states[i], standing[i]] = [HoleState.lost, 1];
      else if (standing[i] === 1) states[i] = HoleState.hole;
    }
    const [full] = this.#picture.levels;
    this.#neighbours.fill(full, before, after, into, states, standing, noise, this.#gatherer);
    await this.#fillLost(into, states);
    let changed = 0;
    for (const state of states) if (state !== HoleState.known) changed++;
    return changed;
  }

  #copy(from: FrameView, to: FrameView): void {
    const { width, height } = this.#size;
    const plane = (at: number, stride: number, into: number, intoStride: number, w: number, h: number): void => {
      for (let y = 0; y < h; y++) {
        this.#arena.bytes(into + y * intoStride, w).set(this.#arena.bytes(at + y * stride, w));
      }
    };
    plane(from.y, from.lumaStride, to.y, to.lumaStride, width, height);
    plane(from.u, from.chromaStride, to.u, to.chromaStride, width / 2, height / 2);
    plane(from.v, from.chromaStride, to.v, to.chromaStride, width / 2, height / 2);
  }

  async #fillLost(into: FrameView, states: Uint8Array): Promise<void> {
    if (!states.includes(HoleState.lost)) return;
    const { crops } = this.#stage.temporal;
    const isNetworkUsed = this.#crops !== null && crops > 0;
    this.#fillFromRim(into, states, isNetworkUsed);
    if (!states.includes(HoleState.large)) return;
    await this.#crops?.fill(into, states, crops);
    // What the network had no turn for.
    for (let at = states.indexOf(HoleState.large); at >= 0; at = states.indexOf(HoleState.large, at + 1)) {
      states[at] = HoleState.lost;
    }
    this.#fillFromRim(into, states, false);
  }

  /** Fills what is lost from its rim, or only what is small or thin: the rest becomes large. */
  #fillFromRim(into: FrameView, states: Uint8Array, isSmallOnly: boolean): void {
    const { width, height } = this.#size;
    const chroma = this.#chromaStates.fill(HoleState.known);
    const luma = this.#arena.bytes(into.y, into.lumaStride * height);
    const { pixels } = this.#gatherer;
    for (let at = states.indexOf(HoleState.lost); at >= 0; at = states.indexOf(HoleState.lost, at + 1)) {
      this.#gatherer.gather(states, at, 0);
      const { count } = this.#gatherer;
      const isFilled = !isSmallOnly || count <= FEW || this.#gatherer.thickness <= THIN;
      if (isFilled) this.#diffusion.fill(luma, into.lumaStride, this.#gatherer, states);
      for (let n = 0; n < count; n++) {
        const i = pixels[n] ?? 0;
        states[i] = isFilled ? HoleState.filled : HoleState.large;
        if (isFilled) chroma[(Math.floor(i / width) >> 1) * (width / 2) + ((i % width) >> 1)] = HoleState.lost;
      }
    }
    const bytes = into.chromaStride * (height / 2);
    const [u, v] = [this.#arena.bytes(into.u, bytes), this.#arena.bytes(into.v, bytes)];
    for (let at = chroma.indexOf(HoleState.lost); at >= 0; at = chroma.indexOf(HoleState.lost, at + 1)) {
      this.#chromaGatherer.gather(chroma, at, 0);
      this.#diffusion.fill(u, into.chromaStride, this.#chromaGatherer, chroma);
      this.#diffusion.fill(v, into.chromaStride, this.#chromaGatherer, chroma);
      const { pixels: places, count } = this.#chromaGatherer;
      for (let n = 0; n < count; n++) chroma[places[n] ?? 0] = HoleState.filled;
    }
  }
}
