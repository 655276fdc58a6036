import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recipeSchema } from '../config/recipe.js';
import { makeModelFolder } from '../../test/fixture-models.js';
import { PictureEnhancer } from './picture-enhancer.js';
import type { Picture } from './picture-file.js';
import { tileStarts, tileWeights } from '../enhance/tiling.js';

let folder: string;

beforeAll(() => {
  folder = makeModelFolder({ levelling: 'levelling', brighten: 'brighten', tint: 'tint', fixed: 'brighten-fixed' });
  process.env['AFTERGLOW_MODELS'] = folder;
});
afterAll(() => {
  delete process.env['AFTERGLOW_MODELS'];
  rmSync(folder, { recursive: true });
});

const recipe = (model: string, keepLuma = false) =>
  recipeSchema.parse({ description: 'test', stages: [{ stage: 'network', model, keepLuma }] });

/** A smooth ramp with fine texture, 16 bits. */
function gradient(width: number, height: number): Picture {
  const pixels = new Uint16Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const level = 6000 + (38_000 * x) / width + (8000 * y) / height + ((x * 7 + y * 3) % 5) * 300;
    pixels.fill(level, i * 3, i * 3 + 3);
  }
  return { width, height, channels: 3, depth: 16, pixels, carrier: Buffer.alloc(0) };
}

async function enhance(picture: Picture, model: string, tile: number | null, keepLuma = false): Promise<void> {
  const enhancer = await PictureEnhancer.open({
    recipe: recipe(model, keepLuma),
    strength: 1,
    threads: 1,
    ...(tile === null ? {} : { tile }),
  });
  await enhancer.enhance(picture);
  await enhancer.close();
}

/** Mean green of each column, over rows that no change of tiles from top to bottom disturbs. */
function columnMeans({ width, height, pixels }: Picture): number[] {
  return Array.from({ length: width }, (_, x) => {
    let sum = 0;
    for (let y = 0; y < height; y++) sum += pixels[(y * width + x) * 3 + 1] ?? 0;
    return sum / height;
  });
}

describe('tiles', () => {
  it.each([
    [512, 512, 64],
    [513, 512, 64],
    [4928, 512, 64],
    [100, 128, 16],
    [961, 512, 64],
  ])('cover %i pixels by %i with overlaps of at least %i', (length, tile, overlap) => {
    const starts = tileStarts(length, tile, overlap);
    expect(starts[0]).toBe(0);
    expect((starts.at(-1) ?? NaN) + tile).toBeGreaterThanOrEqual(length);
    starts
      .slice(1)
      .forEach((start, i) => expect((starts[i] ?? NaN) + tile - start).toBeGreaterThanOrEqual(overlap - 1));
    expect(Math.min(...tileWeights(tile, overlap))).toBeGreaterThan(0);
  });
});

describe('a network in tiles', () => {
  it('leaves no seams, though it judges each tile by its own mean', async () => {
    const picture = gradient(600, 200);
    await enhance(picture, 'levelling', 160);
    const means = columnMeans(picture);
    // Over 20 columns, whole periods of the texture: the slope is even everywhere, at the tiles' borders too.
    const slopes = means.slice(20, -21).map((mean, i) => ((means[i + 40] ?? NaN) - mean) / 20);
    const typical = [...slopes].sort((a, b) => a - b)[slopes.length >> 1] ?? NaN;
    const steepest = Math.max(...slopes.map((slope) => Math.abs(slope - typical)));
    expect(typical).toBeGreaterThan(20);
    expect(steepest).toBeLessThan(0.6 * typical);
    const guided = gradient(600, 200);
    await enhance(guided, 'levelling', null);
    const apart = columnMeans(guided).map((mean, x) => Math.abs(mean - (means[x] ?? NaN)));
    expect(Math.max(...apart)).toBeLessThan(0.02 * 65535);
  });

  it('is the network itself where it has no global view', async () => {
    const picture = gradient(300, 130);
    const before = Uint16Array.from(picture.pixels);
    await enhance(picture, 'brighten', 128);
    let error = 0;
    picture.pixels.forEach((value, i) => (error += Math.abs(value / 65535 - Math.sqrt((before[i] ?? 0) / 65535))));
    expect(error / before.length).toBeLessThan(0.01);
  });

  it.each([
    ['tint', true],
    ['fixed', false],
  ] as const)('runs %s on pictures of any size', async (model, keepLuma) => {
    for (const [width, height] of [
      [30, 20],
      [201, 163],
    ] as const) {
      const picture = gradient(width, height);
      const before = Uint16Array.from(picture.pixels);
      await enhance(picture, model, 96, keepLuma);
      expect(picture.pixels).not.toEqual(before);
      if (!keepLuma) continue;
      const luma = (of: ArrayLike<number>, i: number): number =>
        0.2126 * (of[i] ?? 0) + 0.7152 * (of[i + 1] ?? 0) + 0.0722 * (of[i + 2] ?? 0);
      for (let i = 0; i < before.length; i += 3) {
        expect(Math.abs(luma(picture.pixels, i) - luma(before, i))).toBeLessThan(0.01 * 65535);
      }
    }
  });
});
