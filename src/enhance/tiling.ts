/** Share of a tile that overlaps the next one. */
export const OVERLAP_SHARE = 1 / 8;

/** Tiles along one axis: where each begins. All are `tile` long; the last ends with the axis. */
export function tileStarts(length: number, tile: number, overlap: number): number[] {
  if (length <= tile) return [0];
  const count = Math.ceil((length - overlap) / (tile - overlap));
  return Array.from({ length: count }, (_, i) => Math.round((i * (length - tile)) / (count - 1)));
}

/** Weights along a tile: rising over `overlap` at its start, falling over as much at its end, never 0. */
export function tileWeights(tile: number, overlap: number): Float32Array {
  return Float32Array.from({ length: tile }, (_, i) => Math.min(1, (Math.min(i, tile - 1 - i) + 0.5) / overlap));
}

/** A plane of floats [height, width]. */
export interface FloatPlane {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/**
 * Replaces the slow changes of a plane by those of another: adds the difference of their means over cells, interpolated
 * between the cells' centres. What changes within a cell stays.
 */
export function takeLowFrequencies(plane: FloatPlane, from: Float32Array, cell: number): void {
  const { width, height, values } = plane;
  const columns = Math.max(1, Math.round(width / cell));
  const rows = Math.max(1, Math.round(height / cell));
  const difference = new Float32Array(columns * rows);
  const counts = new Float32Array(columns * rows);
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * rows) / height) * columns;
    for (let x = 0; x < width; x++) {
      const at = row + Math.floor((x * columns) / width);
      const i = y * width + x;
      difference[at] = (difference[at] ?? 0) + (from[i] ?? 0) - (values[i] ?? 0);
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }
  difference.forEach((sum, at) => (difference[at] = sum / (counts[at] ?? 1)));
  for (let y = 0; y < height; y++) {
    const [top, bottom, fy] = between(((y + 0.5) * rows) / height - 0.5, rows);
    for (let x = 0; x < width; x++) {
      const [left, right, fx] = between(((x + 0.5) * columns) / width - 0.5, columns);
      const at = (row: number, column: number): number => difference[row * columns + column] ?? 0;
      const upper = at(top, left) * (1 - fx) + at(top, right) * fx;
      const lower = at(bottom, left) * (1 - fx) + at(bottom, right) * fx;
      const i = y * width + x;
      values[i] = (values[i] ?? 0) + upper * (1 - fy) + lower * fy;
    }
  }
}

function between(position: number, nodes: number): [first: number, second: number, weight: number] {
  const clamped = Math.min(Math.max(position, 0), nodes - 1);
  const first = Math.floor(clamped);
  return [first, Math.min(first + 1, nodes - 1), clamped - first];
}
