import type { Kernels } from '../kernels/kernel-module.js';
import type { GridGeometry } from './grid-geometry.js';
import type { Size } from './working-size.js';

/** Floats of one node's sums, see the fitGrid kernel. */
export const SUMS_PER_NODE = 16;

/** Shares that nodes take from their neighbourhood, from their luma bin, and from the whole picture. */
const SHARES = { near: 0.2, bin: 0.02, all: 0.0005 } as const;
/** Squared levels; pulls a node's gain to the ratio of its means where its pixels hardly differ. */
const RIDGE = 4;
/** Weight of the imagined white pixel in each node, per working-size pixel of the mean node. */
const ANCHOR_SHARE = 0.0005;
/** The largest gain; the tables of live grids hold up to 32. */
const MAX_GAIN = 20;

/** Floats that one set of sums takes. */
export function gridFloats(geometry: GridGeometry): number {
  return geometry.columns * geometry.rows * geometry.bins * SUMS_PER_NODE;
}

/** Bytes of scratch that fitGrid takes, which must be zeros at first. */
export function fitScratchBytes(geometry: Pick<GridGeometry, 'bins'>): number {
  return 2 * geometry.bins * SUMS_PER_NODE * 4;
}

/** Addresses that a solution works on. */
export interface SolverAddresses {
  /** Sums as fitGrid leaves them. */
  readonly sums: number;
  /** Room for the sums and one node more, each. */
  readonly spread: number;
  readonly scratch: number;
  /** The solution: f32 [rows, columns, bins, 2] and [rows, columns, bins, 4], see solveGrid. */
  readonly luma: number;
  readonly chroma: number;
}

/**
 * Solves a grid's maps from its sums. working: size of the picture that was fitted; black, white: its luma limits;
 * keepLuma: whether luma is left as it is.
 */
export function solveMaps(
  kernels: Kernels,
  memory: WebAssembly.Memory,
  geometry: GridGeometry,
  at: SolverAddresses,
  working: Size,
  limits: { readonly black: number; readonly white: number },
  keepLuma: boolean,
): void {
  const { columns, rows, bins } = geometry;
  const nodes = columns * rows * bins;
  kernels.spreadSums(at.sums, at.spread, at.scratch, columns, rows, bins, SHARES.near, SHARES.bin, SHARES.all);
  const anchor = (ANCHOR_SHARE * working.width * working.height) / nodes;
  kernels.solveGrid(at.spread, nodes, at.luma, at.chroma, RIDGE, anchor, limits.black, limits.white, MAX_GAIN);
  if (!keepLuma) return;
  // A fit of luma to itself is the identity only about: not where a node is black or empty.
  const maps = new Float32Array(memory.buffer, at.luma, nodes * 2);
  for (let i = 0; i < maps.length; i++) maps[i] = i % 2 === 0 ? 1 : 0;
}
