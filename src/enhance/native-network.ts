import { colourCoefficients } from '../frames/picture-format.js';
import type { ModelCard } from '../inference/model-card.js';
import type { NetworkSession } from '../inference/network-session.js';
import type { Kernels } from '../kernels/kernel-module.js';
import type { FrameColour, FrameView } from './frame-view.js';
import { NetworkAdapter, type Planes } from './network-adapter.js';
import type { DenoisedFrame } from './temporal-denoiser.js';
import { OVERLAP_SHARE, tileStarts, tileWeights } from './tiling.js';
import type { Size } from './working-size.js';

/** Side of a tile in pixels where a processor's memory has to hold what the network keeps: some 130 MB for LIEDNet. */
export const NATIVE_TILE = 512;

/** Where a network works on whole pictures, by address in shared memory. */
export interface NativeAddresses {
  /** The picture: three planes in a row, f32 [height, width] each. */
  readonly picture: number;
  /** The network's, likewise. */
  readonly target: number;
  /** Tiles, f32 [3, height, width] each, of at least `tileBytes`. */
  readonly rgb: number;
  readonly lab: number;
}

/** How a picture is divided. */
interface Tiling {
  readonly size: Size;
  readonly columns: readonly Part[];
  readonly rows: readonly Part[];
  /** Whether one tile is all of it. */
  readonly isWhole: boolean;
}

/** Tiles along one axis: where one begins, and what its pixels weigh there; all weights of a pixel sum up to 1. */
interface Part {
  readonly start: number;
  readonly weights: Float32Array;
}

/**
 * A network over whole pictures at full resolution, in overlapping tiles on a CPU, at once on a GPU. Weights are a product of both axes',
 * each of which sums up to 1, so that tiles are added up and never divided.
 */
export class NativeNetwork {
  readonly #kernels: Kernels;
  readonly #session: NetworkSession;
  readonly #adapter: NetworkAdapter;
  readonly #memory: WebAssembly.Memory;
  readonly #picture: Size;
  readonly #at: NativeAddresses;
  #tiling: Tiling;

  constructor(
    kernels: Kernels,
    session: NetworkSession,
    memory: WebAssembly.Memory,
    picture: Size,
    at: NativeAddresses,
  ) {
    this.#kernels = kernels;
    this.#session = session;
    this.#adapter = new NetworkAdapter(kernels, session, memory, at);
    this.#memory = memory;
    this.#picture = picture;
    this.#at = at;
    this.#tiling = this.#divide(this.#tileSize());
  }

  /** The size at which a session should be opened. onCpu: whether it begins on the CPU. */
  static tileSize(picture: Size, card: ModelCard, onCpu: boolean): Size {
    const longest = onCpu ? NATIVE_TILE : Infinity;
    const side = (axis: 2 | 3, length: number): number => {
      const { shape, multiple } = card.input;
      const fixed = shape[axis];
      if (typeof fixed === 'number') return fixed;
      // Kernels take four pixels at a time.
      const step = multiple % 4 === 0 ? multiple : multiple * 4;
      return Math.ceil(Math.min(longest, length) / step) * step;
    };
    return { width: side(3, picture.width), height: side(2, picture.height) };
  }

  /** Bytes of the largest tile, in three planes of floats. */
  static tileBytes(picture: Size, card: ModelCard): number {
    const { width, height } = NativeNetwork.tileSize(picture, card, false);
    return 12 * width * height;
  }

  /** Puts a picture where `run` expects it: the noise filter's average, or the picture itself. */
  static fill(kernels: Kernels, picture: FrameView, denoised: DenoisedFrame | null, at: number): void {
    const { width, height } = picture;
    const [y, u, v] = NativeNetwork.planes(picture, at);
    const [chromaWidth, chromaHeight] = [width / 2, height / 2];
    if (denoised) {
      kernels.widenAverages(denoised.y, width, height, y, 1);
      kernels.widenAverages(denoised.u, chromaWidth, chromaHeight, u, 2);
      kernels.widenAverages(denoised.v, chromaWidth, chromaHeight, v, 2);
    } else {
      kernels.widenLevels(picture.y, picture.lumaStride, width, height, y, 1);
      kernels.widenLevels(picture.u, picture.chromaStride, chromaWidth, chromaHeight, u, 2);
      kernels.widenLevels(picture.v, picture.chromaStride, chromaWidth, chromaHeight, v, 2);
    }
  }

  /** Planes that lie one after the other: the network's, once `run` is done. */
  static planes({ width, height }: Size, at: number): Planes {
    const plane = width * height * 4;
    return [at, at + plane, at + 2 * plane];
  }

  /** Runs the network over the picture, which is overwritten. Throws AfterglowError `model-broken`. */
  async run(colour: FrameColour): Promise<void> {
    const { width, height } = this.#picture;
    const pixels = width * height;
    const c = colourCoefficients(colour.matrix, colour.range);
    const { picture, target } = this.#at;
    // In place: a kernel has read all three values of a pixel before it writes them.
    this.#kernels.yuvToRgb(
      ...NativeNetwork.planes(this.#picture, picture), picture, pixels, c.black, c.lumaScale, c.chromaScale,
      c.redFromV, c.greenFromU, c.greenFromV, c.blueFromU,
    ); // prettier-ignore
    // The network may have had to go on where tiles are of another size.
    const size = this.#tileSize();
    if (size.width !== this.#tiling.size.width || size.height !== this.#tiling.size.height)
      this.#tiling = this.#divide(size);
    if (!this.#tiling.isWhole) new Float32Array(this.#memory.buffer, target, 3 * pixels).fill(0);
    for (const row of this.#tiling.rows) {
      for (const column of this.#tiling.columns) {
        this.#cut(column.start, row.start);
        await this.#adapter.run();
        this.#add(column, row);
      }
    }
    this.#kernels.rgbToYuv(
      target, ...NativeNetwork.planes(this.#picture, target), pixels, c.black, c.lumaScale, c.chromaScale,
      c.redWeight, c.blueWeight, c.redFromV, c.blueFromU,
    ); // prettier-ignore
  }

  #tileSize(): Size {
    const { model, placement } = this.#session;
    return NativeNetwork.tileSize(this.#picture, model.card, placement.provider === 'cpu');
  }

  #divide(size: Size): Tiling {
    this.#session.resize(size);
    const { width, height } = this.#picture;
    const [columns, rows] = [parts(width, size.width), parts(height, size.height)];
    return { size, columns, rows, isWhole: columns.length === 1 && rows.length === 1 };
  }

  /** Copies a tile's pixels to the network; beyond the picture its last ones are repeated. */
  #cut(left: number, top: number): void {
    const { width, height } = this.#picture;
    const { size } = this.#tiling;
    const [columns, pixels, tilePixels] = [
      Math.min(size.width, width - left),
      width * height,
      size.width * size.height,
    ];
    const { buffer } = this.#memory;
    const picture = new Float32Array(buffer, this.#at.picture, 3 * pixels);
    const tile = new Float32Array(buffer, this.#at.rgb, 3 * tilePixels);
    for (let plane = 0; plane < 3; plane++) {
      for (let y = 0; y < size.height; y++) {
        const from = plane * pixels + Math.min(top + y, height - 1) * width + left;
        const to = plane * tilePixels + y * size.width;
        tile.set(picture.subarray(from, from + columns), to);
        if (columns < size.width) tile.fill(picture[from + columns - 1] ?? 0, to + columns, to + size.width);
      }
    }
  }

  /** Adds what the network made of a tile. */
  #add(column: Part, row: Part): void {
    const { width, height } = this.#picture;
    const { size, isWhole } = this.#tiling;
    const [columns, rows] = [Math.min(size.width, width), Math.min(size.height, height)];
    const { buffer } = this.#memory;
    for (let plane = 0; plane < 3; plane++) {
      const tile = new Float32Array(
        buffer,
        this.#at.rgb + plane * size.width * size.height * 4,
        size.width * size.height,
      );
      const target = new Float32Array(buffer, this.#at.target + plane * width * height * 4, width * height);
      for (let y = 0; y < rows; y++) {
        const weight = row.weights[y] ?? 0;
        const from = y * size.width;
        const to = (row.start + y) * width + column.start;
        if (isWhole) {
          target.set(tile.subarray(from, from + columns), to);
          continue;
        }
        for (let x = 0; x < columns; x++) {
          target[to + x] = (target[to + x] ?? 0) + weight * (column.weights[x] ?? 0) * (tile[from + x] ?? 0);
        }
      }
    }
  }
}

/** Tiles along an axis, with weights that sum up to 1 at each of its pixels. */
function parts(length: number, tile: number): Part[] {
  const overlap = Math.round(tile * OVERLAP_SHARE);
  const starts = tileStarts(length, tile, overlap);
  const own = tileWeights(tile, overlap);
  const sums = new Float64Array(length);
  for (const start of starts) {
    for (let i = 0; i < tile && start + i < length; i++) sums[start + i] = (sums[start + i] ?? 0) + (own[i] ?? 0);
  }
  return starts.map((start) => ({
    start,
    weights: own.map((weight, i) => (start + i < length ? weight / (sums[start + i] ?? 1) : 0)),
  }));
}
