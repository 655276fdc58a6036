import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeModelFolder } from '../../test/fixture-models.js';
import { recipeSchema, requireLive, type RepairStage } from '../config/recipe.js';
import { findDamage } from '../repair/damage-detector.js';
import { readMask } from '../repair/hole-mask.js';
import { holeRegions } from '../repair/hole-regions.js';
import { PictureEnhancer } from './picture-enhancer.js';
import type { Picture } from './picture-file.js';

const RECIPE = recipeSchema.parse({ description: 'test', stages: [{ stage: 'repair', model: 'fill' }] });
const OPTIONS = (RECIPE.stages[0] as RepairStage).damage;

let folder: string;

beforeAll(() => {
  folder = makeModelFolder({ fill: 'fill', brighten: 'brighten' });
  process.env['AFTERGLOW_MODELS'] = folder;
});
afterAll(() => {
  delete process.env['AFTERGLOW_MODELS'];
  rmSync(folder, { recursive: true });
});

/** A picture of grey levels by place, 8 bits. */
function picture(width: number, height: number, level: (x: number, y: number) => number): Picture {
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) pixels.fill(level(i % width, Math.floor(i / width)), i * 3, i * 3 + 3);
  return { width, height, channels: 3, depth: 8, pixels, carrier: Buffer.alloc(0) };
}

/** Hills, an edge and a little noise, as a picture has them. */
function scenery(x: number, y: number): number {
  const noise = ((x * 7919 + y * 104_729) % 13) - 6;
  return 110 + 40 * Math.sin(x / 40) + 30 * Math.cos(y / 30) + (x > 300 ? 40 : 0) + noise;
}

/** Where damage was drawn: two scratches, a hair, and dust. */
function isDamaged(x: number, y: number): boolean {
  const scratch = Math.abs(x - 120 - y / 50) < 1 || Math.abs(x - 420) < 1;
  const hair = Math.abs(Math.hypot(x - 250, y - 150) - 60) < 1.2 && y < 150;
  const dust = Math.hypot(x - 60, y - 220) < 2.2 || Math.hypot(x - 500, y - 80) < 2.2;
  return scratch || hair || dust;
}

describe('the damage detector', () => {
  it('finds scratches, a hair and dust, and little else', () => {
    const damaged = picture(640, 360, (x, y) => {
      if (!isDamaged(x, y)) return scenery(x, y);
      return Math.abs(x - 420) < 1 || x > 460 ? 250 : 10;
    });
    const mask = findDamage(damaged.pixels, damaged, OPTIONS);
    let [drawn, found, wrong] = [0, 0, 0];
    for (let y = 0; y < 360; y++) {
      for (let x = 0; x < 640; x++) {
        const isMarked = mask[y * 640 + x] === 1;
        if (isDamaged(x, y)) drawn++;
        if (isDamaged(x, y) && isMarked) found++;
        // Its rim belongs to it.
        const reach = [-4, -3, -2, -1, 0, 1, 2, 3, 4];
        if (isMarked && !reach.some((dx) => reach.some((dy) => isDamaged(x + dx, y + dy)))) wrong++;
      }
    }
    expect(found / drawn).toBeGreaterThan(0.9);
    expect(wrong).toBeLessThan(0.002 * 640 * 360);
  });

  it('finds nothing in a clean picture, nor in one of texture alone', () => {
    const clean = picture(640, 360, scenery);
    expect(findDamage(clean.pixels, clean, OPTIONS).includes(1)).toBe(false);
    const stripes = picture(300, 200, (x, y) => ((x + y) % 4 < 2 ? 30 : 220));
    expect(findDamage(stripes.pixels, stripes, OPTIONS).includes(1)).toBe(false);
  });

  it('looks only for what it is asked for', () => {
    const dark = picture(400, 300, (x, y) => (Math.abs(x - 200) < 1 ? 5 : scenery(x, y)));
    expect(findDamage(dark.pixels, dark, { ...OPTIONS, dark: false }).includes(1)).toBe(false);
    expect(findDamage(dark.pixels, dark, OPTIONS).includes(1)).toBe(true);
  });
});

describe('regions', () => {
  const mask = (width: number, height: number, isHole: (x: number, y: number) => boolean): Uint8Array =>
    Uint8Array.from({ length: width * height }, (_, i) => (isHole(i % width, Math.floor(i / width)) ? 1 : 0));

  it.each([
    [
      'dust that is near each other shares one',
      600,
      400,
      (x: number, y: number) => y === 50 && (x === 50 || x === 90),
      1,
    ],
    ['a scratch from top to bottom has several', 300, 900, (x: number) => x === 150, 8],
    [
      'a large hole is seen from further away',
      900,
      900,
      (x: number, y: number) => Math.hypot(x - 450, y - 450) < 200,
      1,
    ],
    ['no hole has none', 100, 100, () => false, 0],
  ] as const)('%s', (_name, width, height, isHole, count) => {
    const holes = mask(width, height, isHole);
    const regions = holeRegions(holes, width, height, 256);
    expect(regions).toHaveLength(count);
    // Every hole is in a region, and every region well within its crop.
    holes.forEach((hole, i) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      const isCovered = regions.some((r) => x >= r.left && x < r.right && y >= r.top && y < r.bottom);
      if (hole === 1 && !isCovered) expect.fail(`the hole at ${x}, ${y} is in no region`);
    });
    for (const { left, right, side } of regions) expect(2 * (right - left)).toBeLessThanOrEqual(side + 1);
  });
});

describe('repair', () => {
  const maskFile = async (
    width: number,
    height: number,
    isHole: (x: number, y: number) => boolean,
  ): Promise<string> => {
    const file = path.join(folder, `mask-${width}.png`);
    const grey = Uint8Array.from({ length: width * height }, (_, i) =>
      isHole(i % width, Math.floor(i / width)) ? 255 : 0,
    );
    await sharp(grey, { raw: { width, height, channels: 1 } })
      .png()
      .toFile(file);
    return file;
  };

  it.each([
    ['small holes', 400, 300, (x: number, y: number) => x % 100 < 12 && y % 90 < 10],
    ['a large hole', 700, 600, (x: number, y: number) => x > 200 && x < 520 && y > 150 && y < 450],
    ['a picture smaller than a crop', 90, 61, (x: number, y: number) => Math.hypot(x - 40, y - 30) < 8],
  ] as const)('fills %s and leaves what is known bit for bit', async (_name, width, height, isHole) => {
    const damaged = picture(width, height, (x, y) => (isHole(x, y) ? 255 : 100 + (x % 3)));
    const before = damaged.pixels.slice();
    const enhancer = await PictureEnhancer.open({
      recipe: RECIPE,
      strength: 1,
      threads: 1,
      maskFile: await maskFile(width, height, isHole),
    });
    await enhancer.enhance(damaged);
    await enhancer.close();
    let worst = 0;
    damaged.pixels.forEach((value, i) => {
      const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
      if (isHole(x, y)) worst = Math.max(worst, Math.abs(value - 101));
      else if (value !== before[i]) expect.fail(`the known pixel at ${x}, ${y} has changed`);
    });
    expect(worst).toBeLessThan(6);
  });

  it('without a mask removes a scratch that it finds itself', async () => {
    const scratched = picture(500, 300, (x, y) => (Math.abs(x - 250) < 1 ? 255 : 90 + ((x * 31 + y * 17) % 7)));
    const enhancer = await PictureEnhancer.open({ recipe: RECIPE, strength: 1, threads: 1 });
    await enhancer.enhance(scratched);
    await enhancer.close();
    for (let y = 0; y < 300; y++) expect(scratched.pixels[(y * 500 + 250) * 3]).toBeLessThan(110);
  });

  it('says what is wrong with masks, models and recipes', async () => {
    const missing = readMask('/nowhere.png', { width: 10, height: 10 });
    await expect(missing).rejects.toThrow(/the mask \/nowhere\.png does not exist/);
    const white = await maskFile(40, 30, () => true);
    await expect(readMask(white, { width: 40, height: 30 })).rejects.toThrow(/is white all over/);
    await expect(readMask(white, { width: 30, height: 40 })).rejects.toThrow(/40x30 is not of the shape of .* 30x40/);
    const home = mkdtempSync(path.join(os.tmpdir(), 'afterglow-mask-'));
    writeFileSync(path.join(home, 'm.png'), 'text');
    await expect(readMask(path.join(home, 'm.png'), { width: 8, height: 8 })).rejects.toThrow(
      /cannot|is not a picture/,
    );
    rmSync(home, { recursive: true });
    const other = recipeSchema.parse({ description: 'x', stages: [{ stage: 'repair', model: 'brighten' }] });
    const open = PictureEnhancer.open({ recipe: other, strength: 1, threads: 1 });
    await expect(open).rejects.toThrow(/"brighten" does not fill holes/);
    const night = recipeSchema.parse({ description: 'x', stages: [] });
    const unused = PictureEnhancer.open({ recipe: night, strength: 1, threads: 1, maskFile: 'm.png' });
    await expect(unused).rejects.toThrow(/has no stage that repairs/);
    expect(() => requireLive(RECIPE, 'r')).toThrow(/"r" has a stage "repair", which is not for live video/);
  });
});
