import type { Polygon } from '../../../src/config/stream-schema.js';
import type { Corner, DraftRegion } from './region-draft.js';

const SVG = 'http://www.w3.org/2000/svg';

/** What is drawn over the picture. */
export interface OutlinesContent {
  readonly regions: readonly DraftRegion[];
  /** The one that is chosen, with handles at its corners; -1 for none. */
  readonly chosen: number;
  /** What is being drawn, from its first corner to the pointer. */
  readonly begun: { readonly kind: DraftRegion['kind']; readonly corners: Polygon } | null;
}

/** What lies under the pointer. */
export type OutlineHit =
  | { readonly kind: 'corner'; readonly region: number; readonly corner: number }
  | { readonly kind: 'region'; readonly region: number }
  | { readonly kind: 'nothing' };

/** Outlines of regions over the picture, in an SVG whose sides are 1. */
export class RegionOutlines {
  readonly #svg: SVGSVGElement;

  constructor(svg: SVGSVGElement) {
    this.#svg = svg;
  }

  /** Draws them. */
  show({ regions, chosen, begun }: OutlinesContent): void {
    const shapes: Element[] = regions.map(({ kind, corners }, index) => {
      const shape = polygonOf(kind, corners);
      shape.dataset['region'] = String(index);
      shape.toggleAttribute('data-chosen', index === chosen);
      return shape;
    });
    if (begun) {
      const line = polygonOf(begun.kind, begun.corners);
      line.setAttribute('data-begun', '');
      shapes.push(line);
    }
    for (const [index, corner] of (regions[chosen]?.corners ?? []).entries()) {
      shapes.push(handleAt(corner, { region: String(chosen), corner: String(index) }));
    }
    const [first] = begun?.corners ?? [];
    if (first) shapes.push(handleAt(first, {}));
    this.#svg.replaceChildren(...shapes);
  }

  /** What an event's target is. */
  hitOf(target: EventTarget | null): OutlineHit {
    if (!(target instanceof SVGElement)) return { kind: 'nothing' };
    const { region, corner } = target.dataset;
    if (region === undefined) return { kind: 'nothing' };
    if (corner === undefined) return { kind: 'region', region: Number(region) };
    return { kind: 'corner', region: Number(region), corner: Number(corner) };
  }
}

function polygonOf(kind: DraftRegion['kind'], corners: Polygon): SVGPolygonElement {
  const shape = document.createElementNS(SVG, 'polygon');
  shape.setAttribute('points', corners.map((corner) => corner.join(',')).join(' '));
  shape.setAttribute('class', `region region-${kind}`);
  return shape;
}

/** A round handle: a line of no length with round ends keeps its size and shape however the picture is stretched. */
function handleAt([x, y]: Corner, data: Readonly<Record<string, string>>): SVGLineElement {
  const handle = document.createElementNS(SVG, 'line');
  for (const [name, value] of Object.entries({ x1: x, x2: x, y1: y, y2: y })) handle.setAttribute(name, String(value));
  handle.setAttribute('class', 'region-corner');
  Object.assign(handle.dataset, data);
  return handle;
}
