import { Grain } from './grain.js';
import { Random } from './random.js';

/** Linear sensor level (1 is full) per unit of radiance. */
const EXPOSURE = 0.125;
/** Level that the camera adds to all pixels, so that its noise is not cut off at black. */
const PEDESTAL = 0.0016;
/** Standard deviation of the noise in the dark, and the growth of its variance with the level. */
const DARK_NOISE = 0.0011;
const SHOT_NOISE = 1.6e-4;
/** Noise of red, green and blue relative to green: the colour balance amplifies the weaker channels. */
const CHANNEL_NOISE = [1.35, 1, 1.7] as const;
/** Light lost in the corners of the picture. */
const VIGNETTE = 0.38;
/** Standard deviation of the steady faults of single pixels and of whole columns. */
const PIXEL_FAULTS = 0.00022;
const COLUMN_FAULTS = 0.00016;

/** A small camera's sensor and colour processing: turns radiance into 8-bit 4:2:0 BT.709 pictures of limited range. */
export class Sensor {
  private readonly width: number;
  private readonly height: number;
  private readonly grain: Grain;
  private readonly faults: Float32Array;
  private readonly falloff: Float32Array;
  private readonly channels: readonly [Float32Array, Float32Array, Float32Array];

  /** A sensor of even width and height, whose noise comes round after `frames` pictures. */
  constructor(width: number, height: number, frames: number) {
    this.width = width;
    this.height = height;
    const octaves = [
      { width: 0.75, part: 0.5 },
      { width: 1.6, part: 0.32 },
      { width: 4, part: 0.18 },
    ];
    this.grain = new Grain(21, octaves, 0.45, frames);
    const random = new Random(22);
    const columns = Float32Array.from({ length: width }, () => random.gaussian() * COLUMN_FAULTS);
    this.faults = Float32Array.from(
      { length: width * height },
      (_, pixel) => (columns[pixel % width] ?? 0) + random.gaussian() * PIXEL_FAULTS,
    );
    this.falloff = Float32Array.from({ length: width * height }, (_, pixel) => {
      const x = ((pixel % width) + 0.5) / width - 0.5;
      const y = ((Math.floor(pixel / width) + 0.5) / height - 0.5) * (height / width);
      return 1 - VIGNETTE * Math.min(1, (x * x + y * y) / 0.33);
    });
    const plane = (): Float32Array => new Float32Array(width * height);
    this.channels = [plane(), plane(), plane()];
  }

  /** Takes picture `frame` of the radiance (RGB triples): planes Y, U and V one after another. */
  capture(radiance: Float32Array, frame: number): Buffer {
    const { width, height, channels, faults, falloff } = this;
    channels.forEach((signal, channel) => {
      this.grain.fill(frame, channel, width, height, signal);
      const noise = CHANNEL_NOISE[channel] ?? 1;
      for (let pixel = 0; pixel < signal.length; pixel++) {
        const level = (radiance[pixel * 3 + channel] ?? 0) * EXPOSURE * (falloff[pixel] ?? 1);
        const spread = noise * Math.sqrt(DARK_NOISE * DARK_NOISE + SHOT_NOISE * Math.min(level, 1));
        signal[pixel] = transfer(level + PEDESTAL + spread * (signal[pixel] ?? 0) + (faults[pixel] ?? 0));
      }
    });
    return toYuv(channels, width, height);
  }
}

/** The BT.709 transfer characteristic: a linear level to a signal 0..1. */
function transfer(level: number): number {
  if (level <= 0) return 0;
  if (level < 0.018) return 4.5 * level;
  return level >= 1 ? 1 : 1.099 * level ** 0.45 - 0.099;
}

function toYuv(
  [red, green, blue]: readonly [Float32Array, Float32Array, Float32Array],
  width: number,
  height: number,
): Buffer {
  const count = width * height;
  const picture = Buffer.alloc((count * 3) / 2);
  for (let row = 0; row < height; row += 2) {
    for (let column = 0; column < width; column += 2) {
      let sumU = 0;
      let sumV = 0;
      for (let k = 0; k < 4; k++) {
        const pixel = (row + (k >> 1)) * width + column + (k & 1);
        const r = red[pixel] ?? 0;
        const g = green[pixel] ?? 0;
        const b = blue[pixel] ?? 0;
        const luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        picture[pixel] = Math.round(16 + 219 * luma);
        sumU += (b - luma) / 1.8556;
        sumV += (r - luma) / 1.5748;
      }
      const at = count + (row / 2) * (width / 2) + column / 2;
      picture[at] = Math.round(128 + (224 * sumU) / 4);
      picture[at + count / 4] = Math.round(128 + (224 * sumV) / 4);
    }
  }
  return picture;
}
