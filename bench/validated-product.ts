import { loadRecipe, type Recipe } from '../src/config/recipe.js';
import { colourCoefficients, planeLayout, type PictureFormat } from '../src/frames/picture-format.js';
import { PictureEnhancer } from '../src/stills/picture-enhancer.js';
import { readPicture } from '../src/stills/picture-file.js';
import { EnhancerBench } from '../test/enhanced-pictures.js';
import { readRgb, type RgbPicture, type ValidationPair } from './validation-pairs.js';

/** A way of the product from a file to an enhanced picture. */
export interface Enhanced {
  readonly picture: (pair: ValidationPair) => Promise<RgbPicture>;
  readonly close: () => Promise<void>;
}

/** A recipe, or a pipeline's by its name. */
function recipeOf(pipeline: string | Recipe): Recipe {
  return typeof pipeline === 'string' ? loadRecipe(pipeline) : pipeline;
}

/** Pictures as `afterglow process` makes them. */
export async function asPicture(pipeline: string | Recipe): Promise<Enhanced> {
  const enhancer = await PictureEnhancer.open({ recipe: recipeOf(pipeline), strength: 1, threads: 1 });
  return {
    picture: async ({ input }) => {
      const { width, height, channels, depth, pixels, carrier } = await readPicture(input);
      if (channels !== 3 || depth !== 8) throw new Error(`${input} is not RGB of 8 bits`);
      await enhancer.enhance({ width, height, channels, depth, pixels, carrier });
      return { width, height, pixels: new Uint8Array(pixels) };
    },
    close: () => enhancer.close(),
  };
}

/** Pictures as a stream shows its first one: I420 of 8 bits in, noise filter, network, grid and slice, I420 out. */
export function asStream(pipeline: string | Recipe): Enhanced {
  const recipe = recipeOf(pipeline);
  let bench: EnhancerBench | null = null;
  let key = '';
  let time = 0;
  return {
    picture: async ({ input }) => {
      const source = await readRgb(input);
      const format: PictureFormat = { width: source.width, height: source.height, matrix: 'bt709', range: 'limited' };
      if (key !== `${format.width}x${format.height}`) {
        await bench?.close();
        bench = await EnhancerBench.open(recipe, format);
        key = `${format.width}x${format.height}`;
      }
      const open = bench as unknown as EnhancerBench;
      open.enhancer.reset();
      time += 100;
      return { ...source, pixels: toRgb(open.process(toI420(source, format), time), format) };
    },
    close: async () => bench?.close(),
  };
}

/** Chroma is the mean of four pixels. */
function toI420({ width, height, pixels }: RgbPicture, format: PictureFormat): Uint8Array {
  const { uOffset, vOffset, chromaWidth, bytes } = planeLayout(width, height);
  const c = colourCoefficients(format.matrix, format.range);
  const picture = new Uint8ClampedArray(bytes);
  const chroma = new Float64Array(2 * chromaWidth * (height / 2));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [r, g, b] = [0, 1, 2].map((k) => (pixels[(y * width + x) * 3 + k] ?? 0) / 255) as [number, number, number];
      const luma = c.redWeight * r + c.blueWeight * b + (1 - c.redWeight - c.blueWeight) * g;
      picture[y * width + x] = c.black + luma / c.lumaScale;
      const at = 2 * ((y >> 1) * chromaWidth + (x >> 1));
      chroma[at] = (chroma[at] ?? 0) + (b - luma) / (4 * c.blueFromU * c.chromaScale);
      chroma[at + 1] = (chroma[at + 1] ?? 0) + (r - luma) / (4 * c.redFromV * c.chromaScale);
    }
  }
  for (let i = 0; i < chroma.length / 2; i++) {
    picture[uOffset + i] = 128 + (chroma[2 * i] ?? 0);
    picture[vOffset + i] = 128 + (chroma[2 * i + 1] ?? 0);
  }
  return new Uint8Array(picture.buffer);
}

/** Each chroma sample serves its four pixels. */
function toRgb(picture: Uint8Array, { width, height, matrix, range }: PictureFormat): Uint8Array {
  const { uOffset, vOffset, chromaWidth } = planeLayout(width, height);
  const c = colourCoefficients(matrix, range);
  const pixels = new Uint8ClampedArray(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const luma = ((picture[y * width + x] ?? 0) - c.black) * c.lumaScale;
      const at = (y >> 1) * chromaWidth + (x >> 1);
      const u = ((picture[uOffset + at] ?? 0) - 128) * c.chromaScale;
      const v = ((picture[vOffset + at] ?? 0) - 128) * c.chromaScale;
      const to = (y * width + x) * 3;
      pixels[to] = 255 * (luma + c.redFromV * v);
      pixels[to + 1] = 255 * (luma + c.greenFromU * u + c.greenFromV * v);
      pixels[to + 2] = 255 * (luma + c.blueFromU * u);
    }
  }
  return new Uint8Array(pixels.buffer);
}
