import { readFileSync } from 'node:fs';

/**
 * The SIMD kernels over one memory. All pointers are byte addresses in it. What each does, with shapes and units, is
 * said at its definition in assembly/.
 */
export interface Kernels {
  readonly LUMA_ENTRIES: WebAssembly.Global;
  readonly CHROMA_ENTRIES: WebAssembly.Global;
  readonly TABLES_SCRATCH: WebAssembly.Global;
  readonly SLICE_LUMA_SCRATCH: WebAssembly.Global;
  readonly SLICE_CHROMA_SCRATCH: WebAssembly.Global;
  readonly SLICE_RGB_TABLE: WebAssembly.Global;
  readonly PYRAMID_MARGIN: WebAssembly.Global;
  downsamplePlane(
    src: number,
    stride: number,
    width: number,
    height: number,
    dst: number,
    dstWidth: number,
    dstHeight: number,
    sums: number,
  ): void;
  downsampleFloat(src: number, width: number, height: number, dst: number, dstWidth: number, dstHeight: number): void;
  yuvToRgb(
    y: number,
    u: number,
    v: number,
    rgb: number,
    count: number,
    black: number,
    lumaScale: number,
    chromaScale: number,
    redFromV: number,
    greenFromU: number,
    greenFromV: number,
    blueFromU: number,
  ): void;
  rgbToYuv(
    rgb: number,
    y: number,
    u: number,
    v: number,
    count: number,
    black: number,
    lumaScale: number,
    chromaScale: number,
    redWeight: number,
    blueWeight: number,
    redFromV: number,
    blueFromU: number,
  ): void;
  unpackRgb(src: number, rgb: number, count: number, channels: number, depth: number): void;
  packRgb(rgb: number, plane: number, dst: number, count: number, channels: number, depth: number): void;
  rgbToLightness(rgb: number, lightness: number, count: number): void;
  labToRgb(lab: number, rgb: number, count: number): void;
  denoiseScratchBytes(width: number): number;
  denoisePlane(
    src: number,
    stride: number,
    width: number,
    height: number,
    average: number,
    scratch: number,
    still: number,
    threshold: number,
    span: number,
  ): void;
  resetAverage(src: number, stride: number, width: number, height: number, average: number): void;
  smoothScratchBytes(width: number): number;
  smoothPlane(
    src: number,
    dst: number,
    width: number,
    height: number,
    step: number,
    threshold: number,
    scratch: number,
  ): void;
  noiseHistograms(
    src: number,
    stride: number,
    width: number,
    height: number,
    average: number,
    bins: number,
    floor: number,
  ): void;
  blurSpline(src: number, dst: number, scratch: number, width: number, height: number, step: number): void;
  bandEnergy(fine: number, coarse: number, dst: number, count: number): void;
  addBand(fine: number, coarse: number, energy: number, sum: number, count: number, noise: number): void;
  addPlanes(a: number, b: number, dst: number, count: number): void;
  countBand(fine: number, coarse: number, count: number, perLevel: number, bins: number, binCount: number): void;
  trailColour(
    u: number, v: number, stride: number, width: number, height: number,
    oldU: number, oldV: number, newU: number, newV: number, luma: number, lumaStride: number,
    moved: number, movedStride: number, vectors: number, columns: number, share: number, tolerance: number,
  ): void; // prettier-ignore
  addScaled(target: number, fresh: number, count: number, scale: number): void;
  mapLevels(plane: number, count: number, table: number): void;
  narrowTen(src: number, dst: number, count: number): void;
  widenChanges(fine: number, after: number, count: number): void;
  padPlane(
    src: number,
    stride: number,
    width: number,
    height: number,
    dst: number,
    dstStride: number,
    paddedWidth: number,
    paddedHeight: number,
    gain: number,
    bias: number,
  ): void;
  halveRows(src: number, stride: number, dst: number, dstStride: number, width: number, height: number): void;
  halvePlane(src: number, stride: number, dst: number, dstStride: number, width: number, height: number): void;
  searchBlocks(
    cur: number,
    ref: number,
    stride: number,
    columns: number,
    rows: number,
    vectors: number,
    reach: number,
    weight: number,
  ): void;
  refineBlocks(
    cur: number,
    ref: number,
    stride: number,
    columns: number,
    rows: number,
    coarse: number,
    coarseColumns: number,
    coarseRows: number,
    vectors: number,
    weight: number,
  ): void;
  finishBlocks(
    cur: number,
    ref: number,
    stride: number,
    columns: number,
    rows: number,
    coarse: number,
    vectors: number,
    weight: number,
  ): void;
  pairBlocks(
    cur: number,
    prev: number,
    next: number,
    stride: number,
    columns: number,
    rows: number,
    toPrev: number,
    toNext: number,
    weight: number,
  ): void;
  splitBlocks(
    cur: number,
    ref: number,
    stride: number,
    columns: number,
    rows: number,
    vectors: number,
    fine: number,
    cost: number,
  ): void;
  compensatePlane(ref: number, stride: number, columns: number, rows: number, vectors: number, dst: number): void;
  lightSums(cur: number, other: number, stride: number, columns: number, rows: number, sums: number): void;
  shiftBlocks(plane: number, stride: number, columns: number, rows: number, shifts: number): void;
  fitSums(cur: number, prev: number, next: number, stride: number, columns: number, rows: number, sums: number): void;
  markBlotches(
    cur: number,
    prev: number,
    next: number,
    stride: number,
    columns: number,
    height: number,
    thresholds: number,
    weak: number,
    labels: number,
  ): void;
  fitGrid(
    y: number,
    u: number,
    v: number,
    targetY: number,
    targetU: number,
    targetV: number,
    width: number,
    height: number,
    sums: number,
    columns: number,
    rows: number,
    bins: number,
    black: number,
    lumaScale: number,
    scratch: number,
  ): void;
  forgetAndAdd(target: number, fresh: number, count: number, keep: number): void;
  spreadSums(
    sums: number,
    spread: number,
    scratch: number,
    columns: number,
    rows: number,
    bins: number,
    nearShare: number,
    binShare: number,
    allShare: number,
  ): void;
  solveGrid(
    sums: number,
    nodes: number,
    luma: number,
    chroma: number,
    ridge: number,
    anchor: number,
    black: number,
    white: number,
    maxGain: number,
  ): void;
  buildTables(
    luma: number,
    chroma: number,
    nodes: number,
    bins: number,
    black: number,
    lumaScale: number,
    strength: number,
    lumaTables: number,
    chromaTables: number,
    scratch: number,
  ): void;
  approachTables(tables: number, target: number, bytes: number, share: number): void;
  columnWeights(nodes: number, columns: number, width: number, weights: number, copies: number): void;
  widenLevels(src: number, stride: number, width: number, height: number, dst: number, step: number): void;
  widenAverages(src: number, width: number, height: number, dst: number, step: number): void;
  lackingDetail(
    target: number,
    step: number,
    plane: number,
    stride: number,
    width: number,
    height: number,
    luma: number,
    lumaStride: number,
    dark: number,
    light: number,
    diff: number,
  ): void;
  addDetail(
    diff: number,
    plane: number,
    stride: number,
    width: number,
    height: number,
    cells: number,
    columns: number,
    rows: number,
    strength: number,
    scratch: number,
  ): void;
  sliceLuma8: SliceLuma;
  sliceLuma16: SliceLuma;
  sliceChroma8: SliceChroma;
  sliceChroma16: SliceChroma;
  sumRows8: SumRows;
  sumRows16: SumRows;
  sliceRgb8: SliceRgb;
  sliceRgb16: SliceRgb;
}

type SliceLuma = (
  src: number,
  srcStride: number,
  dst: number,
  dstStride: number,
  width: number,
  height: number,
  from: number,
  to: number,
  tables: number,
  columns: number,
  rows: number,
  nodeX: number,
  nodeY: number,
  weights: number,
  scratch: number,
) => void;

type SliceChroma = (
  luma: number,
  lumaStride: number,
  u: number,
  v: number,
  stride: number,
  dstU: number,
  dstV: number,
  dstStride: number,
  width: number,
  height: number,
  from: number,
  to: number,
  tables: number,
  columns: number,
  rows: number,
  nodeX: number,
  nodeY: number,
  weights: number,
  scratch: number,
) => void;

type SumRows = (src: number, width: number, rows: number, channels: number, sums: number, boxes: number) => void;

type SliceRgb = (
  src: number,
  dst: number,
  width: number,
  count: number,
  channels: number,
  top: number,
  height: number,
  maps: number,
  columns: number,
  rows: number,
  bins: number,
  scratch: number,
) => void;

/** The compiled modules, best first, which `npm run build` puts at the root of dist/. They compute the same, bit for bit. */
const MODULES = ['kernels-relaxed.wasm', 'kernels.wasm'];
/** The root of dist/ from dist/src/kernels/, and from src/kernels/. */
const FOLDERS = ['../../', '../../dist/'];

/** Instantiates the kernels over a shared memory; each thread makes its own instance. */
export function loadKernels(memory: WebAssembly.Memory): Kernels {
  const instance = new WebAssembly.Instance(compiled(), { env: { memory } });
  return instance.exports as unknown as Kernels;
}

let cached: WebAssembly.Module | undefined;

/** The best module that this engine takes: relaxed SIMD is there from Node 22 on. */
function compiled(): WebAssembly.Module {
  if (cached) return cached;
  for (const name of MODULES) {
    const bytes = readModule(name);
    if (!WebAssembly.validate(bytes)) continue;
    cached = new WebAssembly.Module(bytes);
    return cached;
  }
  throw new Error('this Node.js has no WebAssembly SIMD: use 20.19 or newer');
}

function readModule(name: string): Uint8Array<ArrayBuffer> {
  for (const folder of FOLDERS) {
    try {
      return new Uint8Array(readFileSync(new URL(folder + name, import.meta.url)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error(`${name} is missing: run "npm run build"`);
}
