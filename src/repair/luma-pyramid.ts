import type { Size } from '../enhance/working-size.js';
import type { SharedArena } from '../frames/shared-arena.js';
import type { Kernels } from '../kernels/kernel-module.js';

/** Pixels around each level; the kernels' PYRAMID_MARGIN. */
const MARGIN = 32;
/** Padded sizes are multiples of this, so that blocks of every level come out even. */
const MULTIPLE = 32;
const LEVELS = 3;

/** One level of a pyramid: u8 [height, stride] by the address of its first pixel, with a margin on all sides. */
export interface PyramidLevel extends Size {
  readonly address: number;
  readonly stride: number;
}

/** Size of a picture as pyramids hold it, with its edge repeated. */
export function paddedSize(picture: Size): Size {
  const up = (length: number): number => Math.ceil(length / MULTIPLE) * MULTIPLE;
  return { width: up(picture.width), height: up(picture.height) };
}

/** Bytes of a level of this padded size with its margin. */
export function levelBytes(size: Size): number {
  return (size.width + 2 * MARGIN) * (size.height + 2 * MARGIN) + 64;
}

/** A fresh level in an arena. */
export function allocateLevel(arena: SharedArena, { width, height }: Size): PyramidLevel {
  const stride = width + 2 * MARGIN;
  return { address: arena.allocate(levelBytes({ width, height })) + MARGIN * stride + MARGIN, width, height, stride };
}

/** Luma of a picture at full, half and quarter size, padded, as block matching takes it. */
export class LumaPyramid {
  readonly levels: readonly [PyramidLevel, PyramidLevel, PyramidLevel];
  readonly #kernels: Kernels;
  readonly #arena: SharedArena;
  readonly #picture: Size;

  constructor(kernels: Kernels, arena: SharedArena, picture: Size) {
    this.#kernels = kernels;
    this.#arena = arena;
    this.#picture = picture;
    const { width, height } = paddedSize(picture);
    const level = (scale: number): PyramidLevel =>
      allocateLevel(arena, { width: width / scale, height: height / scale });
    this.levels = [level(1), level(2), level(4)];
  }

  /** Bytes of an arena that a pyramid takes. */
  static bytes(picture: Size): number {
    const { width, height } = paddedSize(picture);
    let sum = 0;
    for (let n = 0; n < LEVELS; n++) sum += levelBytes({ width: width >> n, height: height >> n }) + 64;
    return sum;
  }

  /** Takes in luma, u8 [height, stride] by address; each level of light passes gain * level + bias. */
  fill(luma: number, stride: number, gain: number, bias: number): void {
    const [full, half, quarter] = this.levels;
    const { width, height } = this.#picture;
    this.#kernels.padPlane(
      luma, stride, width, height, full.address, full.stride, full.width, full.height,
      Math.round(gain * 256), Math.round(bias),
    ); // prettier-ignore
    this.#kernels.halvePlane(full.address, full.stride, half.address, half.stride, half.width, half.height);
    this.#kernels.halvePlane(half.address, half.stride, quarter.address, quarter.stride, quarter.width, quarter.height);
  }

  /** Mean and standard deviation of light, from the smallest level. */
  light(): { readonly mean: number; readonly deviation: number } {
    const { address, stride, width, height } = this.levels[2];
    let [sum, squares] = [0, 0];
    for (let y = 0; y < height; y++) {
      for (const level of this.#arena.bytes(address + y * stride, width)) {
        sum += level;
        squares += level * level;
      }
    }
    const mean = sum / (width * height);
    return { mean, deviation: Math.sqrt(Math.max(0, squares / (width * height) - mean * mean)) };
  }
}
