import { colourCoefficients } from '../../frames/picture-format.js';

/** Nodes of a grid for photographs. */
export interface PhotoGrid {
  readonly columns: number;
  readonly rows: number;
  readonly bins: number;
  /** Gains of Y, U, V and 0, then biases of Y, U, V and 0, [rows, columns, bins, 8]. */
  readonly maps: ArrayLike<number>;
}

/** The two nodes around a position along an axis, and the second one's weight. */
function around(position: number, nodes: number): [first: number, second: number, weight: number] {
  const clamped = Math.min(Math.max(position, 0), nodes - 1);
  const first = Math.min(Math.floor(clamped), Math.max(nodes - 2, 0));
  return [first, Math.min(first + 1, nodes - 1), clamped - first];
}

/**
 * One pixel, R, G, B 0..white, through the grid, not rounded; the plain form of sliceRgb8 and sliceRgb16. guide: what
 * luma, 0..255, is taken for where maps are chosen by it.
 */
export function sliceRgb(
  grid: PhotoGrid,
  x: number,
  y: number,
  width: number,
  height: number,
  pixel: readonly [r: number, g: number, b: number],
  white: number,
  guide: (luma: number) => number = (luma) => luma,
): [number, number, number] {
  const c = colourCoefficients('bt709', 'full');
  const [r, g, b] = pixel.map((value) => (value / white) * 255) as [number, number, number];
  const luma = c.redWeight * r + (1 - c.redWeight - c.blueWeight) * g + c.blueWeight * b;
  const yuv = [luma, (b - luma) / c.blueFromU, (r - luma) / c.redFromV];
  const [left, right, fx] = around(((x + 0.5) * grid.columns) / width - 0.5, grid.columns);
  const [top, bottom, fy] = around(((y + 0.5) * grid.rows) / height - 0.5, grid.rows);
  const [dark, bright, fz] = around((grid.bins - 1) * Math.sqrt(Math.max(guide(luma), 0) / 255), grid.bins);
  const at = (k: number): number => {
    let value = 0;
    for (const [row, wy] of [[top, 1 - fy], [bottom, fy]] as const)
      for (const [column, wx] of [[left, 1 - fx], [right, fx]] as const)
        for (const [bin, wz] of [[dark, 1 - fz], [bright, fz]] as const)
          value += wx * wy * wz * (grid.maps[((row * grid.columns + column) * grid.bins + bin) * 8 + k] ?? 0); // prettier-ignore
    return value;
  };
  const [Y, U, V] = yuv.map((value, k) => value * at(k) + at(k + 4)) as [number, number, number];
  const rgb = [Y + c.redFromV * V, Y + c.greenFromU * U + c.greenFromV * V, Y + c.blueFromU * U];
  return rgb.map((value) => Math.min(white, Math.max(0, (value / 255) * white))) as [number, number, number];
}
