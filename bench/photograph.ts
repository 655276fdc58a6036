import { rmSync, mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { cpuMilliseconds } from '../src/frames/cpu-clock.js';
import { loadRecipe } from '../src/config/recipe.js';
import { PictureEnhancer } from '../src/stills/picture-enhancer.js';
import { readPicture, writePicture } from '../src/stills/picture-file.js';
import { decodeAll, DEMO } from './bench-clip.js';
import type { Cell } from './bench-result.js';
import { inTurn, type BenchTable } from './bench-table.js';
import { figureOf } from './figure.js';

const [WIDTH, HEIGHT] = [4928, 3264];
const PIPELINES = ['exposure', 'night-cctv'] as const;

/** Milliseconds of a step, by the clock and of processors; of the latter nothing where only the clock was asked. */
interface StepTime {
  readonly wall: number;
  readonly cpu: number | null;
}

type Steps = ReadonlyMap<string, StepTime>;

/** The row that the bar is about. */
export const ENHANCING = 'all between decoding and encoding';

/** A photograph of 16 megapixels through `afterglow process`. */
export const photographTable: BenchTable = {
  name: 'photograph',
  about: 'a photograph of 16 megapixels, step by step, after the networks are loaded',
  seconds: [6, 5],
  measure: async ({ rounds, steps, step }) => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-bench-'));
    const input = path.join(folder, 'in.jpg');
    writeFileSync(input, await enlargedDemo());
    steps(PIPELINES.length * (rounds + 2));
    const threads = os.availableParallelism();
    const contenders = [];
    for (const pipeline of PIPELINES) {
      const start = cpuMilliseconds();
      const enhancer = await PictureEnhancer.open({ recipe: loadRecipe(pipeline), strength: 1, threads });
      const loading = cpuMilliseconds() - start;
      step();
      const run = (): Promise<Steps> => measureOnce(enhancer, input, folder);
      // The first picture of a size makes what is kept for the next ones.
      await run();
      step();
      contenders.push({ label: pipeline, run, enhancer, loading });
    }
    const measured = await inTurn(contenders, rounds, step);
    for (const { enhancer } of contenders) await enhancer.close();
    rmSync(folder, { recursive: true });
    const names = [...new Set(measured.flatMap(({ samples }) => [...(samples[0]?.keys() ?? [])]))];
    const cell = (samples: readonly Steps[], name: string, of: keyof StepTime): Cell => {
      const times = samples.flatMap((each) => each.get(name)?.[of] ?? []);
      return times.length > 0 ? figureOf(times) : null;
    };
    return [
      {
        name: 'photograph',
        title: `A photograph of 16 megapixels (${WIDTH}x${HEIGHT} JPEG, quality 92, a camera's noise), milliseconds by the clock and of processors; ${threads} threads for the network.`,
        rowsAre: 'step',
        columns: PIPELINES.flatMap((name) => [
          { name: `${name}, ms`, digits: 0 },
          { name: `${name}, CPU ms`, digits: 0 },
        ]),
        rows: [
          ...names.map((name) => ({
            label: name,
            cells: measured.flatMap(({ samples }) => [cell(samples, name, 'wall'), cell(samples, name, 'cpu')]),
          })),
          {
            label: 'once in a process: loading the network',
            cells: contenders.flatMap(({ loading }) => [null, figureOf([loading])]),
          },
        ],
      },
    ];
  },
};

async function measureOnce(enhancer: PictureEnhancer, input: string, folder: string): Promise<Steps> {
  const steps = new Map<string, StepTime>();
  let [wall, cpu] = [performance.now(), cpuMilliseconds()];
  const note = (step: string): void => {
    const [nowWall, nowCpu] = [performance.now(), cpuMilliseconds()];
    steps.set(step, { wall: nowWall - wall, cpu: nowCpu - cpu });
    [wall, cpu] = [nowWall, nowCpu];
  };
  const picture = await readPicture(input);
  note('decoding');
  enhancer.clock.total.fill(0);
  await enhancer.enhance(picture);
  enhancer.clock.stages.forEach((stage, i) => {
    const time = enhancer.clock.total[i] ?? 0;
    if (time > 0) steps.set(stage, { wall: time, cpu: null });
  });
  note(ENHANCING);
  await writePicture(picture, path.join(folder, 'out.jpg'), { quality: 92, overwrite: true, software: 'bench' });
  note('encoding with metadata');
  return steps;
}

/** A frame of the demo, enlarged, with the noise of a camera at night, as JPEG. */
async function enlargedDemo(): Promise<Buffer> {
  let small: { readonly grey: Buffer; readonly width: number; readonly height: number } | null = null;
  decodeAll(DEMO, (frame) => {
    const { width, height } = frame;
    small ??= { grey: Buffer.from(frame.toBuffer().subarray(0, width * height)), width, height };
  });
  const { grey, width, height } = small as unknown as { grey: Buffer; width: number; height: number };
  const large = await sharp(grey, { raw: { width, height, channels: 1 } })
    .resize(WIDTH, HEIGHT, { fit: 'fill' })
    .toColourspace('srgb')
    .raw()
    .toBuffer();
  let state = 1;
  for (let i = 0; i < large.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    large[i] = Math.min(255, Math.max(0, (large[i] ?? 0) + (state >>> 28) - 8));
  }
  return sharp(large, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .jpeg({ quality: 92 })
    .toBuffer();
}
