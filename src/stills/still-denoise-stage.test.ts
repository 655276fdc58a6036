import { describe, expect, it } from 'vitest';
import { StageClock } from '../enhance/stage-clock.js';
import type { Picture } from './picture-file.js';
import { PICTURE_STEPS } from './picture-stage.js';
import { StillDenoiseStage } from './still-denoise-stage.js';

/** Larger than a tile, so that tiles must fit together; a slope, squares and a line, on 16 bits. */
const WIDTH = 620;
const HEIGHT = 500;

function scene(noise: number): Picture {
  const pixels = new Uint16Array(WIDTH * HEIGHT * 3);
  let state = 1;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
    const square = (Math.floor(x / 60) + Math.floor(y / 60)) % 2 === 0 ? 30 : 0;
    const level = 40 + (20 * x) / WIDTH + square + (x === 300 ? 60 : 0);
    for (let k = 0; k < 3; k++) {
      // The sum of three even draws is nearly normal, with a deviation of one half.
      const normal = 2 * (uniform() + uniform() + uniform() - 1.5);
      pixels[i * 3 + k] = Math.round((level + noise * normal) * 257);
    }
  }
  return { width: WIDTH, height: HEIGHT, channels: 3, depth: 16, pixels, carrier: Buffer.alloc(0) };
}

async function denoised(picture: Picture, strength = 1): Promise<Picture> {
  const copy = { ...picture, pixels: picture.pixels.slice() };
  const stage = new StillDenoiseStage({ stage: 'temporal-denoise', strength: 0.8 });
  await stage.apply(copy, strength, new StageClock(PICTURE_STEPS));
  return copy;
}

/** Mean squared difference in levels of 8 bits, over the pixels of some columns. */
function difference(a: Picture, b: Picture, takes: (x: number) => boolean = () => true): number {
  let [sum, count] = [0, 0];
  a.pixels.forEach((value, i) => {
    if (!takes(Math.floor(i / 3) % WIDTH)) return;
    sum += ((value - (b.pixels[i] ?? 0)) / 257) ** 2;
    count++;
  });
  return sum / count;
}

describe('the noise filter of single pictures', () => {
  it('takes nine tenths of the noise out and leaves lines and edges', async () => {
    const [clean, noisy] = [scene(0), scene(4)];
    const result = await denoised(noisy);
    expect(difference(result, clean)).toBeLessThan(0.1 * difference(noisy, clean));
    const line = (x: number): boolean => x === 300;
    expect(difference(result, clean, line)).toBeLessThan(1.5 * difference(noisy, clean, line));
  });

  it('shows no seams between its tiles', async () => {
    const [clean, result] = [scene(0), await denoised(scene(4))];
    const seam = (x: number): boolean => x === 463 || x === 464;
    const beside = (x: number): boolean => x >= 440 && x < 476 && !seam(x);
    expect(difference(result, clean, seam)).toBeLessThan(1.5 * difference(result, clean, beside));
  });

  it('leaves a clean picture, and at strength 0 any picture, as it is', async () => {
    expect(difference(await denoised(scene(0)), scene(0))).toBeLessThan(1e-3);
    expect(difference(await denoised(scene(4), 0), scene(4))).toBe(0);
  });

  it('does the same to 8 bits, and leaves transparency', async () => {
    const fine = scene(4);
    const pixels = new Uint8Array(WIDTH * HEIGHT * 4).fill(77);
    for (let i = 0; i < WIDTH * HEIGHT; i++) {
      for (let k = 0; k < 3; k++) pixels[i * 4 + k] = Math.round((fine.pixels[i * 3 + k] ?? 0) / 257);
    }
    const [coarse, wanted] = [await denoised({ ...fine, channels: 4, depth: 8, pixels }), await denoised(fine)];
    let [sum, changed] = [0, 0];
    for (let i = 0; i < WIDTH * HEIGHT; i++) {
      if (coarse.pixels[i * 4 + 3] !== 77) changed++;
      sum += Math.abs((coarse.pixels[i * 4] ?? 0) - (wanted.pixels[i * 3] ?? 0) / 257);
    }
    expect(changed).toBe(0);
    expect(sum / (WIDTH * HEIGHT)).toBeLessThan(0.5);
  });
});
