import { beforeAll, describe, expect, it } from 'vitest';
import { SharedArena } from '../frames/shared-arena.js';
import { loadKernels, type Kernels } from './kernel-module.js';
import { sliceRgb } from './reference/slice-rgb.js';

let arena: SharedArena;
let kernels: Kernels;

beforeAll(() => {
  arena = SharedArena.create(16 << 20);
  kernels = loadKernels(arena.memory);
});

/** Numbers 0..1 that look random and are the same each time. */
function* numbers(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 4294967296;
  }
}

const SHAPES = [
  { width: 97, height: 40, columns: 6, rows: 4, bins: 8, channels: 3 },
  { width: 64, height: 33, columns: 1, rows: 1, bins: 2, channels: 4 },
  { width: 16, height: 16, columns: 1, rows: 2, bins: 3, channels: 3 },
] as const;

describe('photographs', () => {
  it.each(SHAPES.flatMap((shape) => ([8, 16] as const).map((depth) => ({ ...shape, depth }))))(
    'are sliced as the reference does, $width x $height, $channels channels, $depth bits',
    ({ width, height, columns, rows, bins, channels, depth }) => {
      const next = numbers(width * depth);
      const white = depth === 8 ? 255 : 65535;
      const count = width * height * channels;
      const source = Array.from({ length: count }, () => Math.round(next.next().value * white));
      const maps = Float32Array.from({ length: columns * rows * bins * 8 }, (_, i) => {
        if (i % 4 === 3) return 0;
        return i % 8 < 4 ? 0.5 + 2 * next.next().value : 30 * (next.next().value - 0.5);
      });
      const mapsAt = arena.allocate(maps.byteLength);
      arena.float32(mapsAt, maps.length).set(maps);
      const scratch = arena.allocate(Number(kernels.SLICE_RGB_TABLE.value) + columns * bins * 160);
      const [from, at] = [arena.allocate(count * 2 + 64), arena.allocate(count * 2 + 64)];
      const view = (address: number) =>
        depth === 8 ? arena.bytes(address, count) : new Uint16Array(arena.memory.buffer, address, count);
      view(from).set(source);
      const pixels = view(at);
      const slice = depth === 8 ? kernels.sliceRgb8 : kernels.sliceRgb16;
      // In two strips, which must fit together.
      const first = Math.floor(height / 3);
      const strip = first * width * channels * (depth / 8);
      slice(from, at, width, first, channels, 0, height, mapsAt, columns, rows, bins, scratch);
      slice(
        from + strip,
        at + strip,
        width,
        height - first,
        channels,
        first,
        height,
        mapsAt,
        columns,
        rows,
        bins,
        scratch,
      );
      const grid = { columns, rows, bins, maps };
      for (let i = 0; i < width * height; i++) {
        const p = i * channels;
        const pixel = [source[p] ?? 0, source[p + 1] ?? 0, source[p + 2] ?? 0] as const;
        const difference = (guide: (luma: number) => number): number => {
          const wanted = sliceRgb(grid, i % width, Math.floor(i / width), width, height, pixel, white, guide);
          return Math.max(...wanted.map((value, k) => Math.abs((pixels[p + k] ?? NaN) - value)));
        };
        // The tables of 8 bits have an entry for every half level; between two, either may be taken.
        const best =
          depth === 16
            ? difference((luma) => luma)
            : Math.min(...[Math.floor, Math.ceil].map((whole) => difference((luma) => whole(luma * 2) / 2)));
        expect(best).toBeLessThan(0.51 + 2e-5 * white);
        if (channels === 4) expect(pixels[p + 3]).toBe(source[p + 3]);
      }
    },
  );

  it('come back bit for bit through an identity grid', () => {
    const [width, height] = [50, 20];
    const next = numbers(9);
    const maps = Float32Array.from({ length: 8 * 4 }, (_, i) => (i % 8 < 3 ? 1 : 0));
    const mapsAt = arena.allocate(128);
    arena.float32(mapsAt, 32).set(maps);
    const at = arena.allocate(width * height * 6 + 64);
    const pixels = new Uint16Array(arena.memory.buffer, at, width * height * 3);
    pixels.forEach((_, i) => (pixels[i] = Math.round(next.next().value * 65535)));
    const before = Uint16Array.from(pixels);
    const to = arena.allocate(width * height * 6 + 64);
    kernels.sliceRgb16(
      at,
      to,
      width,
      height,
      3,
      0,
      height,
      mapsAt,
      2,
      1,
      2,
      arena.allocate(Number(kernels.SLICE_RGB_TABLE.value) + 4 * 160),
    );
    expect(new Uint16Array(arena.memory.buffer.slice(to, to + before.byteLength))).toEqual(before);
  });

  it.each([
    [3, 8],
    [4, 16],
  ] as const)('are summed in boxes, %i channels of %i bits', (channels, depth) => {
    const [width, rows, boxes] = [53, 7, 16];
    const next = numbers(channels);
    const count = width * rows * channels;
    const at = arena.allocate(count * 2 + 64);
    const pixels = depth === 8 ? arena.bytes(at, count) : new Uint16Array(arena.memory.buffer, at, count);
    pixels.forEach((_, i) => (pixels[i] = Math.round(next.next().value * (2 ** depth - 1))));
    const sums = arena.allocate(boxes * 16);
    (depth === 8 ? kernels.sumRows8 : kernels.sumRows16)(at, width, rows, channels, sums, boxes);
    for (let box = 0; box < boxes; box++) {
      const wanted = [0, 0, 0];
      for (let y = 0; y < rows; y++)
        for (let x = Math.floor((box * width) / boxes); x < Math.floor(((box + 1) * width) / boxes); x++)
          for (const k of [0, 1, 2]) wanted[k] = (wanted[k] ?? 0) + (pixels[(y * width + x) * channels + k] ?? 0);
      wanted.forEach((sum, k) => expect(arena.float32(sums, boxes * 4)[box * 4 + k]).toBeCloseTo(sum, 0));
    }
  });
});
