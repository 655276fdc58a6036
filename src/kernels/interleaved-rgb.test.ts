import { describe, expect, it } from 'vitest';
import { SharedArena } from '../frames/shared-arena.js';
import { loadKernels } from './kernel-module.js';

const COUNT = 37;

describe.each([
  { depth: 8, channels: 3 },
  { depth: 8, channels: 4 },
  { depth: 16, channels: 3 },
  { depth: 16, channels: 4 },
])('interleaved pixels of $depth bits, $channels channels', ({ depth, channels }) => {
  const arena = SharedArena.create(1 << 16);
  const kernels = loadKernels(arena.memory);
  const white = 2 ** depth - 1;
  const [at, rgb] = [arena.allocate(COUNT * 8), arena.allocate(COUNT * 12)];
  const { buffer } = arena.memory;
  const pixels = depth === 8 ? new Uint8Array(buffer, at, COUNT * channels) : new Uint16Array(buffer, at, COUNT * channels); // prettier-ignore
  const planes = arena.float32(rgb, COUNT * 3);
  const value = (i: number): number => (i * 7919) % (white + 1);

  it('become planes of 0..1', () => {
    pixels.forEach((_, i) => (pixels[i] = value(i)));
    kernels.unpackRgb(at, rgb, COUNT, channels, depth);
    for (let i = 0; i < COUNT; i++) {
      for (let k = 0; k < 3; k++) {
        expect(planes[k * COUNT + i]).toBe(Math.fround(value(i * channels + k) * (1 / white)));
      }
    }
  });

  it('are rounded from planes, and keep what is beyond three channels', () => {
    pixels.fill(99);
    planes.forEach((_, i) => (planes[i] = ((i * 31) % 1000) / 999));
    // From the fourth pixel on, as a part of a row.
    kernels.packRgb(rgb + 12, COUNT * 4, at + (3 * channels * depth) / 8, COUNT - 5, channels, depth);
    pixels.forEach((written, i) => {
      const [pixel, k] = [Math.floor(i / channels), i % channels];
      const isPart = k < 3 && pixel >= 3 && pixel < COUNT - 2;
      expect(written).toBe(isPart ? Math.round((planes[k * COUNT + pixel] ?? 0) * white) : 99);
    });
  });
});
