import { lumaLimits } from '../frames/picture-format.js';
import type { SharedArena } from '../frames/shared-arena.js';
import type { Kernels } from '../kernels/kernel-module.js';
import type { FrameColour } from './frame-view.js';
import type { GridGeometry } from './grid-geometry.js';

/** buildTables writes in whole vectors. */
const ROOM = 16;

/** Luma and chroma tables of all nodes, by address; one after the other in memory. */
interface Tables {
  readonly luma: number;
  readonly chroma: number;
}

/**
 * What slices look up, made of a grid's maps. From one answer of the network to the next the tables glide: each picture goes a
 * part of the way, so that light does not change in steps, however seldom the network runs.
 */
export class GridTables {
  readonly #kernels: Kernels;
  readonly #geometry: GridGeometry;
  readonly #bytes: number;
  readonly #scratch: number;
  readonly #shown: Tables;
  readonly #wanted: Tables;
  /** What the wanted tables were built for; null before the first. */
  #builtFor: { readonly strength: number; readonly range: FrameColour['range'] } | null = null;
  /** Stream time of the last picture, in seconds. */
  #time = -Infinity;
  /** Stream time at which the wanted tables are reached, while they are approached. */
  #until: number | null = null;

  constructor(kernels: Kernels, arena: SharedArena, geometry: GridGeometry) {
    this.#kernels = kernels;
    this.#geometry = geometry;
    const { luma, bytes } = sizes(geometry, kernels.LUMA_ENTRIES.value, kernels.CHROMA_ENTRIES.value);
    this.#bytes = bytes;
    const place = (): Tables => {
      const address = arena.allocate(bytes + ROOM);
      return { luma: address, chroma: address + luma };
    };
    this.#shown = place();
    this.#wanted = place();
    this.#scratch = arena.allocate(kernels.TABLES_SCRATCH.value);
  }

  /** Bytes of an arena that the tables take. */
  static bytes(geometry: GridGeometry): number {
    // As many entries as the kernels have, rounded up.
    return 2 * (sizes(geometry, 272, 64).bytes + ROOM) + 8192;
  }

  /** Addresses for the slice kernels. */
  get luma(): number {
    return this.#shown.luma;
  }

  get chroma(): number {
    return this.#shown.chroma;
  }

  /**
   * Makes the tables ready for a picture. maps: addresses of the grid's, as solveGrid leaves them; isNew: whether they have changed;
   * glide: seconds over which changed maps are approached, 0 for at once. time: of the picture, seconds of the stream.
   */
  prepare(
    maps: { readonly luma: number; readonly chroma: number; readonly isNew: boolean; readonly glide: number },
    colour: FrameColour,
    strength: number,
    time: number,
  ): void {
    const { range } = colour;
    const last = this.#time;
    this.#time = time;
    const sameLook = this.#builtFor?.strength === strength && this.#builtFor.range === range;
    if (maps.isNew || !sameLook) {
      this.#build(maps, range, strength);
      this.#builtFor = { strength, range };
      // A change of strength acts at once, and so does what belongs to another scene.
      this.#until = sameLook && maps.glide > 0 && time > last ? last + maps.glide : null;
      if (this.#until === null) {
        this.#approach(1);
        return;
      }
    }
    if (this.#until === null) return;
    const share = time > last ? (time - last) / (this.#until - last) : 1;
    this.#approach(share);
    if (share >= 1) this.#until = null;
  }

  #build(
    maps: { readonly luma: number; readonly chroma: number },
    range: FrameColour['range'],
    strength: number,
  ): void {
    const { columns, rows, bins } = this.#geometry;
    const { black, white } = lumaLimits(range);
    this.#kernels.buildTables(
      maps.luma,
      maps.chroma,
      columns * rows,
      bins,
      black,
      1 / (white - black),
      strength,
      this.#wanted.luma,
      this.#wanted.chroma,
      this.#scratch,
    );
  }

  #approach(share: number): void {
    const steps = Math.min(32768, Math.round(share * 32768));
    this.#kernels.approachTables(this.#shown.luma, this.#wanted.luma, this.#bytes, steps);
  }
}

/** Bytes of the luma tables, and of both together; each a multiple of 16. */
function sizes(
  { columns, rows }: GridGeometry,
  lumaEntries: number,
  chromaEntries: number,
): { readonly luma: number; readonly bytes: number } {
  const spatial = columns * rows;
  // What buildTables writes behind the last luma table must not reach the chroma tables.
  const luma = spatial * lumaEntries * 2 + ROOM;
  return { luma, bytes: luma + spatial * chromaEntries * 8 };
}
