/** Shape of a bilateral grid and the luma limits its bins are laid over. */
export interface GridShape {
  readonly columns: number;
  readonly rows: number;
  readonly bins: number;
  readonly black: number;
  readonly white: number;
}

/** Floats of one node's sums; what each holds is said at the fitGrid kernel. */
const SUMS = 16;

/** Position of a luma code value along the grid's bins, 0..bins-1. */
export function binPosition(shape: GridShape, luma: number): number {
  const level = Math.min(1, Math.max(0, (luma - shape.black) / (shape.white - shape.black)));
  return (shape.bins - 1) * Math.sqrt(level);
}

/** The two nodes around a position along an axis and the weight of the second. */
function around(position: number, nodes: number): [first: number, second: number, weight: number] {
  const clamped = Math.min(Math.max(position, 0), nodes - 1);
  const first = Math.min(Math.floor(clamped), Math.max(nodes - 2, 0));
  return [first, Math.min(first + 1, nodes - 1), clamped - first];
}

/** Six planes of a working-size picture and its target, as the fitGrid kernel takes them. */
export interface FitPlanes {
  readonly y: Float32Array;
  readonly u: Float32Array;
  readonly v: Float32Array;
  readonly targetY: Float32Array;
  readonly targetU: Float32Array;
  readonly targetV: Float32Array;
}

/** Sums of a picture's pixels, [rows, columns, bins, 16]; the plain form of fitGrid. */
export function fitGrid(shape: GridShape, planes: FitPlanes, width: number, height: number): Float64Array {
  const { columns, rows, bins } = shape;
  const sums = new Float64Array(rows * columns * bins * SUMS);
  for (let j = 0; j < height; j++) {
    const [top, bottom, fy] = around(((j + 0.5) * rows) / height - 0.5, rows);
    for (let i = 0; i < width; i++) {
      const [left, right, fx] = around(((i + 0.5) * columns) / width - 0.5, columns);
      const at = j * width + i;
      const y = planes.y[at] ?? 0;
      const [dark, bright, fz] = around(binPosition(shape, y), bins);
      const t = planes.targetY[at] ?? 0;
      const u = (planes.u[at] ?? 0) - 128;
      const s = (planes.targetU[at] ?? 0) - 128;
      const v = (planes.v[at] ?? 0) - 128;
      const q = (planes.targetV[at] ?? 0) - 128;
      const terms = [1, y, y * y, t, y * t, u, u * u, s, u * s, v, v * v, q, v * q, t * t];
      for (const [row, wy] of [
        [top, 1 - fy],
        [bottom, fy],
      ] as const) {
        for (const [column, wx] of [
          [left, 1 - fx],
          [right, fx],
        ] as const) {
          for (const [bin, wz] of [
            [dark, 1 - fz],
            [bright, fz],
          ] as const) {
            const node = ((row * columns + column) * bins + bin) * SUMS;
            terms.forEach((term, k) => (sums[node + k] = (sums[node + k] ?? 0) + wx * wy * wz * term));
          }
        }
      }
    }
  }
  return sums;
}

/** Shares of the neighbourhood, the luma bin and all bins that spreadSums adds to each node. */
export interface SpreadShares {
  readonly near: number;
  readonly bin: number;
  readonly all: number;
}

/** Sums with their neighbourhoods' shares; the plain form of spreadSums. */
export function spreadSums(shape: GridShape, sums: ArrayLike<number>, shares: SpreadShares): Float64Array {
  const { columns, rows, bins } = shape;
  const at = (r: number, c: number, z: number, k: number): number => {
    const row = Math.min(Math.max(r, 0), rows - 1);
    const column = Math.min(Math.max(c, 0), columns - 1);
    const bin = Math.min(Math.max(z, 0), bins - 1);
    return sums[((row * columns + column) * bins + bin) * SUMS + k] ?? 0;
  };
  const weights = [0.25, 0.5, 0.25];
  const nodes = rows * columns;
  const result = new Float64Array(nodes * bins * SUMS);
  for (let k = 0; k < SUMS; k++) {
    const binTotals = Array.from({ length: bins }, (_, z) => {
      let total = 0;
      for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) total += at(r, c, z, k);
      return total;
    });
    const all = binTotals.reduce((a, b) => a + b, 0);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        for (let z = 0; z < bins; z++) {
          let near = 0;
          for (let dr = -1; dr <= 1; dr++)
            for (let dc = -1; dc <= 1; dc++)
              for (let dz = -1; dz <= 1; dz++) {
                const weight = (weights[dr + 1] ?? 0) * (weights[dc + 1] ?? 0) * (weights[dz + 1] ?? 0);
                near += weight * at(r + dr, c + dc, z + dz, k);
              }
          result[((r * columns + c) * bins + z) * SUMS + k] =
            at(r, c, z, k) +
            shares.near * near +
            (shares.bin * (binTotals[z] ?? 0)) / nodes +
            (shares.all * all) / (nodes * bins);
        }
      }
    }
  }
  return result;
}

/** Regularisation of solveGrid. */
export interface SolveOptions {
  readonly ridge: number;
  readonly anchor: number;
  readonly maxGain: number;
}

/** Affine maps of every node: gain and bias of luma, u - 128 and v - 128; the plain form of solveGrid. */
export function solveGrid(
  shape: GridShape,
  sums: ArrayLike<number>,
  options: SolveOptions,
): { luma: Float64Array; chroma: Float64Array } {
  const { ridge, anchor, maxGain } = options;
  const { black, white } = shape;
  const nodes = sums.length / SUMS;
  const luma = new Float64Array(nodes * 2);
  const chroma = new Float64Array(nodes * 4);
  const clampGain = (gain: number): number => Math.min(Math.max(gain, 0), maxGain);
  for (let n = 0; n < nodes; n++) {
    const s = (k: number): number => sums[n * SUMS + k] ?? 0;
    const weight = s(0) + anchor;
    const meanY = (s(1) + anchor * white) / weight;
    const meanT = (s(3) + anchor * white) / weight;
    const variance = Math.max((s(2) + anchor * white * white) / weight - meanY * meanY, 0);
    const covariance = (s(4) + anchor * white * white) / weight - meanY * meanT;
    const ratio = clampGain((meanT - black) / Math.max(meanY - black, 0.5));
    const gain = clampGain((covariance + ridge * ratio) / (variance + ridge));
    luma.set([gain, meanT - gain * meanY], n * 2);
    for (const [k, to] of [
      [5, 0],
      [9, 2],
    ] as const) {
      const mean = s(k) / s(0);
      const meanTarget = s(k + 2) / s(0);
      const spread = Math.max(s(k + 1) / s(0) - mean * mean, 0);
      const slope = clampGain((s(k + 3) / s(0) - mean * meanTarget + ridge * ratio) / (spread + ridge));
      chroma.set([slope, meanTarget - slope * mean], n * 4 + to);
    }
  }
  return { luma, chroma };
}

/** Where the nodes lie on the full picture: luma positions, ascending. */
export interface NodePositions {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** The two nodes around a pixel and the second one's weight; outside the outer nodes they are the same. */
function between(position: number, nodes: readonly number[]): [first: number, second: number, weight: number] {
  const second = nodes.findIndex((node) => position < node);
  if (second < 0) return [nodes.length - 1, nodes.length - 1, 0];
  if (second === 0) return [0, 0, 0];
  const start = nodes[second - 1] ?? 0;
  const end = nodes[second] ?? 0;
  return [second - 1, second, (position - start) / (end - start)];
}

/** A node's affine map at a luma code value: gain and bias, interpolated between its bins. */
function mapAt(
  shape: GridShape,
  maps: ArrayLike<number>,
  width: number,
  offset: number,
  node: number,
  luma: number,
): [gain: number, bias: number] {
  const [dark, bright, fz] = around(binPosition(shape, luma), shape.bins);
  const low = (node * shape.bins + dark) * width + offset;
  const high = (node * shape.bins + bright) * width + offset;
  return [
    (1 - fz) * (maps[low] ?? 0) + fz * (maps[high] ?? 0),
    (1 - fz) * (maps[low + 1] ?? 0) + fz * (maps[high + 1] ?? 0),
  ];
}

/** Blend of a value of the four nodes around a place. */
function blendNodes(
  shape: GridShape,
  positions: NodePositions,
  x: number,
  y: number,
  valueAt: (node: number) => number,
): number {
  const [left, right, fx] = between(x, positions.x);
  const [top, bottom, fy] = between(y, positions.y);
  const at = (row: number, column: number): number => valueAt(row * shape.columns + column);
  return (
    (1 - fy) * ((1 - fx) * at(top, left) + fx * at(top, right)) +
    fy * ((1 - fx) * at(bottom, left) + fx * at(bottom, right))
  );
}

/** Solved maps: gain and bias of luma, [nodes, 2], and of both chroma planes, [nodes, 4]. */
export interface GridMaps {
  readonly luma: ArrayLike<number>;
  readonly chroma: ArrayLike<number>;
}

/**
 * A luma level, with a fraction, through the grid, not rounded; the plain form of sliceLuma8 and sliceLuma16. The maps
 * are functions of whole levels, kept within 0..255; a fraction lies on the line between two of them.
 */
export function sliceLuma(
  shape: GridShape,
  maps: GridMaps,
  positions: NodePositions,
  x: number,
  y: number,
  level: number,
  strength: number,
): number {
  const whole = Math.floor(level);
  const mapped = (luma: number): number =>
    blendNodes(shape, positions, x, y, (node) => {
      const [gain, bias] = mapAt(shape, maps.luma, 2, 0, node, luma);
      return Math.min(255, Math.max(0, luma + strength * (gain * luma + bias - luma)));
    });
  return mapped(whole) + (level - whole) * (mapped(whole + 1) - mapped(whole));
}

/**
 * A chroma level through the grid, 0..255 and not rounded; the plain form of sliceChroma8 and sliceChroma16.
 * `guide` is the mean of the four luma pixels; maps are kept for every fourth level of it, at its middle.
 */
export function sliceChroma(
  shape: GridShape,
  maps: GridMaps,
  plane: 'u' | 'v',
  positions: NodePositions,
  x: number,
  y: number,
  guide: number,
  level: number,
  strength: number,
): number {
  const luma = Math.floor(guide / 4) * 4 + 2;
  const centred = level - 128;
  const mapped = blendNodes(shape, positions, x, y, (node) => {
    const [gain, bias] = mapAt(shape, maps.chroma, 4, plane === 'u' ? 0 : 2, node, luma);
    return centred + strength * (gain * centred + bias - centred);
  });
  return Math.min(255, Math.max(0, mapped + 128));
}
