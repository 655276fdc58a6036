import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../src/config/package-root.js';
import { loadRecipe, type Recipe } from '../src/config/recipe.js';
import { decodeClip } from './decoded-clip.js';
import { EnhancerBench } from './enhanced-pictures.js';
import { drawScene, mean, random } from './pictures.js';

const RATE = 25;
const NIGHT = loadRecipe('night-cctv');
/** The network on every frame and nothing remembered from one frame to the next. */
const PER_FRAME: Recipe = {
  description: 'x',
  stages: NIGHT.stages
    .filter((stage) => stage.stage === 'network')
    .map((stage) => ({ ...stage, rate: 100, smoothing: 0 })),
};

const street = decodeClip(path.join(packageRoot, 'demo', 'night-street.mp4'), 1);
const still = street.conformed[0] as Uint8Array;
const lumaBytes = street.format.width * street.format.height;
const luma = (picture: Uint8Array): Uint8Array => picture.subarray(0, lumaBytes);

/** The still street with a camera's noise, which breathes a little as automatic gain does. */
function noisy(index: number): Uint8Array {
  const next = random(index + 1);
  const gain = 1 + 0.04 * (next() - 0.5);
  return still.map((level, i) => {
    const noise = (next() + next() + next() - 1.5) * 4;
    return Math.min(255, Math.max(0, Math.round((i < lumaBytes ? 16 + (level - 16) * gain : level) + noise)));
  });
}

/** Another scene, as dark. */
function otherScene(): Uint8Array {
  const picture = new Uint8Array(still.length);
  drawScene(picture, street.format.width, street.format.height, 0, 16, 60);
  return picture;
}

let open: EnhancerBench[] = [];
afterEach(async () => {
  await Promise.all(open.map((bench) => bench.close()));
  open = [];
});

async function run(recipe: Recipe, pictures: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const bench = await EnhancerBench.open(recipe, street.format);
  open.push(bench);
  return pictures.map((picture, i) => bench.process(picture, i / RATE));
}

/** Mean absolute change of mean luma from frame to frame. */
function variation(pictures: readonly Uint8Array[]): number {
  const means = pictures.map((picture) => mean(luma(picture)));
  const steps = means.slice(1).map((value, i) => Math.abs(value - (means[i] ?? 0)));
  return steps.reduce((a, b) => a + b, 0) / steps.length;
}

describe('night-cctv over time', () => {
  it('varies at most a quarter as much as per-frame enhancement on a still, noisy scene', async () => {
    const pictures = Array.from({ length: 40 }, (_, i) => noisy(i));
    const smooth = await run(NIGHT, pictures);
    const perFrame = await run(PER_FRAME, pictures);
    // The first second is the average's to settle.
    const ratio = variation(smooth.slice(15)) / variation(perFrame.slice(15));
    console.log(`variation of mean luma: ${ratio.toFixed(3)} of per-frame enhancement's`);
    expect(mean(luma(smooth[39] as Uint8Array))).toBeGreaterThan(2 * mean(luma(still)));
    expect(ratio).toBeLessThanOrEqual(0.25);
  });

  it('is the same where threads share the work on each picture', async () => {
    const benches = await Promise.all(
      [0, 2].map((helpers) => EnhancerBench.open(NIGHT, street.format, 'exact', helpers)),
    );
    open.push(...benches);
    for (let i = 0; i < 6; i++) {
      const [alone, shared] = benches.map((bench) => Buffer.from(bench.process(noisy(i), i / RATE)));
      expect(shared?.equals(alone as Buffer)).toBe(true);
    }
  });

  it('settles within two frames of a cut', async () => {
    const after = otherScene();
    const pictures = [...Array.from({ length: 8 }, () => still), ...Array.from({ length: 6 }, () => after)];
    const output = await run(NIGHT, pictures);
    const [settled] = await run(NIGHT, [after]);
    for (let i = 8 + 2; i < pictures.length; i++) {
      expect(Math.abs(mean(luma(output[i] as Uint8Array)) - mean(luma(settled as Uint8Array)))).toBeLessThan(2);
    }
    // Nor is the very first frame of the new scene shown in the old one's light.
    expect(Math.abs(mean(luma(output[8] as Uint8Array)) - mean(luma(settled as Uint8Array)))).toBeLessThan(2);
  });

  it.each([
    ['a photographer', (level: number) => Math.min(235, 16 + (level - 16) * 3 + 40)],
    ['lightning that leaves nothing but white', () => 235],
  ])('is within 2 levels of an undisturbed run after a flash: %s', async (_name, flash) => {
    const calm = Array.from({ length: 14 }, (_, i) => noisy(i));
    const flashed = calm.map((picture, i) =>
      i === 8 ? picture.map((level, k) => (k < lumaBytes ? flash(level) : 128)) : picture,
    );
    const [expected, output] = [await run(NIGHT, calm), await run(NIGHT, flashed)];
    for (let i = 9; i < calm.length; i++) {
      const [a, b] = [luma(output[i] as Uint8Array), luma(expected[i] as Uint8Array)];
      let difference = 0;
      for (let k = 0; k < a.length; k++) difference += Math.abs((a[k] ?? 0) - (b[k] ?? 0));
      expect(difference / a.length).toBeLessThan(2);
      expect(Math.abs(mean(a) - mean(b))).toBeLessThan(2);
    }
  });

  it('follows a light that is switched on and stays on', async () => {
    const lit = still.map((level, k) => (k < lumaBytes ? Math.min(235, 16 + (level - 16) * 4) : level));
    const output = await run(NIGHT, [
      ...Array.from({ length: 8 }, () => still),
      ...Array.from({ length: 14 }, () => lit),
    ]);
    const [settled] = await run(NIGHT, [lit]);
    expect(Math.abs(mean(luma(output[21] as Uint8Array)) - mean(luma(settled as Uint8Array)))).toBeLessThan(2);
  });

  it('goes over to a new answer of the network by and by, however seldom it runs', async () => {
    const seldom: Recipe = {
      description: 'x',
      stages: PER_FRAME.stages.map((stage) => ({ ...stage, rate: 2, smoothing: 0.05 })),
    };
    const brighter = still.map((level, k) => (k < lumaBytes ? Math.round(16 + (level - 16) * 1.12) : level));
    const pictures = Array.from({ length: 65 }, (_, i) => (i < 26 ? still : brighter));
    const means = (await run(seldom, pictures)).slice(27).map((picture) => mean(luma(picture)));
    const steps = means.slice(1).map((value, i) => Math.abs(value - (means[i] ?? 0)));
    const whole = Math.abs((means.at(-1) ?? 0) - (means[0] ?? 0));
    expect(whole).toBeGreaterThan(1);
    expect(Math.max(...steps)).toBeLessThan(whole / 4);
  });

  it('blends towards the picture as it came by its strength', async () => {
    const bench = await EnhancerBench.open(NIGHT, street.format);
    open.push(bench);
    const means = [0, 0.25, 0.5, 0.75, 1].map((strength, i) => mean(luma(bench.process(still, i / RATE, strength))));
    expect(means[0]).toBeCloseTo(mean(luma(still)), 5);
    means.slice(1).forEach((value, i) => expect(value).toBeGreaterThan((means[i] ?? 0) + 3));
    // At any time and without a new answer of the network.
    expect(bench.process(still, 5 / RATE, 0)).toEqual(still);
  });
});
