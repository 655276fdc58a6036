import type { Polygon } from '../config/stream-schema.js';
import type { FrameView } from '../enhance/frame-view.js';

/** One row's part of a region, in chroma pixels: `to` is not in it any more. */
interface Span {
  readonly row: number;
  readonly from: number;
  readonly to: number;
}

/** Regions of a picture, cut into rows: whatever chroma pixel a region touches belongs to it. */
export class RegionMask {
  readonly #spans: readonly Span[];

  /** width, height: of the picture, even. */
  constructor(polygons: readonly Polygon[], width: number, height: number) {
    this.#spans = polygons.flatMap((polygon) => spansOf(polygon, width / 2, height / 2));
  }

  /** Whether there is anything in it. */
  get isEmpty(): boolean {
    return this.#spans.length === 0;
  }

  /** Share of the picture that is in it, 0..1, overlaps counted once for each region. */
  share(width: number, height: number): number {
    const pixels = this.#spans.reduce((sum, { from, to }) => sum + (to - from), 0);
    return (4 * pixels) / (width * height);
  }

  /** Makes the regions black. black: luma's code value of it. */
  blacken(bytes: Uint8Array, view: FrameView, black: number): void {
    for (const { row, from, to } of this.#spans) {
      for (const y of [2 * row, 2 * row + 1]) {
        const start = view.y + y * view.lumaStride;
        bytes.fill(black, start + 2 * from, start + 2 * to);
      }
      for (const plane of [view.u, view.v]) {
        const start = plane + row * view.chromaStride;
        bytes.fill(128, start + from, start + to);
      }
    }
  }

  /** Copies the regions from one picture to another of the same size. */
  copy(bytes: Uint8Array, source: FrameView, target: FrameView): void {
    for (const { row, from, to } of this.#spans) {
      for (const y of [2 * row, 2 * row + 1]) {
        const start = source.y + y * source.lumaStride;
        bytes.copyWithin(target.y + y * target.lumaStride + 2 * from, start + 2 * from, start + 2 * to);
      }
      for (const plane of ['u', 'v'] as const) {
        const start = source[plane] + row * source.chromaStride;
        bytes.copyWithin(target[plane] + row * target.chromaStride + from, start + from, start + to);
      }
    }
  }
}

type Corner = { readonly x: number; readonly y: number };

function spansOf(polygon: Polygon, columns: number, rows: number): Span[] {
  const corners = polygon.map(([x, y]) => ({ x: x * columns, y: y * rows }));
  const spans: Span[] = [];
  for (let row = 0; row < rows; row++) {
    // Between the heights of its corners a polygon's edges are straight: no part of it hides there.
    const inside = corners.map(({ y }) => y).filter((y) => y > row && y < row + 1);
    const heights = [row, ...inside.sort((a, b) => a - b), row + 1];
    const parts = heights.slice(1).flatMap((bottom, i) => slabParts(corners, heights[i] ?? row, bottom));
    parts.sort((a, b) => a[0] - b[0]);
    let [from, to] = [0, 0];
    for (const [left, right] of parts) {
      const [first, last] = [Math.max(0, Math.floor(left)), Math.min(columns, Math.ceil(right))];
      if (first > to) {
        if (to > from) spans.push({ row, from, to });
        [from, to] = [first, last];
      } else {
        if (to === from) from = first;
        to = Math.max(to, last);
      }
    }
    if (to > from) spans.push({ row, from, to });
  }
  return spans;
}

/** How far a polygon reaches between two heights without a corner between them, by the even-odd rule. */
function slabParts(corners: readonly Corner[], top: number, bottom: number): [number, number][] {
  const middle = (top + bottom) / 2;
  const edges: { readonly middle: number; readonly least: number; readonly most: number }[] = [];
  corners.forEach((a, i) => {
    const b = corners[(i + 1) % corners.length] ?? a;
    if (a.y <= middle === b.y <= middle) return;
    const at = (y: number): number => a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x);
    edges.push({ middle: at(middle), least: Math.min(at(top), at(bottom)), most: Math.max(at(top), at(bottom)) });
  });
  edges.sort((a, b) => a.middle - b.middle);
  const parts: [number, number][] = [];
  for (let i = 0; i + 1 < edges.length; i += 2) parts.push([edges[i]?.least ?? 0, edges[i + 1]?.most ?? 0]);
  return parts;
}
