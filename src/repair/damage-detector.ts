import type { RepairStage } from '../config/recipe.js';
import type { PhotoPixels, PhotoShape } from '../enhance/photo-grid.js';

/** Damage is looked for on a copy of at most this many pixels a side: film has no more, and time stays bounded. */
const LONGEST_SIDE = 2048;
/** Surroundings that damage is compared with reach this many widths far. */
const SURROUNDINGS = 16;
/** Damage is lighter (or darker) than all that is thicker within this many widths. */
const NEIGHBOURHOOD = 4;
/**
 * Finds dust, hairs and scratches: structures thinner than `width` that stand out from what is around them, and much
 * further than the picture's own details there do. Returns a mask [height, width]: 1 where the picture is damaged.
 *
 * What stands out is what a morphological opening (for light damage) or closing (for dark damage) takes away.
 */
export function findDamage(pixels: PhotoPixels, shape: PhotoShape, options: RepairStage['damage']): Uint8Array {
  const scale = Math.max(1, Math.max(shape.width, shape.height) / LONGEST_SIDE);
  const [width, height] = [Math.max(1, Math.round(shape.width / scale)), Math.max(1, Math.round(shape.height / scale))];
  const luma = smallLuma(pixels, shape, width, height);
  const radius = Math.max(1, Math.ceil((options.width * Math.max(width, height)) / 1000 / 2));
  const small = new Uint8Array(width * height);
  for (const [wanted, sign] of [
    [options.light, 1],
    [options.dark, -1],
  ] as const) {
    if (!wanted) continue;
    // Dark damage is light damage of the negative.
    const plane = luma.map((value) => sign * value);
    const opened = slide(slide(plane, width, height, radius, Math.min), width, height, radius, Math.max);
    const excess = plane.map((value, i) => value - (opened[i] ?? 0));
    const around = boxMean(excess, width, height, radius * SURROUNDINGS);
    const limit = around.map((mean) => Math.max(options.contrast, options.prominence * mean));
    // A highlight has its like nearby; damage is lighter than anything around it.
    const lightest = slide(opened, width, height, radius * NEIGHBOURHOOD, Math.max);
    const standsOut = (i: number, margin: number): boolean =>
      (excess[i] ?? 0) > (limit[i] ?? 0) && (plane[i] ?? 0) > (lightest[i] ?? 0) + margin;
    spread(standsOut, options.contrast / 2, width, height, small);
  }
  let damaged = 0;
  for (const value of small) damaged += value;
  if (damaged > options.largestShare * small.length) return new Uint8Array(shape.width * shape.height);
  // The rim of damage is half damaged.
  const grown = slide(small, width, height, 2, Math.max);
  return enlarge(grown, width, height, shape);
}

/** Luma 0..1 of the picture, averaged down. */
function smallLuma(pixels: PhotoPixels, shape: PhotoShape, width: number, height: number): Float32Array {
  const { channels, depth } = shape;
  const luma = new Float32Array(width * height);
  const counts = new Float32Array(width * height);
  for (let y = 0; y < shape.height; y++) {
    const row = Math.floor((y * height) / shape.height) * width;
    for (let x = 0; x < shape.width; x++) {
      const i = (y * shape.width + x) * channels;
      const at = row + Math.floor((x * width) / shape.width);
      const value = 0.2126 * (pixels[i] ?? 0) + 0.7152 * (pixels[i + 1] ?? 0) + 0.0722 * (pixels[i + 2] ?? 0);
      luma[at] = (luma[at] ?? 0) + value;
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }
  const white = depth === 8 ? 255 : 65535;
  return luma.map((sum, at) => sum / ((counts[at] ?? 1) * white));
}

/** Smallest or largest value of the square of side 2 radius + 1 around each pixel. */
function slide<Plane extends Float32Array | Uint8Array>(
  plane: Plane,
  width: number,
  height: number,
  radius: number,
  pick: (a: number, b: number) => number,
): Plane {
  const pass = (from: Plane, length: number, step: number): Plane => {
    const to = from.slice() as Plane;
    for (let at = 0; at < to.length; at++) {
      const i = Math.floor(at / step) % length;
      const last = at + Math.min(radius, length - 1 - i) * step;
      let value = from[at] ?? 0;
      for (let near = at - Math.min(radius, i) * step; near <= last; near += step) {
        value = pick(value, from[near] ?? 0);
      }
      to[at] = value;
    }
    return to;
  };
  return pass(pass(plane, width, 1), height, width);
}

/** Mean of the square of side 2 radius + 1 around each pixel, by running sums. */
function boxMean(plane: Float32Array, width: number, height: number, radius: number): Float32Array {
  const pass = (from: Float32Array, length: number, lines: number, step: number, pitch: number): Float32Array => {
    const to = new Float32Array(from.length);
    for (let line = 0; line < lines; line++) {
      const at = line * pitch;
      let sum = 0;
      for (let i = 0; i < Math.min(radius, length); i++) sum += from[at + i * step] ?? 0;
      for (let i = 0; i < length; i++) {
        if (i + radius < length) sum += from[at + (i + radius) * step] ?? 0;
        if (i - radius > 0) sum -= from[at + (i - radius - 1) * step] ?? 0;
        to[at + i * step] = sum / (Math.min(i + radius, length - 1) - Math.max(i - radius, 0) + 1);
      }
    }
    return to;
  };
  return pass(pass(plane, width, height, 1, width), height, width, width, 1);
}

/** Marks what stands out by a margin, and what hangs together with it and stands out at all. */
function spread(
  standsOut: (i: number, margin: number) => boolean,
  margin: number,
  width: number,
  height: number,
  mask: Uint8Array,
): void {
  const seen = new Uint8Array(width * height);
  const waiting: number[] = [];
  for (let i = 0; i < seen.length; i++) {
    if (!standsOut(i, margin)) continue;
    seen[i] = 1;
    waiting.push(i);
  }
  for (let i = waiting.pop(); i !== undefined; i = waiting.pop()) {
    mask[i] = 1;
    const [x, y] = [i % width, Math.floor(i / width)];
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        const next = i + dy * width + dx;
        const isInside = x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < height;
        if (!isInside || seen[next] === 1 || !standsOut(next, 0)) continue;
        seen[next] = 1;
        waiting.push(next);
      }
    }
  }
}

function enlarge(mask: Uint8Array, width: number, height: number, shape: PhotoShape): Uint8Array {
  if (width === shape.width && height === shape.height) return mask;
  const result = new Uint8Array(shape.width * shape.height);
  for (let y = 0; y < shape.height; y++) {
    const row = Math.floor((y * height) / shape.height) * width;
    for (let x = 0; x < shape.width; x++) {
      result[y * shape.width + x] = mask[row + Math.floor((x * width) / shape.width)] ?? 0;
    }
  }
  return result;
}
