import { beforeAll, describe, expect, it } from 'vitest';
import { colourCoefficients } from '../frames/picture-format.js';
import { SharedArena } from '../frames/shared-arena.js';
import { loadKernels, type Kernels } from './kernel-module.js';
import * as grids from './reference/bilateral-grid.js';
import { rgbToYuv, yuvToRgb } from './reference/colour-conversion.js';
import { downsample } from './reference/downsample.js';
import { smoothPlane } from './reference/edge-smooth.js';
import { noiseHistograms } from './reference/noise-level.js';
import { denoisePlane } from './reference/temporal-denoise.js';

/** Random numbers from a seed (mulberry32), so that a failure can be repeated. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

let arena: SharedArena;
let kernels: Kernels;

beforeAll(() => {
  arena = SharedArena.create(64 << 20);
  kernels = loadKernels(arena.memory);
});

function place(
  values: ArrayLike<number> & { readonly BYTES_PER_ELEMENT: number; readonly buffer: ArrayBufferLike },
): number {
  const bytes = values.length * values.BYTES_PER_ELEMENT;
  const address = arena.allocate(bytes + 64);
  arena.bytes(address, bytes).set(new Uint8Array(values.buffer, 0, bytes));
  return address;
}

function randomBytes(length: number, next: () => number, low = 0, high = 255): Uint8Array {
  return Uint8Array.from({ length }, () => low + Math.floor(next() * (high - low + 1)));
}

function randomFloats(length: number, next: () => number, low: number, high: number): Float32Array {
  return Float32Array.from({ length }, () => low + next() * (high - low));
}

const SIZES = [
  [1920, 1080, 256, 144],
  [854, 480, 256, 144],
  [50, 34, 48, 32],
  [16, 16, 16, 16],
  [24, 2040, 8, 8],
] as const;

describe('downsampling', () => {
  it.each(SIZES)('averages a %ix%i plane to %ix%i', (width, height, dstWidth, dstHeight) => {
    const next = random(width + height);
    const source = randomBytes(width * height, next);
    const src = place(source);
    const dst = arena.allocate(dstWidth * dstHeight * 4);
    const sums = arena.allocate((width + 16) * 2);
    kernels.downsamplePlane(src, width, width, height, dst, dstWidth, dstHeight, sums);
    const wanted = downsample(source, width, width, height, dstWidth, dstHeight);
    const got = arena.float32(dst, dstWidth * dstHeight);
    wanted.forEach((value, i) => expect(got[i]).toBeCloseTo(value, 3));

    const small = arena.allocate(32 * 18 * 4);
    kernels.downsampleFloat(dst, dstWidth, dstHeight, small, 4, 3);
    downsample(wanted, dstWidth, dstWidth, dstHeight, 4, 3).forEach((value, i) =>
      expect(arena.float32(small, 12)[i]).toBeCloseTo(value, 2),
    );
  });

  it('samples rows where more than 256 fall into one box', () => {
    const height = 4320;
    const source = new Uint8Array(16 * height).fill(200);
    const dst = arena.allocate(8 * 8 * 4);
    kernels.downsamplePlane(place(source), 16, 16, height, dst, 8, 8, arena.allocate(64));
    arena.float32(dst, 64).forEach((value) => expect(value).toBe(200));
  });
});

describe('colour conversion', () => {
  it.each([
    ['bt601', 'limited'],
    ['bt709', 'limited'],
    ['bt709', 'full'],
    ['bt2020', 'limited'],
  ] as const)('%s %s matches the reference both ways and returns what it was given', (matrix, range) => {
    const c = colourCoefficients(matrix, range);
    const next = random(7);
    const count = 64;
    const rgb = randomFloats(3 * count, next, 0, 1);
    const rgbAt = place(rgb);
    const planes = [0, 1, 2].map(() => arena.allocate(count * 4)) as [number, number, number];
    const back = arena.allocate(3 * count * 4);
    kernels.rgbToYuv(
      rgbAt, ...planes, count, c.black, c.lumaScale, c.chromaScale, c.redWeight, c.blueWeight, c.redFromV, c.blueFromU,
    ); // prettier-ignore
    kernels.yuvToRgb(
      ...planes, back, count, c.black, c.lumaScale, c.chromaScale, c.redFromV, c.greenFromU, c.greenFromV, c.blueFromU,
    ); // prettier-ignore
    const [y, u, v] = planes.map((p) => arena.float32(p, count)) as [Float32Array, Float32Array, Float32Array];
    for (let i = 0; i < count; i++) {
      const pixel = [0, 1, 2].map((k) => rgb[k * count + i] ?? 0) as [number, number, number];
      const wanted = rgbToYuv(c, ...pixel);
      [y[i], u[i], v[i]].forEach((value, k) => expect(value).toBeCloseTo(wanted[k] ?? NaN, 3));
      const again = yuvToRgb(c, ...wanted);
      for (let k = 0; k < 3; k++) {
        expect(arena.float32(back, 3 * count)[k * count + i]).toBeCloseTo(again[k] ?? NaN, 4);
        expect(again[k]).toBeCloseTo(pixel[k] ?? NaN, 6);
      }
    }
  });

  it('clamps what lies outside the colour solid', () => {
    const c = colourCoefficients('bt709', 'limited');
    const planes = [place(new Float32Array(4).fill(254)), place(new Float32Array(4).fill(20)), place(new Float32Array(4).fill(250))] as const; // prettier-ignore
    const rgb = arena.allocate(48);
    kernels.yuvToRgb(
      ...planes, rgb, 4, c.black, c.lumaScale, c.chromaScale, c.redFromV, c.greenFromU, c.greenFromV, c.blueFromU,
    ); // prettier-ignore
    const wanted = yuvToRgb(c, 254, 20, 250);
    expect(arena.float32(rgb, 12)[0]).toBe(1);
    expect(arena.float32(rgb, 12)[8]).toBeCloseTo(wanted[2], 5);
  });
});

describe('edge-preserving smoothing', () => {
  it.each([
    [64, 20, 4, 200],
    [53, 11, 2, 40],
    [16, 4, 4, 2047],
    [24, 9, 1, 300],
    [8, 3, 4, 500],
    [5, 7, 2, 500],
    [37, 2, 1, 0],
  ])('matches the reference bit for bit at %ix%i', (width, height, step, threshold) => {
    const next = random(width * height);
    const source = Int16Array.from({ length: width * height }, () => 8192 + Math.round((next() - 0.5) * 6 * threshold));
    const dst = arena.allocate(source.byteLength);
    kernels.smoothPlane(
      place(source),
      dst,
      width,
      height,
      step,
      threshold,
      arena.allocate(kernels.smoothScratchBytes(width)),
    );
    const got = new Int16Array(arena.memory.buffer.slice(dst, dst + source.byteLength));
    expect(got).toEqual(smoothPlane(source, width, height, step, threshold));
  });

  it('takes noise away and leaves an edge as it is', () => {
    const [width, height] = [64, 32];
    const next = random(3);
    const source = Int16Array.from({ length: width * height }, (_, i) =>
      Math.round(8192 + (i % width < 32 ? 0 : 640) + (next() - 0.5) * 128),
    );
    const dst = arena.allocate(source.byteLength);
    kernels.smoothPlane(place(source), dst, width, height, 1, 160, arena.allocate(kernels.smoothScratchBytes(width)));
    const got = new Int16Array(arena.memory.buffer.slice(dst, dst + source.byteLength));
    const deviation = (plane: Int16Array, side: number): number => {
      const part = plane.filter((_, i) => (i % width < 32 ? 0 : 1) === side);
      const mean = part.reduce((a, b) => a + b) / part.length;
      expect(Math.abs(mean - 8192 - side * 640)).toBeLessThan(4);
      return Math.sqrt(part.reduce((a, b) => a + (b - mean) ** 2, 0) / part.length);
    };
    for (const side of [0, 1]) expect(deviation(got, side)).toBeLessThan(0.5 * deviation(source, side));
  });
});

describe('temporal noise filter', () => {
  it.each([
    [64, 20, 3000, 150, 150],
    [53, 11, 1, 0, 1],
    [16, 4, 32767, 500, 20],
    [37, 2, 2000, 4000, 25500],
  ])('matches the reference bit for bit at %ix%i', (width, height, still, threshold, span) => {
    const next = random(width * height);
    const average = new Int16Array(width * height);
    const averageAt = place(average);
    const scratch = arena.allocate(kernels.denoiseScratchBytes(width));
    const first = randomBytes(width * height, next);
    kernels.resetAverage(place(first), width, width, height, averageAt);
    first.forEach((level, i) => (average[i] = level * 64));
    for (let frame = 0; frame < 4; frame++) {
      // Half of the frames are the first with noise, so that slow and fast rates both occur.
      const source = frame % 2 === 0 ? first.map((p) => Math.min(255, Math.max(0, p + Math.round(6 * next() - 3)))) : randomBytes(width * height, next); // prettier-ignore
      kernels.denoisePlane(place(source), width, width, height, averageAt, scratch, still, threshold, span);
      denoisePlane(source, width, height, average, still, threshold, span);
      expect(new Int16Array(arena.memory.buffer.slice(averageAt, averageAt + average.byteLength))).toEqual(average);
    }
  });

  it('measures noise as the reference does', () => {
    const [width, height] = [200, 130];
    const next = random(5);
    const source = randomBytes(width * height, next, 10, 40);
    const average = Int16Array.from(source, (p) => Math.round((p + 4 * next() - 2) * 64));
    const bins = arena.allocate(2048);
    kernels.noiseHistograms(place(source), width, width, height, place(average), bins, 20);
    const wanted = noiseHistograms(source, width, height, average, 20);
    const got = new Uint32Array(arena.memory.buffer.slice(bins, bins + 2048));
    expect(got.subarray(0, 256)).toEqual(wanted.temporal);
    expect(got.subarray(256)).toEqual(wanted.spatial);
    expect(wanted.temporal.reduce((a, b) => a + b)).toBeGreaterThan(5);
  });
});

/** One random grid with everything the slice kernels need, and the reference's maps for it. */
function makeGrid(shape: grids.GridShape, width: number, height: number, seed: number) {
  const next = random(seed);
  const { columns, rows, bins, black, white } = shape;
  const [w, h] = [64, 36];
  const planes: grids.FitPlanes = {
    y: randomFloats(w * h, next, black, 120),
    u: randomFloats(w * h, next, 110, 150),
    v: randomFloats(w * h, next, 100, 140),
    targetY: randomFloats(w * h, next, 60, 220),
    targetU: randomFloats(w * h, next, 100, 160),
    targetV: randomFloats(w * h, next, 100, 160),
  };
  const nodes = columns * rows * bins;
  const sums = arena.allocate(nodes * 64 + 64);
  const spread = arena.allocate(nodes * 64 + 64);
  const scratch = arena.allocate(nodes * 64 + 64);
  const at = (['y', 'u', 'v', 'targetY', 'targetU', 'targetV'] as const).map((name) => place(planes[name]));
  kernels.fitGrid(
    ...(at as [number, number, number, number, number, number]), w, h, sums, columns, rows, bins, black, 1 / (white - black),
    arena.allocate(bins * 128),
  ); // prettier-ignore
  const wantedSums = grids.fitGrid(shape, planes, w, h);
  kernels.spreadSums(sums, spread, scratch, columns, rows, bins, 0.2, 0.02, 0.001);
  const wantedSpread = grids.spreadSums(shape, wantedSums, { near: 0.2, bin: 0.02, all: 0.001 });
  const luma = arena.allocate(nodes * 8);
  const chroma = arena.allocate(nodes * 16);
  kernels.solveGrid(spread, nodes, luma, chroma, 4, 0.01, black, white, 16);
  const maps = grids.solveGrid(shape, wantedSpread, { ridge: 4, anchor: 0.01, maxGain: 16 });

  const snap = (n: number, count: number, length: number, step: number): number =>
    Math.round((((n + 0.5) * length) / count - 0.5) / step) * step;
  const positions = {
    x: Array.from({ length: columns }, (_, n) => snap(n, columns, width, 8)),
    y: Array.from({ length: rows }, (_, n) => snap(n, rows, height, 2)),
  };
  return { planes, sums, wantedSums, spread, wantedSpread, luma, chroma, maps, positions, nodes };
}

const GRIDS = [
  [{ columns: 6, rows: 4, bins: 8, black: 16, white: 235 }, 214, 118],
  [{ columns: 24, rows: 14, bins: 8, black: 0, white: 255 }, 1280, 720],
  [{ columns: 1, rows: 1, bins: 2, black: 16, white: 235 }, 16, 16],
] as const;

describe('bilateral grid', () => {
  it.each(GRIDS)('gathers, spreads and solves %o as the reference does', (shape, width, height) => {
    const grid = makeGrid(shape, width, height, 11);
    const close = (got: Float32Array, wanted: Float64Array, relative: number): void => {
      wanted.forEach((value, i) =>
        expect(Math.abs((got[i] ?? NaN) - value)).toBeLessThanOrEqual(relative * Math.max(1, Math.abs(value))),
      );
    };
    close(arena.float32(grid.sums, grid.nodes * 16), grid.wantedSums, 1e-3);
    close(arena.float32(grid.spread, grid.nodes * 16), grid.wantedSpread, 1e-3);
    close(arena.float32(grid.luma, grid.nodes * 2), grid.maps.luma, 2e-2);
    close(arena.float32(grid.chroma, grid.nodes * 4), grid.maps.chroma, 2e-2);
  });

  it('forgets old sums exponentially', () => {
    const target = place(Float32Array.of(1, 2, 3, 4));
    kernels.forgetAndAdd(target, place(Float32Array.of(10, 20, 30, 40)), 4, 0.5);
    expect([...arena.float32(target, 4)]).toEqual([10.5, 21, 31.5, 42]);
  });
});

describe('tables', () => {
  it('are approached by a share of the way, and reached', () => {
    const [from, to] = [Int16Array.of(0, 100, -32767, 16320, 1, 7, -5, 32767), Int16Array.of(1000, -100, 32767, 0, 1, 8, -6, -32767)]; // prettier-ignore
    const [tables, target] = [place(from), place(to)];
    kernels.approachTables(tables, target, 16, 16384);
    const half = [...new Int16Array(arena.memory.buffer, tables, 8)];
    // What lies further apart than 16 bits hold goes as far as they do.
    [500, 0, -16384, 8160, 1, 8, -6, 16383].forEach((wanted, i) =>
      expect(Math.abs((half[i] ?? NaN) - wanted)).toBeLessThanOrEqual(1),
    );
    kernels.approachTables(tables, target, 16, 32768);
    expect([...new Int16Array(arena.memory.buffer, tables, 8)]).toEqual([...to]);
  });
});

describe('slicing', () => {
  it.each(GRIDS.flatMap((grid) => [1, 0.4, 0].map((strength) => [...grid, strength] as const)))(
    'maps a picture through %o at %ix%i as the reference does, strength %d',
    (shape, width, height, strength) => {
      const { columns, rows, bins, black, white } = shape;
      const grid = makeGrid(shape, width, height, 23);
      const spatial = columns * rows;
      const lumaTables = arena.allocate(spatial * kernels.LUMA_ENTRIES.value * 2 + 16);
      const chromaTables = arena.allocate(spatial * kernels.CHROMA_ENTRIES.value * 8);
      const scale = 1 / (white - black);
      kernels.buildTables(
        grid.luma, grid.chroma, spatial, bins, black, scale, strength, lumaTables, chromaTables,
        arena.allocate(Number(kernels.TABLES_SCRATCH.value)),
      ); // prettier-ignore
      const nodeX = place(Int32Array.from(grid.positions.x));
      const nodeY = place(Int32Array.from(grid.positions.y));
      const chromaX = place(Int32Array.from(grid.positions.x, (x) => x / 2));
      const weights = [1, 2].map((copies) => {
        const at = arena.allocate(width * 4 * copies);
        kernels.columnWeights(nodeX, columns, width, at, copies);
        return at;
      });
      const chromaWeights = arena.allocate(width * 8);
      kernels.columnWeights(chromaX, columns, width / 2, chromaWeights, 4);

      const next = random(3);
      const [cw, ch] = [width / 2, height / 2];
      const luma = randomBytes(width * height, next, black, 160);
      const u = randomBytes(cw * ch, next, 90, 170);
      const v = randomBytes(cw * ch, next, 90, 170);
      const scratch = arena.allocate(8192);
      const fine = (source: Uint8Array, fraction: number): Int16Array =>
        Int16Array.from(source, (p) => p * 64 + fraction);

      for (const fraction of [null, 0, 37] as const) {
        const [outY, outU, outV] = [width * height, cw * ch, cw * ch].map((n) => arena.allocate(n + 64)) as [number, number, number]; // prettier-ignore
        const sources = [luma, u, v].map((p) => place(fraction === null ? p : fine(p, fraction))) as [number, number, number]; // prettier-ignore
        const sliceLuma = fraction === null ? kernels.sliceLuma8 : kernels.sliceLuma16;
        const sliceChroma = fraction === null ? kernels.sliceChroma8 : kernels.sliceChroma16;
        // In parts, as threads share a picture.
        const cut = (height / 2) & ~1;
        for (const [from, to] of [
          [0, cut],
          [cut, height],
        ] as const) {
          sliceLuma(
            sources[0], width, outY, width, width, height, from, to, lumaTables, columns, rows, nodeX, nodeY,
            weights[fraction === null ? 0 : 1] ?? 0, scratch,
          ); // prettier-ignore
          sliceChroma(
            sources[0], width, sources[1], sources[2], cw, outU, outV, cw, cw, ch, from / 2, to / 2, chromaTables, columns, rows,
            nodeX, nodeY, chromaWeights, scratch,
          ); // prettier-ignore
        }
        const shift = (fraction ?? 0) / 64;
        const worst = { y: 0, u: 0, v: 0 };
        const note = (plane: 'y' | 'u' | 'v', got: number | undefined, wanted: number): void => {
          worst[plane] = Math.max(worst[plane], Math.abs((got ?? NaN) - wanted));
        };
        for (let y = 0; y < height; y += 3) {
          for (let x = 0; x < width; x += 1) {
            const level = (luma[y * width + x] ?? 0) + shift;
            // Rows share a table in pairs, blended for the line between them.
            const wanted = grids.sliceLuma(shape, grid.maps, grid.positions, x, (y & ~1) + 0.5, level, strength);
            note('y', arena.bytes(outY, width * height)[y * width + x], wanted);
          }
        }
        for (let y = 0; y < ch; y += 2) {
          for (let x = 0; x < cw; x += 1) {
            const i = y * cw + x;
            const corner = 2 * y * width + 2 * x;
            const guide = [0, 1, width, width + 1].reduce((sum, k) => sum + (luma[corner + k] ?? 0), 0) / 4 + shift;
            const at = [grid.positions, 2 * x, 2 * y, guide] as const;
            const [cu, cv] = [(u[i] ?? 0) + shift, (v[i] ?? 0) + shift];
            note('u', arena.bytes(outU, cw * ch)[i], grids.sliceChroma(shape, grid.maps, 'u', ...at, cu, strength));
            note('v', arena.bytes(outV, cw * ch)[i], grids.sliceChroma(shape, grid.maps, 'v', ...at, cv, strength));
          }
        }
        if (strength === 0 && fraction === null) expect(Math.max(worst.y, worst.u, worst.v)).toBeLessThan(1e-9);
        // Rounding to whole levels is 0.5; the rest is the tables' six fractional bits and the 256ths of the weights.
        expect(worst.y).toBeLessThan(1.3);
        expect(worst.u).toBeLessThan(1.3);
        expect(worst.v).toBeLessThan(1.3);
      }
    },
  );
});
