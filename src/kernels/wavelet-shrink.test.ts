import { describe, expect, it } from 'vitest';
import { SharedArena } from '../frames/shared-arena.js';
import { loadKernels } from './kernel-module.js';

const TAPS = [1, 4, 6, 4, 1];

/** The same blur, pixel by pixel. */
function blurred(plane: readonly number[], width: number, height: number, step: number): number[] {
  return plane.map((_, i) => {
    let sum = 0;
    for (let dy = -2; dy <= 2; dy++) {
      for (let dx = -2; dx <= 2; dx++) {
        const x = Math.min(width - 1, Math.max(0, (i % width) + dx * step));
        const y = Math.min(height - 1, Math.max(0, Math.floor(i / width) + dy * step));
        sum += (TAPS[dx + 2] ?? 0) * (TAPS[dy + 2] ?? 0) * (plane[y * width + x] ?? 0);
      }
    }
    return sum / 256;
  });
}

describe('wavelet kernels', () => {
  it.each([
    [32, 16, 1],
    [13, 9, 2],
    [5, 40, 4],
    [67, 3, 4],
  ])('blur %i x %i at a distance of %i as the definition says', (width, height, step) => {
    const arena = SharedArena.create(1 << 18);
    const kernels = loadKernels(arena.memory);
    const count = width * height;
    const [src, dst, scratch] = [count, count, width + 4 * step + 4].map((n) => arena.allocate(n * 4));
    const plane = Array.from({ length: count }, (_, i) => (i * 7919) % 251);
    arena.float32(src ?? 0, count).set(plane);
    kernels.blurSpline(src ?? 0, dst ?? 0, scratch ?? 0, width, height, step);
    const wanted = blurred(plane, width, height, step);
    arena.float32(dst ?? 0, count).forEach((value, i) => expect(value).toBeCloseTo(wanted[i] ?? NaN, 3));
  });

  it('keep of a band what its surroundings have above the noise', () => {
    const arena = SharedArena.create(1 << 16);
    const kernels = loadKernels(arena.memory);
    const [fine, coarse, energy, sum] = [0, 1, 2, 3].map(() => arena.allocate(16));
    arena.float32(fine ?? 0, 4).set([10, 10, 10, 10]);
    arena.float32(coarse ?? 0, 4).set([6, 6, 6, 12]);
    kernels.bandEnergy(fine ?? 0, coarse ?? 0, energy ?? 0, 4);
    expect([...arena.float32(energy ?? 0, 4)]).toEqual([16, 16, 16, 4]);
    arena.float32(energy ?? 0, 4).set([16, 8, 2, 0]);
    arena.float32(sum ?? 0, 4).fill(1);
    kernels.addBand(fine ?? 0, coarse ?? 0, energy ?? 0, sum ?? 0, 4, 4);
    const [most, half, nothing, dark] = arena.float32(sum ?? 0, 4);
    expect(most).toBeCloseTo(1 + 4 * 0.75, 4);
    expect(half).toBeCloseTo(1 + 4 * 0.5, 4);
    expect(nothing).toBe(1);
    expect(dark).toBe(1);
  });

  it('count the sizes of a band’s coefficients, and add planes', () => {
    const arena = SharedArena.create(1 << 16);
    const kernels = loadKernels(arena.memory);
    const [fine = 0, coarse = 0, bins = 0] = [0, 1, 2].map(() => arena.allocate(32));
    arena.float32(fine, 8).set([1, 2, 3, 4, 5, 6, 7, 100]);
    arena.float32(coarse, 8).set([1, 1, 4, 4.4, 5.6, 4, 4, 0]);
    arena.int32(bins, 4).set([10, 0, 0, 0]);
    kernels.countBand(fine, coarse, 8, 2, bins, 4);
    // Sizes 0, 1, 1, 0.4, 0.6, 2, 3 and 100, in halves.
    expect([...arena.int32(bins, 4)]).toEqual([12, 1, 2, 3]);
    kernels.addPlanes(fine, coarse, fine, 8);
    expect(arena.float32(fine, 8)[3]).toBeCloseTo(8.4, 5);
    expect(arena.float32(fine, 8)[7]).toBe(100);
  });
});
