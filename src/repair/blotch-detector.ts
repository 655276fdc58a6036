import type { Size } from '../enhance/working-size.js';
import type { SharedArena } from '../frames/shared-arena.js';
import type { Kernels } from '../kernels/kernel-module.js';
import { paddedSize, type LumaPyramid, type PyramidLevel } from './luma-pyramid.js';

/** Threshold in levels at a sensitivity of 0, and how much less it is at 1. */
const THRESHOLD = 26;
const SENSITIVITY_SPAN = 24;
/** Levels that are added for each level of noise, and for each by which neighbours differ more than that around. */
const PER_NOISE = 1.5;
const PER_MISFIT = 2.5;
/** With one neighbour alone, damage must differ this many times as much. */
const ALONE = 1.5;
/** Damage spreads to where differences exceed this share of the threshold, in 1/16. */
const WEAK = 7;
/** Fewest pixels that stand out for certain, and of all. */
const FEWEST_STRONG = 2;
const FEWEST = 4;
/** Under damage neighbours agree within this share of its contrast; where the scene itself is restless, they do not. */
const LARGEST_GAP = 0.15;
/** Around damage, both neighbours fit within this share of its contrast. */
const LARGEST_MISFIT = 0.35;
/** How far from damage the fit around is looked at. */
const AROUND = 4;
/** Damage does not cover more than this share of a picture: then it is the scene that has changed. */
const LARGEST_SHARE = 0.02;

/** How a picture fits its neighbours, and what of it does not. */
export interface BlotchSource {
  readonly picture: LumaPyramid;
  /** The neighbours where they are in the picture; the same twice where there is but one. */
  readonly previous: PyramidLevel;
  readonly next: PyramidLevel;
}

/**
 * Finds what is on one picture alone: dust, hairs, stains. It differs from both neighbours to the same side, stands
 * apart from all they hold around its place, and both fit the picture around it.
 */
export class BlotchDetector {
  readonly #kernels: Kernels;
  readonly #arena: SharedArena;
  readonly #size: Size;
  readonly #columns: number;
  readonly #rows: number;
  readonly #labels: PyramidLevel;
  readonly #sums: number;
  readonly #thresholds: number;
  readonly #misfit: Float32Array;
  /** Pixels of the blotch under way, by their place in the labels. */
  readonly #pixels: Int32Array;
  #noise = 0;

  constructor(kernels: Kernels, arena: SharedArena, picture: Size) {
    const { width, height } = paddedSize(picture);
    this.#kernels = kernels;
    this.#arena = arena;
    this.#size = picture;
    this.#columns = width / 16;
    this.#rows = height / 16;
    const blocks = this.#columns * this.#rows;
    const stride = width + 64;
    this.#labels = { address: arena.allocate(stride * height), width, height, stride };
    this.#sums = arena.allocate(blocks * 8);
    this.#thresholds = arena.allocate(blocks);
    this.#misfit = new Float32Array(blocks);
    this.#pixels = new Int32Array(picture.width * picture.height);
  }

  /** Bytes of an arena that a detector takes. */
  static bytes(picture: Size): number {
    const { width, height } = paddedSize(picture);
    return (width + 64) * height + ((width * height) / 256) * 9 + 256;
  }

  /** Mean difference, in levels, of a picture from its neighbours where nothing but noise tells them apart. */
  get noise(): number {
    return this.#noise;
  }

  /** Marks blotches with 1 in a mask [height, width]. Returns how many pixels it marked. sensitivity: 0..1. */
  detect(source: BlotchSource, sensitivity: number, mask: Uint8Array): number {
    const { picture, previous, next } = source;
    const [full] = picture.levels;
    const isAlone = previous === next;
    const { address, stride } = this.#labels;
    this.#kernels.fitSums(
      full.address, previous.address, next.address, stride, this.#columns, this.#rows, this.#sums,
    ); // prettier-ignore
    this.#setThresholds(sensitivity, isAlone);
    this.#kernels.markBlotches(
      full.address, previous.address, next.address, stride, this.#columns, this.#size.height,
      this.#thresholds, WEAK, address,
    ); // prettier-ignore
    return this.#collect(source, mask);
  }

  #setThresholds(sensitivity: number, isAlone: boolean): void {
    const blocks = this.#columns * this.#rows;
    const sums = new Uint16Array(this.#arena.memory.buffer, this.#sums, blocks * 4);
    const means = new Float32Array(blocks);
    for (let i = 0; i < blocks; i++) {
      means[i] = ((sums[4 * i] ?? 0) + (sums[4 * i + 1] ?? 0)) / 512;
      // Alone, a neighbour says nothing of how far it can be trusted; how it fits the picture must do.
      this.#misfit[i] = isAlone ? (means[i] ?? 0) : (sums[4 * i + 2] ?? 0) / 256;
    }
    means.sort();
    this.#noise = means[Math.floor(0.4 * blocks)] ?? 0;
    const thresholds = this.#arena.bytes(this.#thresholds, blocks);
    const base = THRESHOLD - SENSITIVITY_SPAN * sensitivity + PER_NOISE * this.#noise;
    for (let row = 0; row < this.#rows; row++) {
      for (let column = 0; column < this.#columns; column++) {
        const beyond = Math.max(0, this.#misfitAround(column, row) - this.#noise);
        const threshold = (base + PER_MISFIT * beyond) * (isAlone ? ALONE : 1);
        thresholds[row * this.#columns + column] = Math.min(255, Math.round(threshold));
      }
    }
  }

  #misfitAround(column: number, row: number): number {
    let [sum, count] = [0, 0];
    for (let y = Math.max(row - 1, 0); y <= Math.min(row + 1, this.#rows - 1); y++) {
      for (let x = Math.max(column - 1, 0); x <= Math.min(column + 1, this.#columns - 1); x++) {
        sum += this.#misfit[y * this.#columns + x] ?? 0;
        count++;
      }
    }
    return sum / count;
  }

  /** Gathers marked pixels that touch, and marks in the mask those that damage explains. */
  #collect(source: BlotchSource, mask: Uint8Array): number {
    const { width, height } = this.#size;
    const { address, stride } = this.#labels;
    const labels = this.#arena.bytes(address, stride * height);
    const words = new Uint32Array(this.#arena.memory.buffer, address, (stride * height) / 4);
    let found = 0;
    for (let word = 0; word < words.length; word++) {
      if (((words[word] ?? 0) & 0x02020202) === 0) continue;
      for (let i = word * 4; i < word * 4 + 4; i++) {
        if (labels[i] !== 2 || i % stride >= width) continue;
        const count = this.#grow(labels, i);
        if (!this.#isDamage(source, count)) continue;
        for (let n = 0; n < count; n++) {
          const at = this.#pixels[n] ?? 0;
          mask[Math.floor(at / stride) * width + (at % stride)] = 1;
        }
        found += count;
      }
    }
    if (found <= LARGEST_SHARE * width * height) return found;
    mask.fill(0);
    return 0;
  }

  #strong = 0;

  /** Collects the marked pixels that hang together with one. They lose their marks. Returns how many there are. */
  #grow(labels: Uint8Array, start: number): number {
    const { width, height } = this.#size;
    const { stride } = this.#labels;
    const pixels = this.#pixels;
    let count = 0;
    this.#strong = 0;
    const take = (i: number): void => {
      if (labels[i] === 2) this.#strong++;
      labels[i] = 0;
      pixels[count++] = i;
    };
    take(start);
    for (let n = 0; n < count; n++) {
      const i = pixels[n] ?? 0;
      const [x, y] = [i % stride, Math.floor(i / stride)];
      for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
          if (labels[ny * stride + nx] !== 0) take(ny * stride + nx);
        }
      }
    }
    return count;
  }

  #isDamage({ picture, previous, next }: BlotchSource, count: number): boolean {
    if (count < FEWEST || this.#strong < FEWEST_STRONG) return false;
    const { width, height } = this.#size;
    const { stride } = this.#labels;
    const bytes = stride * height;
    const own = this.#arena.bytes(picture.levels[0].address, bytes);
    const before = this.#arena.bytes(previous.address, bytes);
    const after = this.#arena.bytes(next.address, bytes);
    let [contrast, gap] = [0, 0];
    let [misfit, around] = [0, 0];
    for (let n = 0; n < count; n++) {
      const i = this.#pixels[n] ?? 0;
      contrast += Math.abs(2 * (own[i] ?? 0) - (before[i] ?? 0) - (after[i] ?? 0)) / 2;
      gap += Math.abs((before[i] ?? 0) - (after[i] ?? 0));
      const [x, y] = [i % stride, Math.floor(i / stride)];
      for (const step of [-AROUND, AROUND, -AROUND * stride, AROUND * stride]) {
        const isColumn = Math.abs(step) > AROUND;
        const place = isColumn ? y + Math.sign(step) * AROUND : x + step;
        if (place < 0 || place >= (isColumn ? height : width)) continue;
        const near = i + step;
        const [a, b] = [
          Math.abs((own[near] ?? 0) - (before[near] ?? 0)),
          Math.abs((own[near] ?? 0) - (after[near] ?? 0)),
        ];
        // What is as far off as damage belongs to it.
        if (Math.min(a, b) > 0.5 * (contrast / (n + 1))) continue;
        misfit += (a + b) / 2;
        around++;
      }
    }
    if (gap > LARGEST_GAP * contrast) return false;
    return around > 0 && misfit / around < LARGEST_MISFIT * (contrast / count);
  }
}
