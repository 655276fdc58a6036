import type { DenoiseStage } from '../config/recipe.js';
import type { StageClock } from '../enhance/stage-clock.js';
import type { PhotoPixels } from '../enhance/photo-grid.js';
import { colourCoefficients } from '../frames/picture-format.js';
import { SharedArena } from '../frames/shared-arena.js';
import { loadKernels, type Kernels } from '../kernels/kernel-module.js';
import type { Picture } from './picture-file.js';
import type { PictureStage, PictureStep } from './picture-stage.js';
import { copyWindow } from './picture-window.js';

/** Pixels a side that are filtered at a time, and how far the filter's taps reach beyond them. */
const TILE = 464;
const HALO = 24;
const SIDE = TILE + 2 * HALO;
/** Octaves that are filtered. What is coarser than eight pixels is light, which the network sees. */
const LEVELS = 3;
/** Deviation of white noise in each octave, by that in the first one ... */
const WHITE = [1, 0.2254, 0.0961] as const;
/** ... and how much more of it a camera leaves from octave to octave, where it blends neighbours. */
const BLOTCHY = 1.5;
/** Energy that counts as noise, in variances of it, for luma and for chroma at full strength. */
const NOISE_ENERGY = { luma: 2, chroma: 5 } as const;
/** Tiles along each side of the picture on which the noise is measured. */
const SAMPLES = 3;
/** Histogram of the finest octave's absolute values: bins a level, and bins in all. */
const BINS_PER_LEVEL = 32;
const BINS = 2048;
/** The median of absolute values times this is a standard deviation, for Gaussian noise. */
const TO_DEVIATION = 1 / 0.6745;

interface Addresses {
  /** A tile's pixels as the file has them, with up to four channels of 16 bits. */
  readonly pixels: number;
  readonly rgb: number;
  readonly planes: readonly [number, number, number];
  readonly levels: readonly [number, number];
  readonly energy: number;
  readonly blurred: number;
  readonly sum: number;
  readonly scratch: number;
  readonly bins: number;
}

/**
 * Takes the noise out of a single picture, where there are no frames before it to average with: an empirical Wiener
 * filter of wavelet bands. It measures the noise itself, and leaves a clean picture as it is.
 */
export class StillDenoiseStage implements PictureStage {
  readonly #strength: number;
  readonly #arena = SharedArena.create(SIDE * SIDE * 4 * 13 + SIDE * 32 + BINS * 4);
  readonly #kernels: Kernels = loadKernels(this.#arena.memory);
  readonly #at: Addresses;

  constructor(stage: DenoiseStage) {
    this.#strength = stage.strength;
    const plane = (): number => this.#arena.allocate(SIDE * SIDE * 4);
    this.#at = {
      pixels: this.#arena.allocate(SIDE * SIDE * 8),
      rgb: this.#arena.allocate(3 * SIDE * SIDE * 4),
      planes: [plane(), plane(), plane()],
      levels: [plane(), plane()],
      energy: plane(),
      blurred: plane(),
      sum: plane(),
      scratch: this.#arena.allocate(SIDE * 8),
      bins: this.#arena.allocate(BINS * 4),
    };
  }

  apply(picture: Picture, strength: number, clock: StageClock<PictureStep>): Promise<void> {
    clock.start();
    const share = this.#strength * strength;
    const noise = this.#measure(picture);
    if (share > 0 && noise.some((deviation) => deviation > 0)) this.#filter(picture, noise, share);
    clock.lap('denoise');
    return Promise.resolve();
  }

  #filter(picture: Picture, noise: readonly number[], share: number): void {
    const { width, height, channels, depth, pixels } = picture;
    const source = pixels.slice();
    const tile = this.#tile(picture);
    const bytes = depth / 8;
    for (let top = 0; top < height; top += TILE) {
      for (let left = 0; left < width; left += TILE) {
        this.#load({ ...picture, pixels: source }, left, top);
        this.#at.planes.forEach((plane, k) => {
          const energy = (k === 0 ? NOISE_ENERGY.luma : NOISE_ENERGY.chroma) * share;
          this.#shrink(plane, (noise[k] ?? 0) ** 2 * energy);
        });
        this.#toRgb();
        const [right, bottom] = [Math.min(TILE, width - left), Math.min(TILE, height - top)];
        for (let y = 0; y < bottom; y++) {
          const from = (y + HALO) * SIDE + HALO;
          const { rgb, pixels: at } = this.#at;
          // Into the tile's own pixels, which have the channels beyond three already.
          this.#kernels.packRgb(rgb + from * 4, SIDE * SIDE * 4, at + from * channels * bytes, right, channels, depth);
          const row = tile.subarray(from * channels, (from + right) * channels);
          pixels.set(row, ((top + y) * width + left) * channels);
        }
      }
    }
  }

  /** Filters a plane in place. noise: energy of the first octave that counts as noise. */
  #shrink(plane: number, noise: number): void {
    const { levels, energy, blurred, sum, scratch } = this.#at;
    const count = SIDE * SIDE;
    const k = this.#kernels;
    this.#arena.float32(sum, count).fill(0);
    let fine = plane;
    for (let level = 0; level < LEVELS; level++) {
      const coarse = levels[level % 2] ?? levels[0];
      const deviation = (WHITE[level] ?? 0) * BLOTCHY ** level;
      k.blurSpline(fine, coarse, scratch, SIDE, SIDE, 1 << level);
      k.bandEnergy(fine, coarse, energy, count);
      k.blurSpline(energy, blurred, scratch, SIDE, SIDE, 1 << level);
      k.addBand(fine, coarse, blurred, sum, count, noise * deviation ** 2);
      fine = coarse;
    }
    k.addPlanes(sum, fine, plane, count);
  }

  /** Standard deviation of the finest octave's noise in luma and both chroma planes, in levels of 8 bits. */
  #measure(picture: Picture): number[] {
    const { width, height } = picture;
    const { planes, levels, scratch, bins } = this.#at;
    const all = planes.map(() => new Uint32Array(BINS));
    const counted = this.#arena.int32(bins, BINS);
    const spread = (length: number): number[] => {
      const last = Math.max(0, length - TILE);
      return [...new Set(Array.from({ length: SAMPLES }, (_, i) => Math.round((i * last) / (SAMPLES - 1))))];
    };
    for (const top of spread(height)) {
      for (const left of spread(width)) {
        this.#load(picture, left, top);
        planes.forEach((plane, k) => {
          this.#kernels.blurSpline(plane, levels[0], scratch, SIDE, SIDE, 1);
          counted.fill(0);
          for (let y = HALO; y < HALO + Math.min(TILE, height); y++) {
            const row = (y * SIDE + HALO) * 4;
            const count = Math.min(TILE, width);
            this.#kernels.countBand(plane + row, levels[0] + row, count, BINS_PER_LEVEL, bins, BINS);
          }
          all[k]?.forEach((count, bin, counts) => (counts[bin] = count + (counted[bin] ?? 0)));
        });
      }
    }
    return all.map((counts) => median(counts) * TO_DEVIATION);
  }

  /** Brings a tile with its surroundings into memory, as luma and chroma in levels of 8 bits. */
  #load(picture: Picture, left: number, top: number): void {
    const window = { left: left - HALO, top: top - HALO, tileWidth: SIDE, tileHeight: SIDE };
    copyWindow(picture.pixels, picture, window, this.#tile(picture));
    this.#kernels.unpackRgb(this.#at.pixels, this.#at.rgb, SIDE * SIDE, picture.channels, picture.depth);
    const c = colourCoefficients('bt709', 'full');
    this.#kernels.rgbToYuv(
      this.#at.rgb, ...this.#at.planes, SIDE * SIDE, c.black, c.lumaScale, c.chromaScale,
      c.redWeight, c.blueWeight, c.redFromV, c.blueFromU,
    ); // prettier-ignore
  }

  /** The tile's pixels, in the picture's own kind. */
  #tile({ depth, channels }: Picture): PhotoPixels {
    const { buffer } = this.#arena.memory;
    const count = SIDE * SIDE * channels;
    return depth === 8
      ? new Uint8Array(buffer, this.#at.pixels, count)
      : new Uint16Array(buffer, this.#at.pixels, count);
  }

  #toRgb(): void {
    const c = colourCoefficients('bt709', 'full');
    this.#kernels.yuvToRgb(
      ...this.#at.planes, this.#at.rgb, SIDE * SIDE, c.black, c.lumaScale, c.chromaScale,
      c.redFromV, c.greenFromU, c.greenFromV, c.blueFromU,
    ); // prettier-ignore
  }
}

/** Level in the middle of a histogram; 0 where the lowest bin holds half of all. */
function median(bins: Uint32Array): number {
  const half = bins.reduce((sum, count) => sum + count, 0) / 2;
  let sum = 0;
  for (let bin = 0; bin < bins.length; bin++) {
    sum += bins[bin] ?? 0;
    if (sum >= half) return bin === 0 ? 0 : (bin + 0.5) / BINS_PER_LEVEL;
  }
  return 0;
}
