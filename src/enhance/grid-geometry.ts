import type { Size } from './working-size.js';

/** Nodes of a bilateral grid and where they lie on the full picture. */
export interface GridGeometry {
  readonly columns: number;
  readonly rows: number;
  readonly bins: number;
  /** Luma columns of the nodes, ascending multiples of 8. */
  readonly nodeX: Int32Array;
  /** Luma rows of the nodes, ascending multiples of 2. */
  readonly nodeY: Int32Array;
}

/** The slice kernels walk whole vectors of 8 pixels between nodes, so nodes lie at least two of them apart. */
const MIN_SPACING_X = 16;
const MIN_SPACING_Y = 8;

/** Lays a grid over a picture; a small picture gets fewer nodes than were asked for. */
export function gridGeometry(
  picture: Size,
  wanted: readonly [columns: number, rows: number, bins: number],
): GridGeometry {
  const columns = Math.max(1, Math.min(wanted[0], Math.floor(picture.width / MIN_SPACING_X)));
  const rows = Math.max(1, Math.min(wanted[1], Math.floor(picture.height / MIN_SPACING_Y)));
  return {
    columns,
    rows,
    bins: wanted[2],
    nodeX: nodes(columns, picture.width, 8),
    nodeY: nodes(rows, picture.height, 2),
  };
}

function nodes(count: number, length: number, step: number): Int32Array {
  return Int32Array.from({ length: count }, (_, n) => Math.round((((n + 0.5) * length) / count - 0.5) / step) * step);
}
