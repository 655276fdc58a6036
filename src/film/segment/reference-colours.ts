import { existsSync } from 'node:fs';
import sharp from 'sharp';
import type { FrameColour } from '../../enhance/frame-view.js';
import { AfterglowError } from '../../errors/afterglow-error.js';
import { colourCoefficients } from '../../frames/picture-format.js';

/** Bins along luma; colours are compared among what is equally light. */
const BINS = 6;
/** Pixels on the long side of the copy that a reference's colours are taken from. */
const SIDE = 256;
/** Bounds of the gain of chroma's spread, so that noise is not made colour. */
const GAIN_BOUNDS = [0.4, 3] as const;

/** Sums of chroma in one bin: weight, and for both planes the sum and the sum of squares. */
type Bin = [weight: number, u: number, uu: number, v: number, vv: number];

/**
 * Colours of a reference picture that steer those of a shot: the mean and the spread of chroma among dark, middle and
 * light parts are brought to the reference's (Reinhard et al. 2001, "Color Transfer between Images", by bins of luma).
 */
export class ReferenceColours {
  readonly #bins: readonly Bin[];

  private constructor(bins: readonly Bin[]) {
    this.#bins = bins;
  }

  /** Reads a picture. Throws AfterglowError `input-not-found` or `input-unreadable`. */
  static async read(file: string): Promise<ReferenceColours> {
    if (!existsSync(file)) {
      throw new AfterglowError('input-not-found', `the reference ${file} does not exist`, { remedy: 'check the path' });
    }
    let data: Buffer;
    try {
      data = await sharp(file)
        .autoOrient()
        .resize(SIDE, SIDE, { fit: 'inside' })
        .flatten({ background: '#000' })
        .toColourspace('srgb')
        .raw()
        .toBuffer();
    } catch (cause) {
      throw new AfterglowError('input-unreadable', `the reference ${file} is not a picture that can be read`, {
        remedy: 'give a JPEG or PNG picture with the colours that the shot should have',
        cause,
      });
    }
    const c = colourCoefficients('bt709', 'full');
    const bins = emptyBins();
    for (let i = 0; i + 2 < data.length; i += 3) {
      const [r, g, b] = [(data[i] ?? 0) / 255, (data[i + 1] ?? 0) / 255, (data[i + 2] ?? 0) / 255];
      const luma = c.redWeight * r + c.blueWeight * b + (1 - c.redWeight - c.blueWeight) * g;
      add(bins, luma, (b - luma) / c.blueFromU, (r - luma) / c.redFromV);
    }
    return new ReferenceColours(bins);
  }

  /** Changes chroma of a working picture, planes of code values, in place. */
  steer(y: Float32Array, u: Float32Array, v: Float32Array, colour: FrameColour): void {
    const { black, lumaScale, chromaScale } = colourCoefficients(colour.matrix, colour.range);
    const bins = emptyBins();
    for (let i = 0; i < y.length; i++) {
      add(
        bins,
        ((y[i] ?? 0) - black) * lumaScale,
        ((u[i] ?? 128) - 128) * chromaScale,
        ((v[i] ?? 128) - 128) * chromaScale,
      );
    }
    const maps = bins.map((own, n) => chromaMap(own, this.#bins[n] ?? own));
    for (let i = 0; i < y.length; i++) {
      const [first, share] = placeOf(((y[i] ?? 0) - black) * lumaScale);
      const [a, b] = [maps[first], maps[Math.min(first + 1, BINS - 1)]];
      if (!a || !b) continue;
      const mix = (k: 0 | 1 | 2 | 3): number => a[k] + share * (b[k] - a[k]);
      u[i] = 128 + (mix(0) * ((u[i] ?? 128) - 128) * chromaScale + mix(1)) / chromaScale;
      v[i] = 128 + (mix(2) * ((v[i] ?? 128) - 128) * chromaScale + mix(3)) / chromaScale;
    }
  }
}

function emptyBins(): Bin[] {
  return Array.from({ length: BINS }, (): Bin => [0, 0, 0, 0, 0]);
}

/** The bin below a luma of 0..1 and the share of the next one. */
function placeOf(luma: number): [bin: number, share: number] {
  const at = Math.min(BINS - 1, Math.max(0, luma * (BINS - 1)));
  const bin = Math.floor(at);
  return [bin, at - bin];
}

function add(bins: Bin[], luma: number, u: number, v: number): void {
  const [first, share] = placeOf(luma);
  for (const [bin, weight] of [
    [bins[first], 1 - share],
    [bins[first + 1], share],
  ] as const) {
    if (!bin || weight === 0) continue;
    bin[0] += weight;
    bin[1] += weight * u;
    bin[2] += weight * u * u;
    bin[3] += weight * v;
    bin[4] += weight * v * v;
  }
}

/** Gain and bias of both planes from one bin's statistics to another's. */
function chromaMap(from: Bin, to: Bin): [gainU: number, biasU: number, gainV: number, biasV: number] {
  const plane = (sum: 1 | 3, squares: 2 | 4): [number, number] => {
    // A bin that one of the pictures hardly has says nothing.
    if (from[0] < 4 || to[0] < 4) return [1, 0];
    const [meanFrom, meanTo] = [from[sum] / from[0], to[sum] / to[0]];
    const deviation = (bin: Bin, mean: number): number => Math.sqrt(Math.max(0, bin[squares] / bin[0] - mean * mean));
    const [spreadFrom, spreadTo] = [deviation(from, meanFrom), deviation(to, meanTo)];
    const gain = Math.min(GAIN_BOUNDS[1], Math.max(GAIN_BOUNDS[0], (spreadTo + 0.002) / (spreadFrom + 0.002)));
    return [gain, meanTo - gain * meanFrom];
  };
  return [...plane(1, 2), ...plane(3, 4)];
}
