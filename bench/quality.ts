import { loadRecipe, withNetwork, type Recipe } from '../src/config/recipe.js';
import type { Row } from './bench-result.js';
import { NOT_RUN } from './bench-result.js';
import type { BenchTable } from './bench-table.js';
import { figureOf } from './figure.js';
import { likeness, meanLikeness, type Likeness } from './likeness.js';
import { asPicture, asStream, type Enhanced } from './validated-product.js';
import {
  DATA,
  readRgb,
  validationPairs,
  type PairSet,
  type RgbPicture,
  type ValidationPair,
} from './validation-pairs.js';

/** Columns of tables of likeness. */
export const LIKENESS_COLUMNS = [
  { name: 'PSNR, dB', digits: 2 },
  { name: 'PSNR at the truth’s mean, dB', digits: 2 },
  { name: 'SSIM', digits: 3 },
] as const;

const PRODUCTS: readonly { readonly name: string; readonly recipe: Recipe; readonly set: PairSet }[] = [
  { name: 'night-cctv', recipe: loadRecipe('night-cctv'), set: 'lol' },
  { name: 'night-nerco', recipe: loadRecipe('night-nerco'), set: 'lol' },
  {
    name: 'night-cctv at full resolution',
    recipe: withNetwork(loadRecipe('night-cctv'), { native: true }),
    set: 'lol',
  },
  { name: 'exposure', recipe: loadRecipe('exposure'), set: 'exposure' },
];
const SET_NAMES: Readonly<Record<PairSet, string>> = { lol: 'LOL', exposure: 'brackets' };

/** How near enhanced pictures come to the truth. */
export const qualityTable: BenchTable = {
  name: 'quality',
  about: 'how near enhanced pictures come to the truth, where pairs are at hand',
  seconds: [90, 0],
  measure: async ({ steps, step, note }) => {
    const works = (['lol', 'exposure'] as const).flatMap((set) => [
      { set, label: `${SET_NAMES[set]}: as they are`, open: asIs },
      ...PRODUCTS.filter((product) => product.set === set).flatMap(({ name, recipe }) => [
        { set, label: `${SET_NAMES[set]}: ${name}, pictures`, open: () => asPicture(recipe) },
        { set, label: `${SET_NAMES[set]}: ${name}, stream`, open: () => asStream(recipe) },
      ]),
    ]);
    steps(works.length);
    const rows: Row[] = [];
    for (const { set, label, open } of works) {
      const pairs = validationPairs(set);
      if (!pairs) note(`quality: ${label} is not run: there are no pairs at ${DATA}/${set}`);
      rows.push({ label, cells: likenessCells(pairs && (await likenessOf(pairs, await open()))) });
      step();
    }
    return [
      {
        name: 'quality',
        title:
          'Likeness to the truth, mean of the validation pairs: 40 of LOL at 600x400, 126 of 20 exposure brackets at 256x256. Streams are given I420, as cameras send it, and a single picture, of which their noise filter has nothing to average.',
        rowsAre: 'pictures',
        columns: [...LIKENESS_COLUMNS],
        rows,
      },
    ];
  },
};

/** The cells of a row; "not run" for what could not be had. */
export function likenessCells(score: Likeness | null): Row['cells'] {
  if (!score) return LIKENESS_COLUMNS.map(() => NOT_RUN);
  return [figureOf([score.psnr]), figureOf([score.psnrAtMean]), figureOf([score.ssim])];
}

/** Mean likeness of pairs to their truth, each made anew by `enhanced`, which is closed at the end. */
export async function likenessOf(pairs: readonly ValidationPair[], enhanced: Enhanced): Promise<Likeness> {
  const scores: Likeness[] = [];
  for (const pair of pairs) {
    const [picture, truth] = [await enhanced.picture(pair), await readRgb(pair.truth)];
    requireSameSize(pair, picture, truth);
    scores.push(likeness(picture.pixels, truth.pixels, truth.width, truth.height));
  }
  await enhanced.close();
  return meanLikeness(scores);
}

/** Pictures as they come. */
export function asIs(): Enhanced {
  return { picture: ({ input }) => readRgb(input), close: () => Promise.resolve() };
}

function requireSameSize({ name }: ValidationPair, picture: RgbPicture, truth: RgbPicture): void {
  if (picture.width === truth.width && picture.height === truth.height) return;
  throw new Error(`${name} is ${picture.width}x${picture.height}, its truth ${truth.width}x${truth.height}`);
}
