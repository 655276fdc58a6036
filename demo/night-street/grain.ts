import { Random } from './random.js';

const SIZE = 1024;

/** One octave of the grain: its width (standard deviation of the blur, pixels) and its part of the variance. */
interface Octave {
  readonly width: number;
  readonly part: number;
}

/**
 * Random grain of standard deviation 1 whose pixels resemble their neighbours, as those of a camera do after
 * demosaicing and noise reduction, and which also resembles the grain of the pictures just before. It comes round
 * again after `frames` pictures.
 */
export class Grain {
  private readonly tiles: readonly Float32Array[];
  private readonly offsets: Int32Array;
  private readonly weights: readonly number[];
  private readonly frames: number;

  /** `memory` (0..1) is how much of a picture's grain stays in the next one. */
  constructor(seed: number, octaves: readonly Octave[], memory: number, frames: number) {
    const random = new Random(seed);
    this.tiles = [0, 1, 2].map(() => tile(random, octaves));
    this.frames = frames;
    this.offsets = Int32Array.from({ length: frames * 3 * 2 }, () => Math.floor(random.next() * SIZE));
    const raw = [1, memory, memory ** 2];
    const total = Math.sqrt(raw.reduce((sum, weight) => sum + weight * weight, 0));
    this.weights = raw.map((weight) => weight / total);
  }

  /** Writes the grain of one colour channel (0..2) of a picture into `into`. */
  fill(frame: number, channel: number, width: number, height: number, into: Float32Array): void {
    const tile = this.tiles[channel];
    if (tile === undefined) throw new RangeError(`No channel ${channel}`);
    into.fill(0);
    this.weights.forEach((weight, back) => {
      const source = (frame - back + this.frames) % this.frames;
      const left = this.offsets[(source * 3 + channel) * 2] ?? 0;
      const top = this.offsets[(source * 3 + channel) * 2 + 1] ?? 0;
      for (let y = 0; y < height; y++) {
        const line = ((y + top) & (SIZE - 1)) * SIZE;
        for (let x = 0; x < width; x++) {
          const at = y * width + x;
          into[at] = (into[at] ?? 0) + weight * (tile[line + ((x + left) & (SIZE - 1))] ?? 0);
        }
      }
    });
  }
}

/** A square of grain whose edges fit together. */
function tile(random: Random, octaves: readonly Octave[]): Float32Array {
  const sum = new Float32Array(SIZE * SIZE);
  for (const { width, part } of octaves) {
    const layer = Float32Array.from({ length: SIZE * SIZE }, () => random.gaussian());
    blurAround(layer, width);
    let square = 0;
    for (const value of layer) square += value * value;
    const factor = Math.sqrt(part / (square / layer.length));
    for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] ?? 0) + factor * (layer[k] ?? 0);
  }
  return sum;
}

/** Blurs a tile with a bell curve, round its edges. */
function blurAround(layer: Float32Array, width: number): void {
  const reach = Math.ceil(width * 3);
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, k) => Math.exp(-(((k - reach) / width) ** 2) / 2));
  const next = new Float32Array(layer.length);
  for (const step of [1, SIZE]) {
    for (let y = 0; y < SIZE; y++) {
      for (let x = 0; x < SIZE; x++) {
        let sum = 0;
        for (let k = -reach; k <= reach; k++) {
          const at = step === 1 ? y * SIZE + ((x + k) & (SIZE - 1)) : ((y + k) & (SIZE - 1)) * SIZE + x;
          sum += (kernel[k + reach] ?? 0) * (layer[at] ?? 0);
        }
        next[y * SIZE + x] = sum;
      }
    }
    layer.set(next);
  }
}
