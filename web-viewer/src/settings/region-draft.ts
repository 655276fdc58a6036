import type { Polygon, RegionsConfig } from '../../../src/config/stream-schema.js';

/** A corner, as shares of the picture's width and height. */
export type Corner = Polygon[number];

/** How a region is treated: blacked out, or shown as the camera sees it. */
export type RegionKind = keyof RegionsConfig;

/** A region that is being drawn or changed. */
export interface DraftRegion {
  readonly kind: RegionKind;
  readonly corners: Polygon;
}

/** What the server takes. */
export const MOST_CORNERS = 32;
export const MOST_REGIONS = 32;
const LEAST_CORNERS = 3;
/** A region that is smaller than this, as a share of the picture's sides, was not meant. */
const LEAST_SIDE = 0.008;
/** Shares are sent with so many digits: a tenth of a pixel of the largest pictures. */
const DIGITS = 4;

/** Regions as they are being drawn; nothing holds before they are saved. */
export class RegionDraft {
  readonly #before: string;
  #regions: DraftRegion[];

  constructor(regions: RegionsConfig) {
    this.#regions = (['private', 'untouched'] as const).flatMap((kind) =>
      regions[kind].map((corners) => ({ kind, corners })),
    );
    this.#before = JSON.stringify(this.regions);
  }

  /** All regions, in the order in which they are listed. */
  get all(): readonly DraftRegion[] {
    return this.#regions;
  }

  /** As the server takes them. */
  get regions(): RegionsConfig {
    const of = (kind: RegionKind): Polygon[] =>
      this.#regions.filter((region) => region.kind === kind).map(({ corners }) => corners.map(rounded));
    return { private: of('private'), untouched: of('untouched') };
  }

  /** Whether anything differs from what holds. */
  get isChanged(): boolean {
    return JSON.stringify(this.regions) !== this.#before;
  }

  /** Adds a region, held to the picture; its index, or null where it is too small or there are too many. */
  add(kind: RegionKind, corners: Polygon): number | null {
    const held = corners.map(heldInside).slice(0, MOST_CORNERS);
    const sides = [0, 1].map((axis) => span(held.map((corner) => corner[axis] ?? 0)));
    const count = this.#regions.filter((region) => region.kind === kind).length;
    if (held.length < LEAST_CORNERS || sides.some((side) => side < LEAST_SIDE) || count >= MOST_REGIONS) return null;
    this.#regions.push({ kind, corners: held });
    return this.#regions.length - 1;
  }

  /** Takes one away. */
  remove(index: number): void {
    this.#regions.splice(index, 1);
  }

  /** Makes a private one untouched, and the other way round. */
  setKind(index: number, kind: RegionKind): void {
    this.#update(index, (region) => ({ ...region, kind }));
  }

  /** Moves one as a whole, as far as the picture goes. */
  move(index: number, x: number, y: number): void {
    this.#update(index, ({ kind, corners }) => {
      const [dx, dy] = [
        held(
          x,
          corners.map(([at]) => at),
        ),
        held(
          y,
          corners.map(([, at]) => at),
        ),
      ];
      return { kind, corners: corners.map(([cx, cy]): Corner => [cx + dx, cy + dy]) };
    });
  }

  /** Stretches one from its upper left corner, as far as the picture goes. */
  stretch(index: number, x: number, y: number): void {
    this.#update(index, ({ kind, corners }) => {
      const [xs, ys] = [corners.map(([at]) => at), corners.map(([, at]) => at)];
      const [left, top] = [Math.min(...xs), Math.min(...ys)];
      const factor = (by: number, from: number, size: number): number =>
        Math.min(1 - from, Math.max(LEAST_SIDE * 2, size + by)) / size;
      const [fx, fy] = [factor(x, left, span(xs)), factor(y, top, span(ys))];
      return { kind, corners: corners.map(([cx, cy]): Corner => [left + (cx - left) * fx, top + (cy - top) * fy]) };
    });
  }

  /** Moves one corner. */
  moveCorner(index: number, corner: number, to: Corner): void {
    this.#update(index, ({ kind, corners }) => ({
      kind,
      corners: corners.map((each, position) => (position === corner ? heldInside(to) : each)),
    }));
  }

  #update(index: number, change: (region: DraftRegion) => DraftRegion): void {
    const region = this.#regions[index];
    if (region) this.#regions[index] = change(region);
  }
}

/** The corners of the rectangle between two opposite ones. */
export function rectangle([x1, y1]: Corner, [x2, y2]: Corner): Polygon {
  return [
    [x1, y1],
    [x2, y1],
    [x2, y2],
    [x1, y2],
  ];
}

function span(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}

/** As much of a movement as leaves all values within 0..1. */
function held(by: number, values: readonly number[]): number {
  return Math.max(-Math.min(...values), Math.min(1 - Math.max(...values), by));
}

function heldInside([x, y]: Corner): Corner {
  return [Math.min(1, Math.max(0, x)), Math.min(1, Math.max(0, y))];
}

function rounded([x, y]: Corner): Corner {
  return [Number(x.toFixed(DIGITS)), Number(y.toFixed(DIGITS))];
}
