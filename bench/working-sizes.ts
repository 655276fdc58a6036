import { loadRecipe, networkOf, withNetwork } from '../src/config/recipe.js';
import { networkSize } from '../src/enhance/working-size.js';
import { findCard } from '../src/inference/model-library.js';
import { NOT_RUN, type Row } from './bench-result.js';
import type { BenchTable } from './bench-table.js';
import { figureOf } from './figure.js';
import { medianRun, openFilled } from './networks.js';
import { LIKENESS_COLUMNS, likenessCells, likenessOf } from './quality.js';
import { asPicture, asStream } from './validated-product.js';
import { DATA, validationPairs, type PairSet } from './validation-pairs.js';

const PIPELINES: readonly { readonly pipeline: string; readonly set: PairSet }[] = [
  { pipeline: 'night-cctv', set: 'lol' },
  { pipeline: 'exposure', set: 'exposure' },
];
/** Long sides of the small copy, in pixels. */
const SIDES = [128, 160, 192, 256] as const;
const FORMAT = { width: 1920, height: 1080 };

/** What the size of the small copy does to the likeness of pictures, and what it costs. */
export const sizeTable: BenchTable = {
  name: 'sizes',
  about: 'what the size of the copy that the network sees does to likeness and costs',
  seconds: [240, 0],
  measure: async ({ steps, step, note }) => {
    const works = PIPELINES.flatMap(({ pipeline, set }) => SIDES.map((side) => ({ pipeline, set, side })));
    steps(works.length);
    const rows: Row[] = [];
    for (const { pipeline, set, side } of works) {
      const usual = loadRecipe(pipeline);
      const recipe = withNetwork(usual, { workingSize: side });
      const network = networkOf(usual);
      const label = `${pipeline}, ${side} pixels${network?.workingSize === side ? ' (the recipe’s)' : ''}`;
      const pairs = validationPairs(set);
      if (!pairs) note(`sizes: likeness of ${label} is not run: there are no pairs at ${DATA}/${set}`);
      const picture = pairs && (await likenessOf(pairs, await asPicture(recipe)));
      rows.push({
        label,
        cells: [
          ...likenessCells(pairs && (await likenessOf(pairs, asStream(recipe)))),
          picture ? figureOf([picture.psnr]) : NOT_RUN,
          network ? figureOf([await runCost(network.model, side)]) : NOT_RUN,
        ],
      });
      step();
    }
    return [
      {
        name: 'sizes',
        title:
          'Long side of the copy that the network sees: likeness of validation pairs as streams and as single pictures, and CPU ms of a run for a 16:9 picture on one core.',
        rowsAre: 'size',
        columns: [...LIKENESS_COLUMNS, { name: 'pictures: PSNR, dB', digits: 2 }, { name: 'CPU ms a run', digits: 1 }],
        rows,
      },
    ];
  },
};

/** CPU milliseconds of one run for a 16:9 picture, on one thread. */
async function runCost(model: string, side: number): Promise<number> {
  const session = await openFilled(model, networkSize(FORMAT, side, findCard(model)));
  const milliseconds = await medianRun(session);
  await session.close();
  return milliseconds;
}
