/** How like a picture is to what it should be: ratios of signal to noise in dB, and structural similarity. */
export interface Likeness {
  readonly psnr: number;
  /** The same with the picture brought to the truth's mean brightness: the guess at that is left out of the score. */
  readonly psnrAtMean: number;
  readonly ssim: number;
}

/** Gaussian window of Wang et al. 2004: eleven pixels, deviation 1.5. */
const WINDOW = gaussian(11, 1.5);
const [C1, C2] = [0.01 ** 2, 0.03 ** 2];

/**
 * Compares a picture with the truth, both RGB of 8 bits, interleaved, of one size. The measures are those of
 * models/training, so that figures can stand beside those of the model cards.
 */
export function likeness(picture: Uint8Array, truth: Uint8Array, width: number, height: number): Likeness {
  return {
    psnr: psnr(picture, truth),
    psnrAtMean: psnr(picture, truth, mean(truth) / Math.max(1e-4, mean(picture))),
    ssim: ssim(picture, truth, width, height),
  };
}

/** Peak signal-to-noise ratio of 8-bit samples in dB, the picture's multiplied by a gain and clipped first. */
export function psnr(picture: Uint8Array, truth: Uint8Array, gain = 1): number {
  let sum = 0;
  for (let i = 0; i < truth.length; i++) sum += (Math.min(255, (picture[i] ?? 0) * gain) - (truth[i] ?? 0)) ** 2;
  return -10 * Math.log10(Math.max(1e-10, sum / truth.length / 255 ** 2));
}

/** The mean of each measure. */
export function meanLikeness(all: readonly Likeness[]): Likeness {
  const of = (measure: keyof Likeness): number => all.reduce((sum, each) => sum + each[measure], 0) / all.length;
  return { psnr: of('psnr'), psnrAtMean: of('psnrAtMean'), ssim: of('ssim') };
}

function ssim(picture: Uint8Array, truth: Uint8Array, width: number, height: number): number {
  const channels = 3;
  const count = width * height;
  const blurred = (of: (i: number) => number): Float64Array => {
    const plane = new Float64Array(count);
    for (let i = 0; i < count; i++) plane[i] = of(i);
    return blur(plane, width, height);
  };
  let [sum, places] = [0, 0];
  for (let k = 0; k < channels; k++) {
    const a = (i: number): number => (picture[i * channels + k] ?? 0) / 255;
    const b = (i: number): number => (truth[i * channels + k] ?? 0) / 255;
    const [meanA, meanB] = [blurred(a), blurred(b)];
    const [squareA, squareB] = [blurred((i) => a(i) ** 2), blurred((i) => b(i) ** 2)];
    const product = blurred((i) => a(i) * b(i));
    for (let i = 0; i < meanA.length; i++) {
      const [ma, mb] = [meanA[i] ?? 0, meanB[i] ?? 0];
      const spread = (squareA[i] ?? 0) - ma * ma + (squareB[i] ?? 0) - mb * mb;
      const together = (product[i] ?? 0) - ma * mb;
      sum += ((2 * ma * mb + C1) * (2 * together + C2)) / ((ma * ma + mb * mb + C1) * (spread + C2));
    }
    places += meanA.length;
  }
  return sum / places;
}

/** A plane blurred by the window, where the whole window lies on it. */
function blur(plane: Float64Array, width: number, height: number): Float64Array {
  const [innerWidth, innerHeight] = [width - WINDOW.length + 1, height - WINDOW.length + 1];
  const rows = new Float64Array(innerWidth * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < innerWidth; x++) {
      let sum = 0;
      for (let t = 0; t < WINDOW.length; t++) sum += (WINDOW[t] ?? 0) * (plane[y * width + x + t] ?? 0);
      rows[y * innerWidth + x] = sum;
    }
  }
  const both = new Float64Array(innerWidth * innerHeight);
  for (let y = 0; y < innerHeight; y++) {
    for (let t = 0; t < WINDOW.length; t++) {
      const weight = WINDOW[t] ?? 0;
      for (let x = 0; x < innerWidth; x++) {
        const at = y * innerWidth + x;
        both[at] = (both[at] ?? 0) + weight * (rows[(y + t) * innerWidth + x] ?? 0);
      }
    }
  }
  return both;
}

function gaussian(taps: number, deviation: number): Float64Array {
  const middle = (taps - 1) / 2;
  const window = Float64Array.from({ length: taps }, (_, i) => Math.exp(-((i - middle) ** 2) / (2 * deviation ** 2)));
  const sum = window.reduce((all, value) => all + value, 0);
  return window.map((value) => value / sum);
}

function mean(samples: Uint8Array): number {
  return samples.reduce((sum, value) => sum + value, 0) / samples.length;
}
