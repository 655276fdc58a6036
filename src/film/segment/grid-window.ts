import type { NetworkStage } from '../../config/recipe.js';
import { BilateralGrid } from '../../enhance/bilateral-grid.js';
import type { FrameColour } from '../../enhance/frame-view.js';
import { gridGeometry, type GridGeometry } from '../../enhance/grid-geometry.js';
import { fitScratchBytes, gridFloats } from '../../enhance/grid-solver.js';
import { NetworkAdapter } from '../../enhance/network-adapter.js';
import type { WorkingPicture } from '../../enhance/working-picture.js';
import { networkSize, type Size } from '../../enhance/working-size.js';
import { colourCoefficients } from '../../frames/picture-format.js';
import type { SharedArena } from '../../frames/shared-arena.js';
import { findCard } from '../../inference/model-library.js';
import type { NetworkSession } from '../../inference/network-session.js';
import type { KernelCrew } from '../../kernels/kernel-crew.js';
import type { Kernels } from '../../kernels/kernel-module.js';
import type { ReferenceColours } from './reference-colours.js';

/** The window reaches this many times `smoothing` both ways ... */
const REACH = 1.5;
/** ... and no further than this many seconds: so long the pictures before their answers are kept. */
const LONGEST_REACH = 1;

/**
 * A network over the pictures of one shot. Its answers, as normal equations of bilateral grids, are weighed over a window
 * in time around each picture, before and after, since a film's future is known.
 */
export class GridWindow {
  readonly grid: BilateralGrid;
  readonly #stage: NetworkStage;
  readonly #kernels: Kernels;
  readonly #arena: SharedArena;
  readonly #geometry: GridGeometry;
  readonly #working: WorkingPicture;
  readonly #adapter: NetworkAdapter;
  readonly #stride: number;
  readonly #spread: number;
  readonly #reach: number;
  readonly #floats: number;
  readonly #sums: readonly number[];
  readonly #total: number;
  readonly #at: {
    readonly rgb: number;
    readonly lab: number;
    readonly fitScratch: number;
    readonly targets: readonly [number, number, number];
  };
  /** Which picture's sums each place holds, or -1. */
  readonly #held: Int32Array;
  #solvedFor = -1;

  constructor(
    crew: KernelCrew,
    arena: SharedArena,
    session: NetworkSession,
    working: WorkingPicture,
    stage: NetworkStage,
    picture: Size,
    frameRate: number,
  ) {
    this.#stage = stage;
    const { kernels } = crew;
    this.#kernels = kernels;
    this.#arena = arena;
    this.#working = working;
    this.#geometry = gridGeometry(picture, stage.grid);
    this.#stride = strideOf(stage, frameRate);
    this.#reach = windowReach(stage, frameRate);
    this.#spread = Math.max(0.5, stage.smoothing * frameRate);
    this.#floats = gridFloats(this.#geometry);
    this.grid = new BilateralGrid(crew, arena, this.#geometry, picture, working.size, stage.keepLuma);
    this.#sums = Array.from({ length: places(stage, frameRate) }, () => arena.allocate(this.#floats * 4));
    this.#total = arena.allocate(this.#floats * 4);
    this.#held = new Int32Array(this.#sums.length).fill(-1);
    const plane = working.size.width * working.size.height * 4;
    this.#at = {
      rgb: arena.allocate(3 * plane),
      lab: arena.allocate(3 * plane),
      fitScratch: arena.allocate(fitScratchBytes(this.#geometry)),
      targets: [arena.allocate(plane), arena.allocate(plane), arena.allocate(plane)],
    };
    this.#adapter = new NetworkAdapter(kernels, session, arena.memory, this.#at);
  }

  /** Bytes of an arena that a window takes, besides its working picture. */
  static bytes(stage: NetworkStage, picture: Size, frameRate: number): number {
    const geometry = gridGeometry(picture, stage.grid);
    const size = networkSize(picture, stage.workingSize, findCard(stage.model));
    const sums = gridFloats(geometry) * 4 + 64;
    return (
      BilateralGrid.bytes(geometry, picture) +
      (places(stage, frameRate) + 1) * sums +
      size.width * size.height * 4 * 9 +
      fitScratchBytes(geometry) +
      4096
    );
  }

  /** Forgets all answers: another shot begins. */
  reset(): void {
    this.#held.fill(-1);
    this.#solvedFor = -1;
  }

  /** Whether the network sees this picture. number: by the picture's place in its shot. */
  isDue(number: number): boolean {
    return number % this.#stride === 0;
  }

  /** Runs the network on the working picture, which is picture `number` of the shot. */
  async ask(number: number, colour: FrameColour, reference: ReferenceColours | null): Promise<void> {
    const { width, height } = this.#working.size;
    const pixels = width * height;
    const { black, lumaScale } = colourCoefficients(colour.matrix, colour.range);
    this.#working.fillChroma();
    const { y, u, v } = this.#working;
    const { targets } = this.#at;
    await this.#adapter.answer([y, u, v], targets, colour);
    if (this.#stage.keepLuma) this.#arena.bytes(targets[0], pixels * 4).set(this.#arena.bytes(y, pixels * 4));
    const plane = (at: number): Float32Array => this.#arena.float32(at, pixels);
    reference?.steer(plane(targets[0]), plane(targets[1]), plane(targets[2]), colour);
    const place = (number / this.#stride) % this.#sums.length;
    const sums = this.#sums[place] ?? 0;
    this.#arena.float32(sums, this.#floats).fill(0);
    const { columns, rows, bins } = this.#geometry;
    this.#kernels.fitGrid(
      y,
      u,
      v,
      ...targets,
      width,
      height,
      sums,
      columns,
      rows,
      bins,
      black,
      lumaScale,
      this.#at.fitScratch,
    );
    this.#held[place] = number;
  }

  /** Sets the grid for a picture from the answers around it. */
  aim(number: number): void {
    // Between two pictures that the network saw, maps hardly differ.
    const centre = Math.round(number / this.#stride) * this.#stride;
    if (centre === this.#solvedFor) return;
    this.#arena.float32(this.#total, this.#floats).fill(0);
    const weights = [...this.#held].map((held) => {
      if (held < 0 || Math.abs(held - centre) > this.#reach) return 0;
      return Math.exp(-0.5 * ((held - centre) / this.#spread) ** 2);
    });
    const sum = weights.reduce((a, b) => a + b, 0);
    if (sum === 0) return;
    // In the order of pictures, or the last bits would depend on where the segment began.
    const order = weights.map((_, i) => i).sort((a, b) => (this.#held[a] ?? 0) - (this.#held[b] ?? 0));
    for (const i of order) {
      const weight = weights[i] ?? 0;
      if (weight > 0) this.#kernels.addScaled(this.#total, this.#sums[i] ?? 0, this.#floats, weight / sum);
    }
    this.grid.learn(this.#total, 0);
    this.#solvedFor = centre;
  }
}

/** Pictures before and after one whose answers count for it; none without smoothing. */
export function windowReach(stage: NetworkStage, frameRate: number): number {
  if (stage.smoothing === 0) return 0;
  const stride = strideOf(stage, frameRate);
  const seconds = Math.min(LONGEST_REACH, REACH * stage.smoothing);
  return Math.max(stride, Math.round(seconds * frameRate));
}

/** How many pictures must be known beyond one for its grid: those of the window around its nearest answer. */
export function windowLookahead(stage: NetworkStage, frameRate: number): number {
  return windowReach(stage, frameRate) + strideOf(stage, frameRate);
}

function strideOf(stage: NetworkStage, frameRate: number): number {
  return Math.max(1, Math.round(frameRate / stage.rate));
}

function places(stage: NetworkStage, frameRate: number): number {
  return Math.ceil((2 * windowLookahead(stage, frameRate)) / strideOf(stage, frameRate)) + 2;
}
