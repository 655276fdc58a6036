import { describe, expect, it } from 'vitest';
import { SharedArena } from '../frames/shared-arena.js';
import { planeLayout } from '../frames/picture-format.js';
import { KernelCrew } from '../kernels/kernel-crew.js';
import { frameAt } from './frame-view.js';
import { TemporalDenoiser } from './temporal-denoiser.js';

const SIZE = { width: 128, height: 96 };
const PIXELS = SIZE.width * SIZE.height;
const COLOUR = { matrix: 'bt709', range: 'limited' } as const;

/** Gaussian noise from a seed: the sum of twelve uniform numbers. */
function gaussian(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
  return () => Array.from({ length: 12 }, uniform).reduce((a, b) => a + b) - 6;
}

/** A filter with a picture to write to, and the level of each pixel as it comes out. */
function setUp(): {
  readonly denoiser: TemporalDenoiser;
  readonly write: (level: (x: number, y: number, plane: 'y' | 'u' | 'v') => number) => void;
  readonly add: (strength: number) => void;
  readonly luma: () => Float64Array;
  readonly chroma: () => Float64Array;
} {
  const { bytes } = planeLayout(SIZE.width, SIZE.height);
  const arena = SharedArena.create(bytes + TemporalDenoiser.bytes(SIZE) + 65536);
  const address = arena.allocate(bytes + 64);
  const input = frameAt(address, SIZE.width, SIZE.height);
  const denoiser = new TemporalDenoiser(new KernelCrew(arena.memory, 0), arena, SIZE);
  const memory = new Uint8Array(arena.memory.buffer);
  const levels = (at: number, count: number): Float64Array =>
    Float64Array.from(new Int16Array(arena.memory.buffer, at, count), (value) => value / 64);
  return {
    denoiser,
    write: (level) => {
      for (const plane of ['y', 'u', 'v'] as const) {
        const [stride, scale] = plane === 'y' ? [input.lumaStride, 1] : [input.chromaStride, 2];
        for (let y = 0; y < SIZE.height / scale; y++)
          for (let x = 0; x < SIZE.width / scale; x++)
            memory[input[plane] + y * stride + x] = Math.min(255, Math.max(0, Math.round(level(x, y, plane))));
      }
    },
    add: (strength) => denoiser.add(input, COLOUR, strength),
    luma: () => levels(denoiser.frame.y, PIXELS),
    chroma: () => levels(denoiser.frame.u, PIXELS / 4),
  };
}

function deviation(values: Float64Array, mean: number): number {
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

describe('the temporal noise filter', () => {
  it('takes most of the noise of a still scene away and knows how much there was', () => {
    const { denoiser, write, add, luma, chroma } = setUp();
    const noise = gaussian(1);
    for (let frame = 0; frame < 60; frame++) {
      write((_x, _y, plane) => (plane === 'y' ? 40 : 128) + 2 * noise());
      add(1);
    }
    expect(denoiser.noise).toBeGreaterThan(1.4);
    expect(denoiser.noise).toBeLessThan(2.8);
    expect(deviation(luma(), 40)).toBeLessThan(0.7);
    expect(deviation(chroma(), 128)).toBeLessThan(0.5);
  });

  it('follows what moves within two frames, and leaves no ghost', () => {
    const { write, add, luma } = setUp();
    const noise = gaussian(2);
    const bar = (at: number) => (x: number, _y: number, plane: string) =>
      (plane === 'y' ? (x >= at && x < at + 16 ? 90 : 40) : 128) + noise();
    for (let frame = 0; frame < 40; frame++) {
      write(bar(20));
      add(1);
    }
    for (let frame = 0; frame < 2; frame++) {
      write(bar(80));
      add(1);
    }
    const column = (x: number): number => {
      const values = luma();
      let sum = 0;
      for (let y = 0; y < SIZE.height; y++) sum += values[y * SIZE.width + x] ?? 0;
      return sum / SIZE.height;
    };
    expect(Math.abs(column(28) - 40)).toBeLessThan(2);
    expect(Math.abs(column(88) - 90)).toBeLessThan(2);
  });

  it('is the picture itself at strength 0', () => {
    const { write, add, luma, chroma } = setUp();
    const noise = gaussian(3);
    for (let frame = 0; frame < 5; frame++) {
      const [y, u] = [new Float64Array(PIXELS), new Float64Array(PIXELS / 4)];
      write((x, row, plane) => {
        const level = Math.round(100 + 8 * noise());
        if (plane === 'y') y[row * SIZE.width + x] = level;
        if (plane === 'u') u[(row * SIZE.width) / 2 + x] = level;
        return level;
      });
      add(0);
      expect(luma()).toEqual(y);
      expect(chroma()).toEqual(u);
    }
  });

  it('smooths blotches of coarsely coded chroma, and keeps edges between colours', () => {
    const { write, add, chroma } = setUp();
    // Blocks of 4x4 a level and a half up or down, as encoders leave them, beside a coloured surface.
    const blotch = (x: number, y: number): number => ((x >> 2) * 7 + (y >> 2) * 5) % 3;
    for (let frame = 0; frame < 10; frame++) {
      write((x, y, plane) => (plane === 'y' ? 30 : (x < 32 ? 128 : 150) + blotch(x, y)));
      add(1);
    }
    const values = chroma();
    const side = (left: boolean): Float64Array => values.filter((_, i) => (left ? i % 64 < 28 : i % 64 >= 36));
    for (const left of [true, false]) {
      const mean = side(left).reduce((a, b) => a + b) / side(left).length;
      expect(Math.abs(mean - (left ? 129 : 151))).toBeLessThan(0.5);
      expect(deviation(side(left), mean)).toBeLessThan(0.45);
    }
    for (let y = 0; y < 48; y++) expect((values[y * 64 + 32] ?? 0) - (values[y * 64 + 31] ?? 0)).toBeGreaterThan(18);
  });

  it('begins anew after a reset', () => {
    const { denoiser, write, add, luma } = setUp();
    write(() => 50);
    for (let frame = 0; frame < 10; frame++) add(1);
    denoiser.reset();
    write(() => 52);
    add(1);
    expect(luma()).toEqual(new Float64Array(PIXELS).fill(52));
  });
});
