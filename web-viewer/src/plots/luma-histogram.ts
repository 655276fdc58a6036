/** Steps of brightness that are counted apart. */
export const BINS = 64;
/** As people see brightness: shares of red, green and blue in it (BT.709), of 256. */
const [RED, GREEN, BLUE] = [54, 183, 19];

/** How bright the pixels of a picture are. */
export interface LumaHistogram {
  /** Shares of the pixels in each step, from black to white; they add up to 1. */
  readonly shares: readonly number[];
  /** 0 black to 1 white. */
  readonly mean: number;
  /** Half of the pixels are darker. */
  readonly median: number;
}

/** Counts the pixels of a part of an RGBA picture: columns `from` to `to` of its rows. */
export function lumaHistogram(pixels: Uint8ClampedArray, width: number, from: number, to: number): LumaHistogram {
  const counts = new Uint32Array(BINS);
  const height = Math.floor(pixels.length / 4 / width);
  let sum = 0;
  for (let y = 0; y < height; y++) {
    for (let i = 4 * (y * width + from); i < 4 * (y * width + to); i += 4) {
      const luma = ((pixels[i] ?? 0) * RED + (pixels[i + 1] ?? 0) * GREEN + (pixels[i + 2] ?? 0) * BLUE) >> 8;
      sum += luma;
      const bin = (luma * BINS) >> 8;
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }
  const total = Math.max(1, height * (to - from));
  let [seen, median] = [0, 0];
  while (median < BINS - 1 && (seen += counts[median] ?? 0) < total / 2) median++;
  return {
    shares: Array.from(counts, (count) => count / total),
    mean: sum / total / 255,
    median: (median + 0.5) / BINS,
  };
}
