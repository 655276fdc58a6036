import { lumaLimits } from '../frames/picture-format.js';
import type { SharedArena } from '../frames/shared-arena.js';
import { partsFor, type KernelCrew } from '../kernels/kernel-crew.js';
import type { Kernels } from '../kernels/kernel-module.js';
import type { FrameColour, FrameView } from './frame-view.js';
import type { GridGeometry } from './grid-geometry.js';
import { gridFloats, solveMaps, SUMS_PER_NODE } from './grid-solver.js';
import { GridTables } from './grid-tables.js';
import type { DenoisedFrame } from './temporal-denoiser.js';
import type { Size } from './working-size.js';

/** Scratch of a part, rounded up. */
const PART_BYTES = 8192;
/** Parts at the least, on one thread too: the luma that a part has fetched is then still near when its chroma asks for it. */
const LEAST_PARTS = 8;

/**
 * A bilateral grid of affine maps, remembered over time (Chen et al. 2016, "Bilateral Guided Upsampling").
 *
 * What is smoothed over time is the normal equations of the maps, not pixels: old answers of the network fade
 * exponentially, and a picture shows neither ghosts nor lag.
 */
export class BilateralGrid {
  readonly #crew: KernelCrew;
  readonly #kernels: Kernels;
  readonly #arena: SharedArena;
  readonly #geometry: GridGeometry;
  readonly #bytes: number;
  readonly #working: Size;
  readonly #keepLuma: boolean;
  readonly #tables: GridTables;
  readonly #at: {
    readonly sums: number;
    readonly kept: number;
    readonly spread: number;
    readonly scratch: number;
    readonly luma: number;
    readonly chroma: number;
    readonly nodeX: number;
    readonly nodeY: number;
    readonly weights: number;
    readonly weightsTwice: number;
    readonly chromaWeights: number;
  };
  /** Parts in which pictures are sliced, each with its scratch. */
  readonly #parts: readonly { readonly luma: number; readonly chroma: number }[];
  #learnt = false;
  #keptLearnt: boolean | null = null;
  #solved = false;
  /** Seconds over which the next picture's maps are approached. */
  #glide = 0;

  /** crew: over the arena's memory. keepLuma: whether luma stays the picture's own, and the grid maps colour alone. */
  constructor(
    crew: KernelCrew,
    arena: SharedArena,
    geometry: GridGeometry,
    picture: Size,
    working: Size,
    keepLuma = false,
  ) {
    this.#keepLuma = keepLuma;
    const { kernels } = crew;
    this.#crew = crew;
    this.#kernels = kernels;
    this.#arena = arena;
    this.#geometry = geometry;
    const { columns, rows, bins } = geometry;
    const spatial = columns * rows;
    this.#bytes = gridFloats(geometry) * 4;
    this.#working = working;
    const place = (values: Int32Array): number => {
      const address = arena.allocate(values.byteLength);
      arena.int32(address, values.length).set(values);
      return address;
    };
    const node = SUMS_PER_NODE * 4;
    this.#at = {
      sums: arena.allocate(this.#bytes),
      kept: arena.allocate(this.#bytes),
      spread: arena.allocate(this.#bytes + node),
      scratch: arena.allocate(this.#bytes + node),
      luma: arena.allocate(spatial * bins * 8),
      chroma: arena.allocate(spatial * bins * 16),
      nodeX: place(geometry.nodeX),
      nodeY: place(geometry.nodeY),
      weights: arena.allocate(picture.width * 4),
      weightsTwice: arena.allocate(picture.width * 8),
      chromaWeights: arena.allocate(picture.width * 8),
    };
    this.#tables = new GridTables(kernels, arena, geometry);
    this.#parts = Array.from({ length: partsOf(crew.size) }, () => ({
      luma: arena.allocate(kernels.SLICE_LUMA_SCRATCH.value),
      chroma: arena.allocate(kernels.SLICE_CHROMA_SCRATCH.value),
    }));
    const chromaX = place(geometry.nodeX.map((x) => x / 2));
    kernels.columnWeights(this.#at.nodeX, columns, picture.width, this.#at.weights, 1);
    kernels.columnWeights(this.#at.nodeX, columns, picture.width, this.#at.weightsTwice, 2);
    kernels.columnWeights(chromaX, columns, picture.width / 2, this.#at.chromaWeights, 4);
  }

  /** Bytes of an arena that a grid takes. threads: the crew's size. */
  static bytes(geometry: GridGeometry, picture: Size, threads = 1): number {
    const spatial = geometry.columns * geometry.rows;
    return (
      gridFloats(geometry) * 4 * 5 +
      spatial * geometry.bins * 24 +
      GridTables.bytes(geometry) +
      picture.width * 24 +
      partsOf(threads) * PART_BYTES +
      32768
    );
  }

  /** Whether the grid has learnt from any picture since it was made or reset. */
  get learnt(): boolean {
    return this.#learnt;
  }

  /**
   * Takes in the sums of one answer of the network; what was learnt before keeps `keep` (0..1) of its weight. glide: seconds over
   * which the pictures that follow go over to it, if there is something to go over from.
   */
  learn(sums: number, keep: number, glide = 0): void {
    const factor = this.#learnt ? keep : 0;
    this.#kernels.forgetAndAdd(this.#at.sums, sums, this.#bytes / 4, factor);
    this.#glide = this.#learnt ? glide : 0;
    this.#learnt = true;
    this.#solved = false;
  }

  /** Forgets everything, but keeps it aside: `recall` brings it back, until the next `forgetForGood`. */
  setAside(): void {
    this.#copy(this.#at.sums, this.#at.kept);
    this.#keptLearnt = this.#learnt;
    this.#learnt = false;
  }

  /** Undoes `setAside`, if there was one. */
  recall(): void {
    if (this.#keptLearnt === null) return;
    this.#copy(this.#at.kept, this.#at.sums);
    this.#learnt = this.#keptLearnt;
    this.#keptLearnt = null;
    this.#solved = false;
    this.#glide = 0;
  }

  /** Gives up what was set aside. */
  forgetForGood(): void {
    this.#keptLearnt = null;
  }

  /** Forgets everything. */
  reset(): void {
    this.#learnt = false;
    this.#keptLearnt = null;
  }

  /** Whether something is set aside. */
  get hasSetAside(): boolean {
    return this.#keptLearnt !== null;
  }

  /**
   * Maps a picture to `output` at full resolution. strength: 0 leaves it, 1 maps it fully. A grid that has learnt
   * nothing leaves the picture as it is. `denoised` is taken instead of the picture's own pixels if it is given. time: seconds of
   * the stream, where what is learnt is gone over to by and by.
   */
  slice(
    input: FrameView,
    denoised: DenoisedFrame | null,
    output: FrameView,
    colour: FrameColour,
    strength: number,
    time = 0,
  ): void {
    this.#prepareTables(colour, this.#learnt ? strength : 0, time);
    const at = this.#at;
    const { columns, rows } = this.#geometry;
    const { width, height } = input;
    const [chromaWidth, chromaHeight] = [width / 2, height / 2];
    const { luma: lumaTables, chroma: chromaTables } = this.#tables;
    this.#parts.forEach((scratch, i) => {
      const [from, to] = [this.#cut(i, height), this.#cut(i + 1, height)];
      if (denoised) {
        this.#crew.add(
          'sliceLuma16', denoised.y, width, output.y, output.lumaStride, width, height, from, to,
          lumaTables, columns, rows, at.nodeX, at.nodeY, at.weightsTwice, scratch.luma,
        ); // prettier-ignore
        this.#crew.add(
          'sliceChroma16', denoised.y, width, denoised.u, denoised.v, chromaWidth, output.u, output.v, output.chromaStride,
          chromaWidth, chromaHeight, from / 2, to / 2,
          chromaTables, columns, rows, at.nodeX, at.nodeY, at.chromaWeights, scratch.chroma,
        ); // prettier-ignore
      } else {
        this.#crew.add(
          'sliceLuma8', input.y, input.lumaStride, output.y, output.lumaStride, width, height, from, to,
          lumaTables, columns, rows, at.nodeX, at.nodeY, at.weights, scratch.luma,
        ); // prettier-ignore
        this.#crew.add(
          'sliceChroma8', input.y, input.lumaStride, input.u, input.v, input.chromaStride, output.u, output.v, output.chromaStride,
          chromaWidth, chromaHeight, from / 2, to / 2,
          chromaTables, columns, rows, at.nodeX, at.nodeY, at.chromaWeights, scratch.chroma,
        ); // prettier-ignore
      }
    });
    this.#crew.run();
  }

  /** The row at which a part begins; even. */
  #cut(part: number, height: number): number {
    return 2 * Math.floor((part * height) / (2 * this.#parts.length));
  }

  #prepareTables(colour: FrameColour, strength: number, time: number): void {
    const { luma, chroma } = this.#at;
    const isNew = !this.#solved;
    if (isNew) this.#solve(colour);
    this.#tables.prepare({ luma, chroma, isNew, glide: this.#glide }, colour, strength, time);
  }

  #solve(colour: FrameColour): void {
    const { memory } = this.#arena;
    const limits = lumaLimits(colour.range);
    solveMaps(this.#kernels, memory, this.#geometry, this.#at, this.#working, limits, this.#keepLuma);
    this.#solved = true;
  }

  #copy(from: number, to: number): void {
    this.#arena.bytes(to, this.#bytes).set(this.#arena.bytes(from, this.#bytes));
  }
}

/** In how many parts so many threads slice a picture. */
function partsOf(threads: number): number {
  return Math.max(LEAST_PARTS, partsFor(threads));
}
