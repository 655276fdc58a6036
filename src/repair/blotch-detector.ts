import type { Size } from '../enhance/working-size.js';
import type { SharedArena } from '../frames/shared-arena.js';
import type { Kernels } from '../kernels/kernel-module.js';
import type { NeighbourMatch } from './neighbour-match.js';
import type { BlockMotion } from './block-motion.js';
import { paddedSize, type LumaPyramid, type PyramidLevel } from './luma-pyramid.js';

/** Threshold in levels at a sensitivity of 0, and how much less it is at 1. */
const THRESHOLD = 26;
const SENSITIVITY_SPAN = 24;
/** Levels that are added for each level of noise, and for each by which neighbours differ more than that around. */
const PER_NOISE = 2.5;
const PER_MISFIT = 2.5;
/** With one neighbour alone, damage must differ this many times as much. */
const ALONE = 1.5;
/** Damage spreads to where differences exceed this share of the threshold, in 1/16. */
const WEAK = 6;
/**
 * Under damage neighbours agree within a share of its contrast; where the scene itself is restless, they do not. The share
 * is the first for damage that is small or pale, and rises to the second over so many pixels and levels.
 */
const LARGEST_GAP = [0.1, 0.22] as const;
const GAP_PIXELS = [8, 100] as const;
const GAP_LEVELS = [25, 25] as const;
/** Around damage, both neighbours fit within this share of its contrast. */
const LARGEST_MISFIT = 0.22;
/** With one neighbour alone it must fit better, and damage stand out from the picture itself by this share. */
const ALONE_MISFIT = 0.15;
const ALONE_CONTRAST = 0.7;
/** Blocks of 8x8 so far around go astray if they do not move as their mean does, within so many half pixels. */
const BLOCKS_AROUND = 3;
const ASTRAY = 5;
/** The share of them that may, with one neighbour alone. */
const ALONE_ASTRAY = 0.1;
/**
 * What is taken for damage: fewest pixels of all and of those that stand out for certain, and how much wider limits are for
 * small blotches, and for large ones, which a limb that moves fast may be.
 */
interface Strictness {
  readonly fewest: number;
  readonly fewestStrong: number;
  readonly ease: readonly [small: number, large: number];
}
const EASE_PIXELS = [30, 120] as const;
const STRICT: Strictness = { fewest: 4, fewestStrong: 2, ease: [1, 1] };
/** Of a picture with more damage than this share, what is left is more likely damage, too; so far at a sensitivity of 0.5. */
const DIRTY = 0.001;
const EASY: Strictness = { fewest: 2, fewestStrong: 1, ease: [2.8, 1.5] };
/** How far from damage the fit around is looked at. */
const AROUND = 4;
/** Edges of damage are soft: it reaches a pixel further than it stands out, and two from so many pixels on. */
const LARGE = 12;
/** Neighbours show another scene if they differ from the picture so many times, and levels, more than from each other. */
const OTHER_SCENE = [3, 3] as const;
/** Damage does not cover more than this share of a picture: then it is the scene that has changed. */
const LARGEST_SHARE = 0.05;

/** How a picture fits its neighbours, and what of it does not. */
export interface BlotchSource {
  readonly picture: LumaPyramid;
  /** The neighbours, matched; the same twice where there is but one. */
  readonly previous: NeighbourMatch;
  readonly next: NeighbourMatch;
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
  readonly #sorted: Float32Array;
  /** Pixels of the blotch under way, by their place in the labels. */
  readonly #pixels: Int32Array;
  /** Of the pixels under way, those that stand out for certain. */
  #strong = 0;
  #noise = 0;
  /** Mean difference of the neighbours from each other, likewise. */
  #gap = 0;

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
    this.#sorted = new Float32Array(blocks);
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

  /** Marks blotches with 1 in a mask [height, width]. Returns how many pixels stood out. sensitivity: 0..1. */
  detect(source: BlotchSource, sensitivity: number, mask: Uint8Array): number {
    const { picture, previous, next } = source;
    const [full] = picture.levels;
    const isAlone = previous === next;
    const { address, stride } = this.#labels;
    this.#kernels.fitSums(
      full.address, previous.luma.address, next.luma.address, stride, this.#columns, this.#rows, this.#sums,
    ); // prettier-ignore
    this.#setThresholds(sensitivity, isAlone);
    if (this.#noise > OTHER_SCENE[0] * this.#gap + OTHER_SCENE[1]) return 0;
    const mark = (): void =>
      this.#kernels.markBlotches(
        full.address, previous.luma.address, next.luma.address, stride, this.#columns, this.#size.height,
        this.#thresholds, WEAK, address,
      ); // prettier-ignore
    mark();
    const found = this.#collect(source, STRICT, mask);
    if (isAlone || found <= DIRTY * mask.length) return found;
    mark();
    const eased = (ease: number): number => 1 + 2 * sensitivity * (ease - 1);
    return this.#collect(source, { ...EASY, ease: [eased(EASY.ease[0]), eased(EASY.ease[1])] }, mask);
  }

  #setThresholds(sensitivity: number, isAlone: boolean): void {
    const blocks = this.#columns * this.#rows;
    const sums = new Uint16Array(this.#arena.memory.buffer, this.#sums, blocks * 4);
    const means = this.#sorted;
    for (let i = 0; i < blocks; i++) {
      means[i] = ((sums[4 * i] ?? 0) + (sums[4 * i + 1] ?? 0)) / 512;
      // Alone, a neighbour says nothing of how far it can be trusted; how it fits the picture must do.
      this.#misfit[i] = isAlone ? (means[i] ?? 0) : (sums[4 * i + 2] ?? 0) / 256;
    }
    means.sort();
    this.#noise = means[Math.floor(0.4 * blocks)] ?? 0;
    this.#sorted.set(this.#misfit);
    this.#gap = this.#sorted.sort()[Math.floor(0.4 * blocks)] ?? 0;
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
  #collect(source: BlotchSource, strictness: Strictness, mask: Uint8Array): number {
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
        if (!this.#isDamage(source, strictness, count)) continue;
        this.#mark(count, mask);
        found += count;
      }
    }
    if (found <= LARGEST_SHARE * width * height) return found;
    mask.fill(0);
    return 0;
  }

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

  /** Marks a blotch with its soft edge. */
  #mark(count: number, mask: Uint8Array): void {
    const { width, height } = this.#size;
    const { stride } = this.#labels;
    const reach = count < LARGE ? 1 : 2;
    for (let n = 0; n < count; n++) {
      const at = this.#pixels[n] ?? 0;
      const [x, y] = [at % stride, Math.floor(at / stride)];
      for (let dy = -reach; dy <= reach; dy++) {
        for (let dx = -reach; dx <= reach; dx++) {
          // Round corners.
          if (Math.abs(dx) + Math.abs(dy) > reach + 1) continue;
          if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) continue;
          mask[(y + dy) * width + x + dx] = 1;
        }
      }
    }
  }

  /** Whether damage explains the gathered pixels better than something that moves, or a neighbour that does not fit. */
  #isDamage({ picture, previous, next }: BlotchSource, strictness: Strictness, count: number): boolean {
    const { fewest, fewestStrong } = strictness;
    if (count < fewest || this.#strong < fewestStrong) return false;
    const [small, large] = strictness.ease;
    const ease = small + (large - small) * ramp(count, EASE_PIXELS);
    const { width, height } = this.#size;
    const { stride } = this.#labels;
    const bytes = stride * height;
    const own = this.#arena.bytes(picture.levels[0].address, bytes);
    const before = this.#arena.bytes(previous.luma.address, bytes);
    const after = this.#arena.bytes(next.luma.address, bytes);
    // Sums over the pixels: their light, how much lighter they are than neighbours, and how far these are apart.
    let [light, lighter, gap] = [0, 0, 0];
    for (let n = 0; n < count; n++) {
      const i = this.#pixels[n] ?? 0;
      light += own[i] ?? 0;
      lighter += (own[i] ?? 0) - ((before[i] ?? 0) + (after[i] ?? 0)) / 2;
      gap += Math.abs((before[i] ?? 0) - (after[i] ?? 0));
    }
    const level = Math.abs(lighter) / count;
    const [least, most] = LARGEST_GAP;
    const share = least + (most - least) * ramp(count, GAP_PIXELS) * ramp(level, GAP_LEVELS);
    if (gap / count > ease * share * level) return false;
    let [misfit, lightAround, around] = [0, 0, 0];
    for (let n = 0; n < count; n++) {
      const i = this.#pixels[n] ?? 0;
      const [x, y] = [i % stride, Math.floor(i / stride)];
      for (let side = 0; side < 4; side++) {
        const step = side % 2 === 0 ? AROUND : -AROUND;
        const [nx, ny] = side < 2 ? [x + step, y] : [x, y + step];
        if (nx < 0 || nx >= width || ny < 0 || ny >= height) continue;
        const near = ny * stride + nx;
        const a = Math.abs((own[near] ?? 0) - (before[near] ?? 0));
        const b = Math.abs((own[near] ?? 0) - (after[near] ?? 0));
        // What is as far off as damage belongs to it.
        if (Math.min(a, b) > level / 2) continue;
        misfit += (a + b) / 2;
        lightAround += own[near] ?? 0;
        around++;
      }
    }
    if (around === 0) return false;
    if (previous !== next) return misfit / around < ease * LARGEST_MISFIT * level;
    // One neighbour could as well have hidden something, or uncovered it: what it lacks must be foreign here, too.
    const standsOut = (light / count - lightAround / around) * Math.sign(lighter);
    return (
      misfit / around < ALONE_MISFIT * level &&
      standsOut > ALONE_CONTRAST * level &&
      this.#astray(previous.motion, count) <= ALONE_ASTRAY
    );
  }

  /** Share of the blocks around the gathered pixels that move otherwise than all together: something may hide another. */
  #astray({ vectors, columns, rows }: BlockMotion, count: number): number {
    const { stride } = this.#labels;
    let [left, right, top, bottom] = [columns, 0, rows, 0];
    for (let n = 0; n < count; n++) {
      const at = this.#pixels[n] ?? 0;
      const [column, row] = [(at % stride) >> 3, Math.floor(at / stride) >> 3];
      [left, right] = [Math.min(left, column), Math.max(right, column)];
      [top, bottom] = [Math.min(top, row), Math.max(bottom, row)];
    }
    const around = [
      [Math.max(0, left - BLOCKS_AROUND), Math.min(columns - 1, right + BLOCKS_AROUND)],
      [Math.max(0, top - BLOCKS_AROUND), Math.min(rows - 1, bottom + BLOCKS_AROUND)],
    ] as const;
    let [x, y, blocks] = [0, 0, 0];
    forBlocks(around, columns, (at) => {
      x += vectors[2 * at] ?? 0;
      y += vectors[2 * at + 1] ?? 0;
      blocks++;
    });
    [x, y] = [x / blocks, y / blocks];
    let astray = 0;
    forBlocks(around, columns, (at) => {
      if (Math.hypot((vectors[2 * at] ?? 0) - x, (vectors[2 * at + 1] ?? 0) - y) > ASTRAY) astray++;
    });
    return astray / blocks;
  }
}

function forBlocks(
  [[left, right], [top, bottom]]: readonly [columns: readonly [number, number], rows: readonly [number, number]],
  columns: number,
  visit: (at: number) => void,
): void {
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) visit(row * columns + column);
  }
}

/** 0 up to the first of two numbers, 1 from as much as the second beyond it. */
function ramp(value: number, [from, length]: readonly [number, number]): number {
  return Math.min(1, Math.max(0, (value - from) / length));
}
