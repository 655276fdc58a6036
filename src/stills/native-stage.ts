import type { NetworkStage } from '../config/recipe.js';
import { NetworkAdapter } from '../enhance/network-adapter.js';
import { TRUSTED_LUMA } from '../enhance/native-detail.js';
import type { StageClock } from '../enhance/stage-clock.js';
import { SharedArena } from '../frames/shared-arena.js';
import type { NetworkSession } from '../inference/network-session.js';
import { loadKernels } from '../kernels/kernel-module.js';
import type { GuidedStage } from './guided-stage.js';
import type { Picture } from './picture-file.js';
import type { PictureStage, PictureStep } from './picture-stage.js';
import { cutOut } from './picture-window.js';
import { OVERLAP_SHARE, takeLowFrequencies, tileStarts, tileWeights } from '../enhance/tiling.js';

/** Cells along a tile over which its light is held to that of the whole picture. */
const CELLS_PER_TILE = 16;

/**
 * A network stage at full resolution, in overlapping tiles.
 *
 * A network with a global view (means, scans) judges each tile by itself, and tiles would differ in light. So a tile's
 * slow changes are taken from the guided result, which comes from one look at the whole picture; its detail is the
 * network's. Loops are plain ones: the network takes ten times as long.
 */
export class NativeStage implements PictureStage {
  readonly #stage: NetworkStage;
  readonly #session: NetworkSession;
  readonly #guided: GuidedStage;
  readonly #tile: number;

  /** tile: side of a tile in pixels; a multiple of what the model needs is made of it. */
  constructor(stage: NetworkStage, session: NetworkSession, guided: GuidedStage, tile: number) {
    this.#stage = stage;
    this.#session = session;
    this.#guided = guided;
    this.#tile = tile;
  }

  async apply(picture: Picture, strength: number, clock: StageClock<PictureStep>): Promise<void> {
    const grid = await this.#guided.learn(picture, 1, clock);
    const { width, height, channels, depth } = picture;
    const [tileWidth, tileHeight] = [this.#side(3, width), this.#side(2, height)];
    const pixels = tileWidth * tileHeight;
    const arena = SharedArena.create(24 * pixels + 4096);
    const at = { rgb: arena.allocate(12 * pixels), lab: arena.allocate(12 * pixels) };
    const adapter = new NetworkAdapter(loadKernels(arena.memory), this.#session, arena.memory, at);
    const rgb = arena.float32(at.rgb, 3 * pixels);
    this.#session.resize({ width: tileWidth, height: tileHeight });

    const [overlapX, overlapY] = [Math.round(tileWidth * OVERLAP_SHARE), Math.round(tileHeight * OVERLAP_SHARE)];
    const columns = tileStarts(width, tileWidth, overlapX);
    const rows = tileStarts(height, tileHeight, overlapY);
    const [weightsX, weightsY] = [tileWeights(tileWidth, overlapX), tileWeights(tileHeight, overlapY)];
    const bandRows = Math.min(tileHeight, height);
    const Samples = depth === 8 ? Uint8Array : Uint16Array;
    const guided = new Samples(bandRows * width * channels);
    /** Weighted sums of R, G, B, and of the weights, for the rows of the tiles at hand. */
    const sums = new Float32Array(bandRows * width * 4);
    const white = depth === 8 ? 255 : 65535;
    for (const [index, top] of rows.entries()) {
      grid.sliceRows(picture.pixels, top, bandRows, guided);
      for (const left of columns) {
        const window = { left, top, tileWidth, tileHeight };
        const given = cutOut(picture.pixels, picture, window);
        rgb.set(given);
        await adapter.run();
        const wanted = cutOut(guided, { ...picture, height: bandRows }, { ...window, top: 0 });
        if (this.#stage.keepLuma) keepLuma(rgb, given);
        if (this.#session.model.card.task === 'low-light') trustDark(rgb, wanted, given);
        for (let plane = 0; plane < 3; plane++) {
          const part = (of: Float32Array): Float32Array => of.subarray(plane * pixels, (plane + 1) * pixels);
          const cell = Math.max(tileWidth, tileHeight) / CELLS_PER_TILE;
          takeLowFrequencies({ width: tileWidth, height: tileHeight, values: part(rgb) }, part(wanted), cell);
        }
        for (let y = 0; y < bandRows; y++) {
          for (let x = 0; x < Math.min(tileWidth, width); x++) {
            const weight = (weightsX[x] ?? 0) * (weightsY[y] ?? 0);
            const from = y * tileWidth + x;
            const to = (y * width + left + x) * 4;
            for (let plane = 0; plane < 3; plane++) {
              const i = plane * pixels + from;
              const value = (given[i] ?? 0) + strength * ((rgb[i] ?? 0) - (given[i] ?? 0));
              sums[to + plane] = (sums[to + plane] ?? 0) + weight * value;
            }
            sums[to + 3] = (sums[to + 3] ?? 0) + weight;
          }
        }
      }
      // Rows that the next tiles do not reach are finished.
      const finished = (rows[index + 1] ?? height) - top;
      writeRows(picture, top, finished, sums, white);
      sums.copyWithin(0, finished * width * 4);
      sums.fill(0, (bandRows - finished) * width * 4);
    }
    clock.lap('tiles');
  }

  #side(axis: 2 | 3, length: number): number {
    const { shape, multiple } = this.#session.model.card.input;
    const fixed = shape[axis];
    if (typeof fixed === 'number') return fixed;
    return Math.ceil(Math.min(this.#tile, length) / multiple) * multiple;
  }
}

/** Gives planes of R, G, B the luma (BT.709) of others; their colour differences stay. */
function keepLuma(planes: Float32Array, given: Float32Array): void {
  const count = planes.length / 3;
  for (let i = 0; i < count; i++) {
    const change = lumaOf(given, i) - lumaOf(planes, i);
    for (const at of [i, i + count, i + 2 * count]) planes[at] = (planes[at] ?? 0) + change;
  }
}

/** Luma (BT.709) of a pixel of three planes in a row. */
function lumaOf(planes: Float32Array, i: number): number {
  const count = planes.length / 3;
  return 0.2126 * (planes[i] ?? 0) + 0.7152 * (planes[i + count] ?? 0) + 0.0722 * (planes[i + 2 * count] ?? 0);
}

/** Takes over what is wanted where the camera itself sees well, which a network for dark pictures is not to be trusted with. */
function trustDark(planes: Float32Array, wanted: Float32Array, given: Float32Array): void {
  const count = planes.length / 3;
  const [dark, light] = TRUSTED_LUMA;
  for (let i = 0; i < count; i++) {
    const trust = Math.min(1, Math.max(0, (light - 255 * lumaOf(given, i)) / (light - dark)));
    for (const at of [i, i + count, i + 2 * count]) {
      const aim = wanted[at] ?? 0;
      planes[at] = aim + trust * ((planes[at] ?? 0) - aim);
    }
  }
}

function writeRows(picture: Picture, top: number, rows: number, sums: Float32Array, white: number): void {
  const { width, channels, pixels } = picture;
  for (let i = 0; i < rows * width; i++) {
    const scale = white / (sums[i * 4 + 3] ?? 1);
    const to = (top * width + i) * channels;
    for (let plane = 0; plane < 3; plane++) {
      pixels[to + plane] = Math.min(white, Math.max(0, Math.round((sums[i * 4 + plane] ?? 0) * scale)));
    }
  }
}
