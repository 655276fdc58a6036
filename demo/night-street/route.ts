import { groundHeight } from './layout.js';
import { upright, type Placement } from './mesh.js';
import { clamp, vec } from './vector.js';

const STEP = 0.1;

/** A way along the ground through given points, its corners rounded. */
export class Route {
  /** Length in metres. */
  readonly length: number;
  /** The way cut into steps of equal length: x and z by turns. */
  private readonly track: Float64Array;

  /** Goes through `points` ([x, z]); corners are cut within about `rounding` metres. */
  constructor(points: readonly (readonly [number, number])[], rounding: number) {
    const dense: [number, number][] = [];
    let carried = 0;
    points.slice(1).forEach(([x1, z1], k) => {
      const [x0, z0] = points[k] ?? [x1, z1];
      const span = Math.hypot(x1 - x0, z1 - z0);
      for (; carried < span; carried += STEP) {
        dense.push([x0 + ((x1 - x0) * carried) / span, z0 + ((z1 - z0) * carried) / span]);
      }
      carried -= span;
    });
    const reach = Math.round(rounding / STEP);
    this.track = new Float64Array(dense.length * 2);
    dense.forEach((_, k) => {
      // The mean of a window of the way; it shrinks towards both ends, so that they stay where they are.
      const window = Math.min(reach, k, dense.length - 1 - k);
      let sumX = 0;
      let sumZ = 0;
      for (let j = k - window; j <= k + window; j++) {
        sumX += dense[j]?.[0] ?? 0;
        sumZ += dense[j]?.[1] ?? 0;
      }
      this.track[k * 2] = sumX / (2 * window + 1);
      this.track[k * 2 + 1] = sumZ / (2 * window + 1);
    });
    this.length = (dense.length - 1) * STEP;
  }

  /** The place and heading after `distance` metres; on the kerbs' height when `onFoot`, else on the road's. */
  at(distance: number, onFoot: boolean): Placement {
    const [x, z] = this.point(distance);
    const [backX, backZ] = this.point(distance - 0.25);
    const [aheadX, aheadZ] = this.point(distance + 0.25);
    return upright(vec(x, onFoot ? groundHeight(x, z) : 0, z), Math.atan2(aheadX - backX, aheadZ - backZ));
  }

  private point(distance: number): [number, number] {
    const last = this.track.length / 2 - 2;
    const position = distance / STEP;
    const k = clamp(Math.floor(position), 0, last);
    const t = position - k;
    const x0 = this.track[k * 2] ?? 0;
    const z0 = this.track[k * 2 + 1] ?? 0;
    return [x0 + ((this.track[k * 2 + 2] ?? x0) - x0) * t, z0 + ((this.track[k * 2 + 3] ?? z0) - z0) * t];
  }
}
