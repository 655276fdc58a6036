import { beforeAll, describe, expect, it } from 'vitest';
import { SharedArena } from '../frames/shared-arena.js';
import { loadKernels, type Kernels } from './kernel-module.js';
import * as blotches from './reference/film-blotches.js';
import * as motion from './reference/block-motion.js';

/** Padded size and stride; the picture itself is smaller, and no multiple of a block. */
const [WIDTH, HEIGHT, MARGIN] = [128, 96, 32];
const STRIDE = WIDTH + 2 * MARGIN;
const PICTURE = { width: 118, height: 74 } as const;

let arena: SharedArena;
let kernels: Kernels;

beforeAll(() => {
  arena = SharedArena.create(8 << 20);
  kernels = loadKernels(arena.memory);
});

/** Random numbers from a seed (Numerical Recipes' linear congruence). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

/** A textured picture, moved by some pixels, with noise and a blot of its own. */
function picture(seed: number, dx: number, dy: number): motion.Level {
  const next = random(seed);
  const [left, top] = [20 + Math.floor(next() * 70), 10 + Math.floor(next() * 40)];
  const { width, height } = PICTURE;
  const data = Uint8Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [(i % width) + dx, Math.floor(i / width) + dy];
    const isBlot = Math.hypot((i % width) - left, Math.floor(i / width) - top) < 9;
    if (isBlot) return 240;
    return 120 + 50 * Math.sin(x / 7 + y / 13) + 40 * Math.cos(x / 3.1 - y / 4.3) + 12 * next();
  });
  return { data, width, height };
}

interface Level {
  readonly address: number;
  readonly plain: motion.Level;
}

function place(data: Uint8Array): number {
  const address = arena.allocate(data.length + 64);
  arena.bytes(address, data.length).set(data);
  return address;
}

function emptyLevel(width: number, height: number): number {
  const stride = width + 2 * MARGIN;
  return arena.allocate(stride * (height + 2 * MARGIN) + 64) + MARGIN * stride + MARGIN;
}

function readLevel(address: number, width: number, height: number): Uint8Array {
  const stride = width + 2 * MARGIN;
  const out = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) out.set(arena.bytes(address + y * stride, width), y * width);
  return out;
}

/** Full, half and quarter size of a picture by the kernels, and in plain form. */
function pyramid(source: motion.Level, gain = 256, bias = 0): readonly [Level, Level, Level] {
  const src = place(source.data);
  const at = [1, 2, 4].map((scale) => emptyLevel(WIDTH / scale, HEIGHT / scale)) as [number, number, number];
  kernels.padPlane(
    src, source.width, source.width, source.height, at[0], STRIDE, WIDTH, HEIGHT, gain, bias,
  ); // prettier-ignore
  kernels.halvePlane(at[0], STRIDE, at[1], WIDTH / 2 + 64, WIDTH / 2, HEIGHT / 2);
  kernels.halvePlane(at[1], WIDTH / 2 + 64, at[2], WIDTH / 4 + 64, WIDTH / 4, HEIGHT / 4);
  const full = motion.padPlane(source, WIDTH, HEIGHT, gain, bias);
  const half = motion.halvePlane(full);
  return [
    { address: at[0], plain: full },
    { address: at[1], plain: half },
    { address: at[2], plain: motion.halvePlane(half) },
  ];
}

function readField(address: number, blocks: number): [number, number][] {
  const values = new Int16Array(arena.memory.buffer, address, blocks * 2);
  return Array.from({ length: blocks }, (_, i) => [values[2 * i] ?? 0, values[2 * i + 1] ?? 0]);
}

describe('luma pyramids', () => {
  it.each([
    [256, 0],
    [300, -20],
    [200, 30],
  ])('pads, maps light by %i/256 and %i, halves and repeats the edge', (gain, bias) => {
    for (const [n, { address, plain }] of pyramid(picture(1, 0, 0), gain, bias).entries()) {
      const [width, height] = [WIDTH >> n, HEIGHT >> n];
      expect(readLevel(address, width, height)).toEqual(plain.data);
      const stride = width + 2 * MARGIN;
      const corner = arena.bytes(address - MARGIN * stride - MARGIN, 1)[0];
      expect(corner).toBe(plain.data[0]);
      const last = arena.bytes(address + (height - 1 + MARGIN) * stride + width - 1 + MARGIN, 1)[0];
      expect(last).toBe(plain.data[width * height - 1]);
    }
  });
});

describe('block motion', () => {
  it.each([1, 2, 3])('does on each level what its plain form does (%i)', (seed) => {
    const cur = pyramid(picture(seed, 0, 0));
    const prev = pyramid(picture(seed + 10, 5 * seed, -3));
    const next = pyramid(picture(seed + 20, -4 * seed, 2));
    const [columns, rows] = [WIDTH / 16, HEIGHT / 16];
    const fields = [prev, next].map((ref) => {
      const coarse = arena.allocate(columns * rows);
      kernels.searchBlocks(cur[2].address, ref[2].address, WIDTH / 4 + 64, columns / 2, rows / 2, coarse, 8, 6);
      const plainCoarse = motion.searchBlocks(cur[2].plain, ref[2].plain, 8, 6);
      expect(readField(coarse, (columns * rows) / 4)).toEqual(plainCoarse);
      const middle = arena.allocate(columns * rows * 4);
      kernels.refineBlocks(
        cur[1].address, ref[1].address, WIDTH / 2 + 64, columns, rows, coarse, columns / 2, rows / 2, middle, 6,
      ); // prettier-ignore
      const plainMiddle = motion.refineBlocks(cur[1].plain, ref[1].plain, plainCoarse, columns / 2, 6);
      expect(readField(middle, columns * rows)).toEqual(plainMiddle);
      const blocks = arena.allocate(columns * rows * 4);
      kernels.finishBlocks(cur[0].address, ref[0].address, STRIDE, columns, rows, middle, blocks, 6);
      const plain = motion.finishBlocks(cur[0].plain, ref[0].plain, plainMiddle, 6);
      expect(readField(blocks, columns * rows)).toEqual(plain);
      return { blocks, plain, ref };
    });
    const [toPrev, toNext] = fields;
    if (!toPrev || !toNext) throw new Error('there are two neighbours');
    kernels.pairBlocks(
      cur[0].address, prev[0].address, next[0].address, STRIDE, columns, rows, toPrev.blocks, toNext.blocks, 6,
    ); // prettier-ignore
    const pairs = motion.pairBlocks(
      cur[0].plain, prev[0].plain, next[0].plain, toPrev.plain, toNext.plain, 6,
    ); // prettier-ignore
    expect(readField(toPrev.blocks, columns * rows)).toEqual(pairs[0]);
    expect(readField(toNext.blocks, columns * rows)).toEqual(pairs[1]);
    const fine = arena.allocate(columns * rows * 16);
    kernels.splitBlocks(cur[0].address, prev[0].address, STRIDE, columns, rows, toPrev.blocks, fine, 48);
    const plainFine = motion.splitBlocks(cur[0].plain, prev[0].plain, pairs[0], 48);
    expect(readField(fine, columns * rows * 4)).toEqual(plainFine);
    const compensated = emptyLevel(WIDTH, HEIGHT);
    kernels.compensatePlane(prev[0].address, STRIDE, 2 * columns, 2 * rows, fine, compensated);
    const plainPlane = motion.compensatePlane(prev[0].plain, plainFine);
    expect(readLevel(compensated, WIDTH, HEIGHT)).toEqual(plainPlane);
    expect(arena.bytes(compensated - 1, 1)[0]).toBe(plainPlane[0]);
  });
});

describe('comparison with neighbours', () => {
  it('does what its plain form does', () => {
    const levels = [picture(4, 0, 0), picture(5, 0, 0), picture(6, 0, 0)].map((source) => pyramid(source)[0]);
    const [cur, prev, next] = levels;
    if (!cur || !prev || !next) throw new Error('there are three pictures');
    const planes = {
      width: WIDTH,
      height: HEIGHT,
      cur: cur.plain.data,
      prev: prev.plain.data,
      next: next.plain.data,
    };
    const light = arena.allocate(1024);
    kernels.lightSums(cur.address, prev.address, STRIDE, WIDTH / 32, HEIGHT / 32, light);
    expect(arena.int32(light, (WIDTH * HEIGHT) / 1024).slice()).toEqual(blotches.lightSums(planes));
    const fits = arena.allocate(1024);
    const blocks = (WIDTH * HEIGHT) / 256;
    kernels.fitSums(cur.address, prev.address, next.address, STRIDE, WIDTH / 16, HEIGHT / 16, fits);
    const wanted = blotches.fitSums(planes);
    const got = new Uint16Array(arena.memory.buffer, fits, blocks * 4);
    wanted.forEach((sum, i) => (i % 4 === 3 ? undefined : expect(got[i]).toBe(sum)));

    const limits = Uint8Array.from({ length: blocks }, (_, i) => 4 + ((i * 7) % 40));
    const labels = arena.allocate(STRIDE * HEIGHT);
    kernels.markBlotches(
      cur.address, prev.address, next.address, STRIDE, WIDTH / 16, HEIGHT, place(limits), 7, labels,
    ); // prettier-ignore
    const plain = blotches.markBlotches(planes, limits, 7);
    for (let y = 0; y < HEIGHT; y++) {
      expect(arena.bytes(labels + y * STRIDE, WIDTH)).toEqual(plain.subarray(y * WIDTH, (y + 1) * WIDTH));
    }
    expect(plain.includes(2)).toBe(true);
  });

  it('shifts blocks within 0..255', () => {
    const [level] = pyramid(picture(7, 0, 0));
    const shifts = Uint8Array.from({ length: (WIDTH * HEIGHT) / 64 }, (_, i) => ((i * 37) % 90) - 45);
    kernels.shiftBlocks(level.address, STRIDE, WIDTH / 8, HEIGHT / 8, place(shifts));
    const signed = new Int8Array(shifts.buffer);
    const wanted = level.plain.data.map((value, i) => {
      const block = (Math.floor(i / WIDTH) >> 3) * (WIDTH / 8) + ((i % WIDTH) >> 3);
      return Math.min(255, Math.max(0, value + (signed[block] ?? 0)));
    });
    expect(readLevel(level.address, WIDTH, HEIGHT)).toEqual(wanted);
  });
});
