import { loadRecipe, type NetworkStage, type Recipe } from '../src/config/recipe.js';
import { BilateralGrid } from '../src/enhance/bilateral-grid.js';
import { frameAt } from '../src/enhance/frame-view.js';
import { gridGeometry } from '../src/enhance/grid-geometry.js';
import { gridFloats } from '../src/enhance/grid-solver.js';
import { workingSize } from '../src/enhance/working-size.js';
import { planeLayout, type PictureFormat } from '../src/frames/picture-format.js';
import { SharedArena } from '../src/frames/shared-arena.js';
import { KernelCrew } from '../src/kernels/kernel-crew.js';
import { NOT_RUN, type Row } from './bench-result.js';
import type { BenchTable } from './bench-table.js';
import { cpuOf } from './cpu-time.js';
import { figureOf } from './figure.js';
import { likenessOf } from './quality.js';
import { asPicture, asStream } from './validated-product.js';
import { DATA, validationPairs, type PairSet } from './validation-pairs.js';

type Nodes = NetworkStage['grid'];

/** Grids around those of the recipes: each number of nodes smaller and larger. */
const GRIDS: readonly { readonly pipeline: string; readonly set: PairSet; readonly nodes: readonly Nodes[] }[] = [
  {
    pipeline: 'night-cctv',
    set: 'lol',
    nodes: [[8, 5, 4], [16, 9, 4], [16, 9, 6], [16, 9, 8], [24, 14, 4], [24, 14, 8], [24, 14, 12], [32, 18, 8], [48, 27, 8]],
  },
  {
    pipeline: 'exposure',
    set: 'exposure',
    nodes: [[8, 8, 8], [11, 11, 8], [16, 9, 8], [16, 16, 8], [22, 22, 4], [22, 22, 8], [22, 22, 12], [32, 32, 8]],
  },
]; // prettier-ignore

/** What a grid's size does to the likeness of pictures, and what it costs. */
export const gridTable: BenchTable = {
  name: 'grids',
  about: 'what the number of nodes of the bilateral grid does to likeness and costs',
  seconds: [240, 0],
  measure: async ({ steps, step, note }) => {
    const works = GRIDS.flatMap(({ pipeline, set, nodes }) => nodes.map((grid) => ({ pipeline, set, grid })));
    steps(works.length);
    const rows: Row[] = [];
    for (const { pipeline, set, grid } of works) {
      const recipe = loadRecipe(pipeline);
      const label = `${pipeline}, ${grid.join(' x ')}${isUsual(recipe, grid) ? ' (the recipe’s)' : ''}`;
      const pairs = validationPairs(set);
      if (!pairs) note(`grids: likeness of ${label} is not run: there are no pairs at ${DATA}/${set}`);
      const changed = withGrid(recipe, grid);
      const stream = pairs && (await likenessOf(pairs, asStream(changed)));
      const picture = pairs && (await likenessOf(pairs, await asPicture(changed)));
      const cost = gridCost(grid);
      rows.push({
        label,
        cells: [
          stream ? figureOf([stream.psnr]) : NOT_RUN,
          stream ? figureOf([stream.ssim]) : NOT_RUN,
          picture ? figureOf([picture.psnr]) : NOT_RUN,
          picture ? figureOf([picture.ssim]) : NOT_RUN,
          figureOf([cost.learn]),
          figureOf([cost.slice]),
        ],
      });
      step();
    }
    return [
      {
        name: 'grids',
        title:
          'Nodes along width, height and luma: likeness of validation pairs as streams and as single pictures, and CPU ms at 1080p on one core.',
        rowsAre: 'grid',
        columns: [
          { name: 'streams: PSNR, dB', digits: 2 },
          { name: 'SSIM of streams', digits: 3 },
          { name: 'pictures: PSNR, dB', digits: 2 },
          { name: 'SSIM of pictures', digits: 3 },
          { name: 'smoothing, solve and tables, CPU ms', digits: 2 },
          { name: 'slice, CPU ms', digits: 2 },
        ],
        rows,
      },
    ];
  },
};

function isUsual(recipe: Recipe, grid: Nodes): boolean {
  return recipe.stages.some((stage) => stage.stage === 'network' && stage.grid.join() === grid.join());
}

function withGrid(recipe: Recipe, grid: Nodes): Recipe {
  return { ...recipe, stages: recipe.stages.map((stage) => (stage.stage === 'network' ? { ...stage, grid } : stage)) };
}

/** CPU milliseconds of taking in one answer of the network, and of slicing one picture of 1080p. */
function gridCost(nodes: Nodes): { readonly learn: number; readonly slice: number } {
  const format: PictureFormat = { width: 1920, height: 1080, matrix: 'bt709', range: 'limited' };
  const geometry = gridGeometry(format, nodes);
  const { bytes } = planeLayout(format.width, format.height);
  const sumsBytes = gridFloats(geometry) * 4;
  const arena = SharedArena.create(2 * bytes + sumsBytes + BilateralGrid.bytes(geometry, format) + 65536);
  const [input, output] = [arena.allocate(bytes + 64), arena.allocate(bytes + 64)].map((address) =>
    frameAt(address, format.width, format.height),
  );
  if (!input || !output) throw new Error('there is no room for two pictures');
  arena.bytes(input.y, bytes).forEach((_, i, all) => (all[i] = (i * 7919) & 0xff));
  const sums = arena.allocate(sumsBytes);
  arena.float32(sums, sumsBytes / 4).fill(1);
  const grid = new BilateralGrid(new KernelCrew(arena.memory, 0), arena, geometry, format, workingSize(format, 256));
  grid.learn(sums, 0);
  grid.slice(input, null, output, format, 1);
  const slice = cpuOf(() => grid.slice(input, null, output, format, 1));
  const both = cpuOf(() => {
    grid.learn(sums, 0.8);
    grid.slice(input, null, output, format, 1);
  });
  return { learn: Math.max(0, both - slice), slice };
}
