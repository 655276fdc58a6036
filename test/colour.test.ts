import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recipeSchema } from '../src/config/recipe.js';
import type { PictureFormat } from '../src/frames/picture-format.js';
import { planeLayout } from '../src/frames/picture-format.js';
import { EnhancerBench } from './enhanced-pictures.js';
import { makeModelFolder } from './fixture-models.js';

const FORMAT: PictureFormat = { width: 320, height: 192, matrix: 'bt709', range: 'limited' };
const recipe = (model: string, keepLuma: boolean) =>
  recipeSchema.parse({
    description: 'test',
    stages: [{ stage: 'network', model, keepLuma, workingSize: 160, grid: [20, 12, 12], smoothing: 0 }],
  });

let folder: string;

beforeAll(() => {
  folder = makeModelFolder({ tint: 'tint', 'brighten-fixed': 'brighten-fixed', fill: 'fill' });
  process.env['AFTERGLOW_MODELS'] = folder;
});
afterAll(() => {
  delete process.env['AFTERGLOW_MODELS'];
  rmSync(folder, { recursive: true });
});

/** A grey picture, dark at the left and light at the right, with fine texture. */
function greyRamp(): Uint8Array {
  const { width, height } = FORMAT;
  const picture = new Uint8Array(planeLayout(width, height).bytes).fill(128);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) picture[y * width + x] = 30 + (190 * x) / width + ((x + y) % 2) * 6;
  }
  return picture;
}

describe('a network that gives colour', () => {
  it('colours a grey picture and leaves its luma alone', async () => {
    const bench = await EnhancerBench.open(recipe('tint', true), FORMAT);
    const input = greyRamp();
    const output = bench.process(input, 0);
    await bench.close();
    const { width, height } = FORMAT;
    const { uOffset, vOffset, chromaWidth } = planeLayout(width, height);
    let worst = 0;
    for (let i = 0; i < width * height; i++) worst = Math.max(worst, Math.abs((output[i] ?? 0) - (input[i] ?? 0)));
    expect(worst).toBeLessThanOrEqual(1);
    const row = 48 * chromaWidth;
    const at = (offset: number, x: number): number => output[offset + row + x] ?? NaN;
    // Cool and bluish at the dark end, warm and yellow at the light one.
    expect(at(uOffset, 4)).toBeGreaterThan(134);
    expect(at(uOffset, 140)).toBeLessThan(118);
    expect(at(vOffset, 140)).toBeGreaterThan(130);
  });

  it('at strength 0 gives none', async () => {
    const bench = await EnhancerBench.open(recipe('tint', true), FORMAT);
    const input = greyRamp();
    expect(bench.process(input, 0, 0)).toEqual(input);
    await bench.close();
  });
});

describe('a network of one fixed size', () => {
  it('sees every picture at that size', async () => {
    const bench = await EnhancerBench.open(recipe('brighten-fixed', false), FORMAT);
    const input = greyRamp();
    const output = bench.process(input, 0);
    await bench.close();
    // The square root of a half is 0.71.
    const x = 160 + 96 * FORMAT.width;
    const level = ((input[x] ?? 0) - 16) / 219;
    expect(((output[x] ?? 0) - 16) / 219).toBeCloseTo(Math.sqrt(level), 1);
  });
});

describe('a network that fills holes', () => {
  it('is refused as a network stage', async () => {
    await expect(EnhancerBench.open(recipe('fill', false), FORMAT)).rejects.toThrow(
      /"fill" fills holes and needs a mask/,
    );
  });
});

describe('a model that is nowhere', () => {
  it('is named, with where it would be looked for', async () => {
    await expect(EnhancerBench.open(recipe('nothing', false), FORMAT)).rejects.toThrow(/there is no model "nothing"/);
  });
});
