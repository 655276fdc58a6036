import { BilateralGrid } from '../src/enhance/bilateral-grid.js';
import { frameAt, type FrameView } from '../src/enhance/frame-view.js';
import { gridGeometry } from '../src/enhance/grid-geometry.js';
import { gridFloats, solveMaps } from '../src/enhance/grid-solver.js';
import { PhotoGrid, type PhotoShape } from '../src/enhance/photo-grid.js';
import { TemporalDenoiser } from '../src/enhance/temporal-denoiser.js';
import { WorkingPicture } from '../src/enhance/working-picture.js';
import { workingSize, type Size } from '../src/enhance/working-size.js';
import { colourCoefficients, planeLayout, type PictureFormat } from '../src/frames/picture-format.js';
import { SharedArena } from '../src/frames/shared-arena.js';
import { KernelCrew } from '../src/kernels/kernel-crew.js';
import { loadKernels, type Kernels } from '../src/kernels/kernel-module.js';
import { halfSize } from '../src/stream/extra-pictures.js';
import { sideBySide } from '../src/stream/side-by-side.js';
import { networkStageOf } from './recipe-network.js';

/** A kernel, or some that belong together, at work. */
export interface KernelWork {
  readonly label: string;
  /** What it works on, in words. */
  readonly on: string;
  /** Pixels of that; nodes, for what works on grids. */
  readonly count: number;
  /** Bytes of each that must be read or written, whatever the kernel computes: its input once and its output once. */
  readonly bytes: number;
  readonly run: () => void;
}

const FORMAT: PictureFormat = { width: 1920, height: 1080, matrix: 'bt709', range: 'limited' };
const GRID = networkStageOf('night-cctv').grid;
/** Long sides of the small copies that grids are fitted on: the recipes', and one that a faster machine could afford. */
const FITTED_AT = [256, 512] as const;

/** Kernels as a stream of 1080p and a photograph of that size use them, on one picture (I420 without padding). */
export function kernelWorks(picture: Uint8Array): readonly KernelWork[] {
  return [...streamWorks(picture), ...FITTED_AT.flatMap((side) => smallWorks(side)), ...photoWorks()];
}

/** What runs for every frame. */
function streamWorks(picture: Uint8Array): KernelWork[] {
  const { width, height } = FORMAT;
  const { bytes } = planeLayout(width, height);
  const size = workingSize(FORMAT, FITTED_AT[0]);
  const geometry = gridGeometry(FORMAT, GRID);
  const arena = SharedArena.create(
    8 * bytes + TemporalDenoiser.bytes(FORMAT) + BilateralGrid.bytes(geometry, FORMAT) + (4 << 20),
  );
  const crew = new KernelCrew(arena.memory, 0);
  const { kernels } = crew;
  const [inputAt, outputAt, bothAt] = [bytes + 64, bytes + 64, 2 * bytes + 64].map((length) => arena.allocate(length));
  arena.bytes(inputAt ?? 0, bytes).set(picture);
  const [input, output] = [frameAt(inputAt ?? 0, width, height), frameAt(outputAt ?? 0, width, height)];
  const half = halfSize(FORMAT);
  const small = frameAt(arena.allocate(planeLayout(half.width, half.height).bytes + 64), half.width, half.height);
  const working = new WorkingPicture(kernels, arena, size, width);
  const denoiser = new TemporalDenoiser(crew, arena, FORMAT);
  denoiser.add(input, FORMAT, 0.8);
  const grid = new BilateralGrid(crew, arena, geometry, FORMAT, size);
  grid.learn(brightened(kernels, arena, size, geometry), 0);
  const all = new Uint8Array(arena.memory.buffer);
  const [on, count] = [`${width}x${height}`, width * height];
  const sizes = { read: bytes / count, small: (size.width * size.height * 12) / count };
  return [
    { label: 'downsample, three planes', on, count, bytes: sizes.read + sizes.small, run: () => average(working, input) },
    // Average of luma read and written in 16 bits, of chroma too, and the smoothed chroma.
    { label: 'temporal noise filter, whole', on, count, bytes: sizes.read + 6 + 1, run: () => denoiser.add(input, FORMAT, 0.8) },
    { label: 'slice, luma and chroma, of the noise filter’s 16 bits', on, count, bytes: 3 + sizes.read, run: () => grid.slice(input, denoiser.frame, output, FORMAT, 1) },
    { label: 'slice, luma and chroma, of 8 bits', on, count, bytes: 2 * sizes.read, run: () => grid.slice(input, null, output, FORMAT, 1) },
    { label: 'split view, side by side', on, count, bytes: 4 * sizes.read, run: () => sideBySide(all, input, output, bothAt ?? 0) },
    { label: 'half size, three planes', on, count, bytes: 1.25 * sizes.read, run: () => halve(kernels, output, small) },
  ]; // prettier-ignore
}

/** All three planes. */
function average(working: WorkingPicture, input: FrameView): void {
  working.fill(input);
  working.fillChroma();
}

/** Sums of a grid that brightens, on the size of the recipes. */
function brightened(
  kernels: Kernels,
  arena: SharedArena,
  size: Size,
  geometry: ReturnType<typeof gridGeometry>,
): number {
  const small = new SmallPictures(kernels, arena, size);
  small.toRgb();
  small.brighten();
  small.toYuv();
  const sums = arena.allocate(gridFloats(geometry) * 4);
  small.fit(geometry, sums);
  return sums;
}

function halve(kernels: Kernels, from: FrameView, to: FrameView): void {
  const { width, height, lumaStride, chromaStride } = to;
  kernels.halveRows(from.y, from.lumaStride, to.y, lumaStride, width, height);
  kernels.halveRows(from.u, from.chromaStride, to.u, chromaStride, width / 2, height / 2);
  kernels.halveRows(from.v, from.chromaStride, to.v, chromaStride, width / 2, height / 2);
}

/** What runs for every answer of the network, on a small copy. */
function smallWorks(side: number): KernelWork[] {
  const size = workingSize(FORMAT, side);
  const geometry = gridGeometry(FORMAT, GRID);
  const nodes = geometry.columns * geometry.rows * geometry.bins;
  const pixels = size.width * size.height;
  const arena = SharedArena.create(pixels * 4 * 12 + nodes * 400 + (4 << 20));
  const kernels = loadKernels(arena.memory);
  const small = new SmallPictures(kernels, arena, size);
  const sums = arena.allocate(nodes * 64);
  const on = `${size.width}x${size.height}`;
  const works: KernelWork[] = [
    { label: `Y’CbCr to RGB, ${on}`, on, count: pixels, bytes: 24, run: () => small.toRgb() },
    { label: `RGB to Y’CbCr, ${on}`, on, count: pixels, bytes: 24, run: () => small.toYuv() },
    { label: `fit of the grid, ${on}`, on, count: pixels, bytes: 24 + (128 * nodes) / pixels, run: () => small.fit(geometry, sums) },
  ]; // prettier-ignore
  small.toRgb();
  small.brighten();
  small.toYuv();
  small.fit(geometry, sums);
  if (side !== FITTED_AT[0]) return works;
  const at = {
    sums,
    spread: arena.allocate(nodes * 64 + 64),
    scratch: arena.allocate(nodes * 64 + 64),
    luma: arena.allocate(nodes * 8),
    chroma: arena.allocate(nodes * 16),
  };
  const limits = { black: 16, white: 235 };
  const places = geometry.columns * geometry.rows;
  const [lumaEntries, chromaEntries] = [kernels.LUMA_ENTRIES.value, kernels.CHROMA_ENTRIES.value];
  const [lumaBytes, chromaBytes] = [places * lumaEntries * 2, places * chromaEntries * 8];
  const tables = [arena.allocate(lumaBytes + 16), arena.allocate(chromaBytes)] as const;
  const others = arena.allocate(chromaBytes);
  const scratch = arena.allocate(kernels.TABLES_SCRATCH.value);
  const tableBytes = (lumaBytes + chromaBytes) / nodes;
  const solve = (): void => solveMaps(kernels, arena.memory, geometry, at, size, limits, false);
  const build = (): void =>
    kernels.buildTables(at.luma, at.chroma, places, geometry.bins, 16, 1 / 219, 0.9, ...tables, scratch);
  const approach = (): void => kernels.approachTables(others, tables[1], chromaBytes, 10_000);
  const grid = `${geometry.columns}x${geometry.rows}x${geometry.bins}`;
  solve();
  return [
    ...works,
    { label: 'smoothing and solution of the grid', on: grid, count: nodes, bytes: 88, run: solve },
    { label: 'tables of the grid (a change of strength)', on: grid, count: nodes, bytes: 24 + tableBytes, run: build },
    {
      label: 'tables on the way to others (chroma)',
      on: grid,
      count: nodes,
      bytes: (3 * chromaBytes) / nodes,
      run: approach,
    },
  ];
}

/** What runs for photographs, which lie outside of the kernels' memory: copies in and out are counted. */
function photoWorks(): KernelWork[] {
  const { width, height } = FORMAT;
  return ([8, 16] as const).map((depth) => {
    const shape: PhotoShape = { width, height, channels: 3, depth };
    const geometry = gridGeometry(shape, GRID);
    const size = workingSize(shape, FITTED_AT[0]);
    const arena = SharedArena.create(PhotoGrid.bytes(geometry, shape, size, 1));
    const grid = new PhotoGrid(new KernelCrew(arena.memory, 0), arena, geometry, shape, size);
    const count = width * height;
    const pixels = depth === 8 ? new Uint8Array(3 * count) : new Uint16Array(3 * count);
    for (let i = 0; i < pixels.length; i++) pixels[i] = (i * 7919) % (depth === 8 ? 251 : 64499);
    grid.downsample(pixels);
    grid.learn(1, false);
    const bytes = (6 * depth) / 8;
    return {
      label: `slice of RGB, ${depth} bits`,
      on: `${width}x${height}`,
      count,
      bytes,
      run: () => grid.slice(pixels),
    };
  });
}

/** Planes of floats of one working size: a picture, and what a network could have made of it. */
class SmallPictures {
  readonly #kernels: Kernels;
  readonly #arena: SharedArena;
  readonly #size: Size;
  readonly #pixels: number;
  readonly #from: readonly [number, number, number];
  readonly #to: readonly [number, number, number];
  readonly #rgb: number;
  readonly #fitScratch: number;

  constructor(kernels: Kernels, arena: SharedArena, size: Size) {
    this.#kernels = kernels;
    this.#arena = arena;
    this.#size = size;
    this.#pixels = size.width * size.height;
    const plane = (): number => arena.allocate(this.#pixels * 4);
    this.#from = [plane(), plane(), plane()];
    this.#to = [plane(), plane(), plane()];
    this.#rgb = arena.allocate(this.#pixels * 12);
    this.#fitScratch = arena.allocate(4096);
    // Levels of a dark picture with something in every cell of the grid.
    this.#from.forEach((address, k) => {
      const values = arena.float32(address, this.#pixels);
      for (let i = 0; i < values.length; i++) {
        const wave = Math.sin(i / 37) * Math.cos(i / (size.width * 11));
        values[i] = k === 0 ? 80 + 60 * wave : 128 + 20 * wave;
      }
    });
  }

  toRgb(): void {
    const c = colourCoefficients(FORMAT.matrix, FORMAT.range);
    this.#kernels.yuvToRgb(
      ...this.#from, this.#rgb, this.#pixels, c.black, c.lumaScale, c.chromaScale,
      c.redFromV, c.greenFromU, c.greenFromV, c.blueFromU,
    ); // prettier-ignore
  }

  brighten(): void {
    const rgb = this.#arena.float32(this.#rgb, this.#pixels * 3);
    for (let i = 0; i < rgb.length; i++) rgb[i] = Math.sqrt(rgb[i] ?? 0);
  }

  toYuv(): void {
    const c = colourCoefficients(FORMAT.matrix, FORMAT.range);
    this.#kernels.rgbToYuv(
      this.#rgb, ...this.#to, this.#pixels, c.black, c.lumaScale, c.chromaScale,
      c.redWeight, c.blueWeight, c.redFromV, c.blueFromU,
    ); // prettier-ignore
  }

  fit(geometry: ReturnType<typeof gridGeometry>, sums: number): void {
    const { width, height } = this.#size;
    const { black, lumaScale } = colourCoefficients(FORMAT.matrix, FORMAT.range);
    const { columns, rows, bins } = geometry;
    this.#arena.bytes(sums, columns * rows * bins * 64).fill(0);
    this.#kernels.fitGrid(
      ...this.#from, ...this.#to, width, height, sums, columns, rows, bins, black, lumaScale, this.#fitScratch,
    ); // prettier-ignore
  }
}
