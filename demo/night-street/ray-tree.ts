import type { Mesh } from './mesh.js';

/** Where a ray met a mesh. */
export interface RayHit {
  /** Distance along the ray, in lengths of its direction. */
  distance: number;
  /** The triangle's number in the mesh. */
  triangle: number;
  /** Weights (0..1) of the triangle's second and third corner at the point met. */
  second: number;
  third: number;
}

/** An empty hit for RayTree.nearest to fill. */
export function emptyHit(): RayHit {
  return { distance: Infinity, triangle: -1, second: 0, third: 0 };
}

const BINS = 12;
const LEAF_SIZE = 4;

/**
 * A tree of boxes over a mesh's triangles, which finds where rays meet it. Nodes lie in flat arrays: per node the box
 * (6 numbers), and either its two children (count 0, the second at `link`, the first right after the node) or a run of
 * triangles (count > 0, from `link`).
 */
export class RayTree {
  /** The mesh that the tree covers. */
  readonly mesh: Mesh;
  /** The least box over the mesh: x, y, z of its low corner, then of its high corner. */
  readonly bounds: Float32Array;
  private readonly boxes: Float32Array;
  private readonly links: Int32Array;
  private readonly counts: Int32Array;
  private readonly order: Int32Array;
  /** Per triangle in tree order: a corner, and the two edges from it. */
  private readonly edges: Float32Array;
  private readonly stack = new Int32Array(128);
  private nodeCount = 0;

  /** Builds the tree; the mesh must not change afterwards. */
  constructor(mesh: Mesh) {
    this.mesh = mesh;
    const count = mesh.materials.length;
    this.boxes = new Float32Array(Math.max(1, 2 * count) * 6);
    this.links = new Int32Array(Math.max(1, 2 * count));
    this.counts = new Int32Array(Math.max(1, 2 * count));
    this.order = Int32Array.from({ length: count }, (_, k) => k);
    const middles = new Float32Array(count * 3);
    for (let k = 0; k < count; k++) {
      for (let axis = 0; axis < 3; axis++) {
        const low = Math.min(this.corner(k, 0, axis), this.corner(k, 1, axis), this.corner(k, 2, axis));
        const high = Math.max(this.corner(k, 0, axis), this.corner(k, 1, axis), this.corner(k, 2, axis));
        middles[k * 3 + axis] = (low + high) / 2;
      }
    }
    if (count > 0) this.split(0, count, middles);
    this.bounds = this.boxes.slice(0, 6);
    this.edges = new Float32Array(count * 9);
    for (let k = 0; k < count; k++) {
      const triangle = this.order[k] ?? 0;
      for (let axis = 0; axis < 3; axis++) {
        const start = this.corner(triangle, 0, axis);
        this.edges[k * 9 + axis] = start;
        this.edges[k * 9 + 3 + axis] = this.corner(triangle, 1, axis) - start;
        this.edges[k * 9 + 6 + axis] = this.corner(triangle, 2, axis) - start;
      }
    }
  }

  /** Fills `hit` with the first triangle that the ray meets nearer than `reach`, and says whether there is one. */
  nearest(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number, reach: number, hit: RayHit): boolean {
    hit.distance = reach;
    hit.triangle = -1;
    this.walk(ox, oy, oz, dx, dy, dz, false, hit);
    return hit.triangle >= 0;
  }

  /** Whether any triangle lies on the ray nearer than `reach`. */
  blocked(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number, reach: number): boolean {
    shadowHit.distance = reach;
    shadowHit.triangle = -1;
    this.walk(ox, oy, oz, dx, dy, dz, true, shadowHit);
    return shadowHit.triangle >= 0;
  }

  private corner(triangle: number, which: number, axis: number): number {
    return this.mesh.corners[triangle * 9 + which * 3 + axis] ?? 0;
  }

  private walk(
    ox: number,
    oy: number,
    oz: number,
    dx: number,
    dy: number,
    dz: number,
    any: boolean,
    hit: RayHit,
  ): void {
    const { boxes, links, counts, edges, stack, order } = this;
    if (this.nodeCount === 0) return;
    const ix = 1 / dx;
    const iy = 1 / dy;
    const iz = 1 / dz;
    let depth = 0;
    let node = 0;
    let best = hit.distance;
    if (entry(boxes, 0, ox, oy, oz, ix, iy, iz, best) === Infinity) return;
    for (;;) {
      const count = counts[node] ?? 0;
      const link = links[node] ?? 0;
      if (count > 0) {
        for (let k = link; k < link + count; k++) {
          const e = k * 9;
          const ax = edges[e + 3] ?? 0;
          const ay = edges[e + 4] ?? 0;
          const az = edges[e + 5] ?? 0;
          const bx = edges[e + 6] ?? 0;
          const by = edges[e + 7] ?? 0;
          const bz = edges[e + 8] ?? 0;
          const px = dy * bz - dz * by;
          const py = dz * bx - dx * bz;
          const pz = dx * by - dy * bx;
          const det = ax * px + ay * py + az * pz;
          if (det > -1e-14 && det < 1e-14) continue;
          const inverse = 1 / det;
          const tx = ox - (edges[e] ?? 0);
          const ty = oy - (edges[e + 1] ?? 0);
          const tz = oz - (edges[e + 2] ?? 0);
          const second = (tx * px + ty * py + tz * pz) * inverse;
          if (second < 0 || second > 1) continue;
          const qx = ty * az - tz * ay;
          const qy = tz * ax - tx * az;
          const qz = tx * ay - ty * ax;
          const third = (dx * qx + dy * qy + dz * qz) * inverse;
          if (third < 0 || second + third > 1) continue;
          const distance = (bx * qx + by * qy + bz * qz) * inverse;
          if (distance <= 1e-5 || distance >= best) continue;
          best = distance;
          hit.distance = distance;
          hit.triangle = order[k] ?? 0;
          hit.second = second;
          hit.third = third;
          if (any) return;
        }
      } else {
        const near = entry(boxes, node + 1, ox, oy, oz, ix, iy, iz, best);
        const far = entry(boxes, link, ox, oy, oz, ix, iy, iz, best);
        if (near !== Infinity || far !== Infinity) {
          if (far === Infinity) {
            node = node + 1;
          } else if (near === Infinity) {
            node = link;
          } else if (near <= far) {
            stack[depth++] = link;
            node = node + 1;
          } else {
            stack[depth++] = node + 1;
            node = link;
          }
          continue;
        }
      }
      // The box on the stack may have fallen behind the nearest hit since it was pushed.
      for (;;) {
        if (depth === 0) return;
        node = stack[--depth] ?? 0;
        if (entry(boxes, node, ox, oy, oz, ix, iy, iz, best) !== Infinity) break;
      }
    }
  }

  /** Makes the node over order[first, end) and those below it; returns its number. */
  private split(first: number, end: number, middles: Float32Array): number {
    const node = this.nodeCount++;
    const box = this.boxOf(first, end);
    this.boxes.set(box, node * 6);
    const cut = end - first > LEAF_SIZE ? this.bestCut(first, end, middles) : undefined;
    const middle = cut === undefined ? first : this.partition(first, end, middles, cut.axis, cut.position);
    if (middle <= first || middle >= end) {
      this.links[node] = first;
      this.counts[node] = end - first;
      return node;
    }
    this.split(first, middle, middles);
    this.links[node] = this.split(middle, end, middles);
    return node;
  }

  private boxOf(first: number, end: number): number[] {
    const box = [Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity];
    for (let k = first; k < end; k++) this.grow(box, this.order[k] ?? 0);
    return box;
  }

  private grow(box: number[], triangle: number): void {
    for (let which = 0; which < 3; which++) {
      for (let axis = 0; axis < 3; axis++) {
        const value = this.corner(triangle, which, axis);
        if (value < (box[axis] ?? 0)) box[axis] = value;
        if (value > (box[axis + 3] ?? 0)) box[axis + 3] = value;
      }
    }
  }

  /** The cut with the least sum of (box area × triangles) on its two sides. */
  private bestCut(first: number, end: number, middles: Float32Array): { axis: number; position: number } | undefined {
    let best: { axis: number; position: number } | undefined;
    let bestCost = Infinity;
    for (let axis = 0; axis < 3; axis++) {
      let low = Infinity;
      let high = -Infinity;
      for (let k = first; k < end; k++) {
        const middle = middles[(this.order[k] ?? 0) * 3 + axis] ?? 0;
        low = Math.min(low, middle);
        high = Math.max(high, middle);
      }
      if (high - low < 1e-6) continue;
      const empty = (): number[] => [Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity];
      const bins = Array.from({ length: BINS }, () => ({ count: 0, box: empty() }));
      for (let k = first; k < end; k++) {
        const triangle = this.order[k] ?? 0;
        const middle = middles[triangle * 3 + axis] ?? 0;
        const bin = bins[Math.min(BINS - 1, Math.floor(((middle - low) / (high - low)) * BINS))];
        if (bin === undefined) continue;
        bin.count++;
        this.grow(bin.box, triangle);
      }
      const below = sweep(bins);
      const above = sweep(bins.toReversed()).reverse();
      for (let cut = 1; cut < BINS; cut++) {
        const cost = (below[cut - 1] ?? 0) + (above[cut] ?? 0);
        if (cost < bestCost) {
          bestCost = cost;
          best = { axis, position: low + ((high - low) * cut) / BINS };
        }
      }
    }
    return best;
  }

  private partition(first: number, end: number, middles: Float32Array, axis: number, position: number): number {
    let low = first;
    let high = end - 1;
    while (low <= high) {
      const triangle = this.order[low] ?? 0;
      if ((middles[triangle * 3 + axis] ?? 0) < position) {
        low++;
      } else {
        this.order[low] = this.order[high] ?? 0;
        this.order[high] = triangle;
        high--;
      }
    }
    return low;
  }
}

const shadowHit = emptyHit();

/** For each bin, the cost (area × triangles) of the bins up to and with it. */
function sweep(bins: readonly { count: number; box: readonly number[] }[]): number[] {
  const box = [Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity];
  let count = 0;
  return bins.map((bin) => {
    count += bin.count;
    for (let axis = 0; axis < 3; axis++) {
      box[axis] = Math.min(box[axis] ?? 0, bin.box[axis] ?? 0);
      box[axis + 3] = Math.max(box[axis + 3] ?? 0, bin.box[axis + 3] ?? 0);
    }
    if (count === 0) return 0;
    const [x = 0, y = 0, z = 0] = [0, 1, 2].map((axis) => (box[axis + 3] ?? 0) - (box[axis] ?? 0));
    return count * (x * y + y * z + z * x);
  });
}

/** The distance at which the ray enters node's box, or Infinity where it misses the box or enters beyond `best`. */
function entry(
  boxes: Float32Array,
  node: number,
  ox: number,
  oy: number,
  oz: number,
  ix: number,
  iy: number,
  iz: number,
  best: number,
): number {
  const b = node * 6;
  const x0 = ((boxes[b] ?? 0) - ox) * ix;
  const x1 = ((boxes[b + 3] ?? 0) - ox) * ix;
  const y0 = ((boxes[b + 1] ?? 0) - oy) * iy;
  const y1 = ((boxes[b + 4] ?? 0) - oy) * iy;
  const z0 = ((boxes[b + 2] ?? 0) - oz) * iz;
  const z1 = ((boxes[b + 5] ?? 0) - oz) * iz;
  let enter = x0 < x1 ? x0 : x1;
  let leave = x0 < x1 ? x1 : x0;
  const yLow = y0 < y1 ? y0 : y1;
  const yHigh = y0 < y1 ? y1 : y0;
  const zLow = z0 < z1 ? z0 : z1;
  const zHigh = z0 < z1 ? z1 : z0;
  if (yLow > enter) enter = yLow;
  if (yHigh < leave) leave = yHigh;
  if (zLow > enter) enter = zLow;
  if (zHigh < leave) leave = zHigh;
  return enter <= leave && leave > 0 && enter < best ? enter : Infinity;
}
