import type { MeshBuilder } from './mesh.js';
import { along, lerp, vec, type Vec3 } from './vector.js';

/** A line of [z, value] points along a car, tail (-z) to nose (+z); metres. */
type Profile = readonly (readonly [number, number])[];

/** The shape of a kind of car, in its own space: x to its left or right, y up from the road, +z its nose. */
export interface CarBody {
  readonly bottom: Profile;
  /** Top of the doors and bonnet, and of the cabin above them. */
  readonly belt: Profile;
  readonly roof: Profile;
  readonly halfWidth: Profile;
  readonly roofHalf: number;
  /** z of the windscreen's foot and top, and of the rear window's top and foot. */
  readonly windscreen: readonly [number, number];
  readonly rearWindow: readonly [number, number];
  /** z of the posts between the side windows; behind the last the side is closed. */
  readonly posts: readonly number[];
  readonly lastWindow: number;
  readonly axles: readonly [number, number];
  readonly wheelRadius: number;
  readonly nose: number;
  readonly tail: number;
  /** Height of the middle of the head and tail lights. */
  readonly headHeight: number;
  readonly tailHeight: number;
}

/** A small five-door car. */
export const HATCHBACK: CarBody = {
  bottom: [
    [-2.02, 0.36],
    [-1.8, 0.24],
    [1.75, 0.22],
    [2.02, 0.3],
  ],
  belt: [
    [-2.02, 0.62],
    [-1.96, 0.88],
    [-1.6, 0.96],
    [0, 0.93],
    [0.85, 0.93],
    [1.5, 0.84],
    [1.9, 0.72],
    [2.02, 0.52],
  ],
  roof: [
    [-1.98, 0.86],
    [-1.86, 1.0],
    [-1.5, 1.36],
    [-1.1, 1.45],
    [-0.3, 1.48],
    [0.2, 1.42],
    [0.45, 1.28],
    [1.0, 0.92],
    [2.02, 0.5],
  ],
  halfWidth: [
    [-2.02, 0.66],
    [-1.9, 0.8],
    [-1.5, 0.86],
    [0, 0.88],
    [1.4, 0.86],
    [1.8, 0.8],
    [2.02, 0.6],
  ],
  roofHalf: 0.6,
  windscreen: [1.0, 0.15],
  rearWindow: [-1.42, -1.88],
  posts: [-0.28],
  lastWindow: -1.4,
  axles: [-1.28, 1.3],
  wheelRadius: 0.31,
  nose: 2.02,
  tail: -2.02,
  headHeight: 0.66,
  tailHeight: 0.86,
};

/** A family saloon. */
export const SALOON: CarBody = {
  bottom: [
    [-2.3, 0.36],
    [-2.05, 0.24],
    [2, 0.22],
    [2.3, 0.3],
  ],
  belt: [
    [-2.3, 0.6],
    [-2.25, 0.86],
    [-2.1, 0.95],
    [-1.5, 0.97],
    [0, 0.91],
    [1.0, 0.92],
    [1.75, 0.83],
    [2.15, 0.7],
    [2.3, 0.5],
  ],
  roof: [
    [-2.3, 0.6],
    [-1.75, 0.97],
    [-1.05, 1.36],
    [-0.6, 1.43],
    [-0.1, 1.43],
    [0.3, 1.36],
    [1.1, 0.92],
    [2.3, 0.5],
  ],
  halfWidth: [
    [-2.3, 0.66],
    [-2.15, 0.82],
    [-1.6, 0.88],
    [0, 0.9],
    [1.6, 0.88],
    [2.05, 0.8],
    [2.3, 0.58],
  ],
  roofHalf: 0.58,
  windscreen: [1.1, 0.25],
  rearWindow: [-0.98, -1.75],
  posts: [-0.2],
  lastWindow: -1.1,
  axles: [-1.4, 1.45],
  wheelRadius: 0.32,
  nose: 2.3,
  tail: -2.3,
  headHeight: 0.66,
  tailHeight: 0.84,
};

/** A delivery van. */
export const VAN: CarBody = {
  bottom: [
    [-2.6, 0.4],
    [-2.4, 0.3],
    [2.3, 0.28],
    [2.6, 0.34],
  ],
  belt: [
    [-2.6, 1.1],
    [-2.5, 1.16],
    [0.9, 1.16],
    [1.7, 1.1],
    [2.4, 0.9],
    [2.6, 0.6],
  ],
  roof: [
    [-2.6, 2.05],
    [-2.5, 2.2],
    [0.5, 2.24],
    [0.95, 2.12],
    [1.85, 1.12],
    [2.6, 0.6],
  ],
  halfWidth: [
    [-2.6, 0.92],
    [-2.5, 0.98],
    [1.4, 0.98],
    [2.2, 0.92],
    [2.6, 0.66],
  ],
  roofHalf: 0.84,
  windscreen: [1.85, 0.95],
  rearWindow: [-9, -9],
  posts: [],
  lastWindow: 0.35,
  axles: [-1.6, 1.75],
  wheelRadius: 0.35,
  nose: 2.6,
  tail: -2.6,
  headHeight: 0.82,
  tailHeight: 1.1,
};

/** Adds the body's skin, a loft of rings from tail to nose, in the builder's placement and material. */
export function addBodySkin(mesh: MeshBuilder, body: CarBody): void {
  const stations = 46;
  const rings: Vec3[][] = [];
  for (let k = 0; k <= stations; k++) {
    // Stations crowd towards the ends, where the shape turns fastest.
    const t = (1 - Math.cos((Math.PI * k) / stations)) / 2;
    const z = lerp(body.tail, body.nose, lerp(k / stations, t, 0.6));
    const ring = crossSection(body, z);
    if (k === 0) rings.push(ring.map((p) => vec(0, 0.6, p.z)));
    rings.push(ring);
    if (k === stations) rings.push(ring.map((p) => vec(0, 0.45, p.z)));
  }
  mesh.loft(rings);
}

function crossSection(body: CarBody, z: number): Vec3[] {
  const bottom = along(body.bottom, z);
  const belt = along(body.belt, z);
  const roof = Math.max(belt + 0.004, along(body.roof, z));
  const width = along(body.halfWidth, z);
  const rise = roof - belt;
  const cabin = (t: number): number => lerp(width * 0.95, Math.min(body.roofHalf, width * 0.9), t);
  const half: [number, number][] = [
    [width * 0.5, bottom],
    [width * 0.88, bottom],
    [width * 0.97, bottom + 0.06],
    [width, bottom + 0.18],
    [width * 1.005, lerp(bottom, belt, 0.62)],
    [width * 0.985, belt - 0.05],
    [width * 0.955, belt],
    [cabin(0.06), belt + 0.06 * rise],
    [cabin(0.45), belt + 0.48 * rise],
    [cabin(0.85), belt + 0.87 * rise],
    [cabin(1) * 0.9, belt + 0.985 * rise],
    [cabin(1) * 0.5, roof + 0.015],
  ];
  return [
    ...half.map(([x, y]) => vec(x, y, z)),
    vec(0, roof + 0.02, z),
    ...half.toReversed().map(([x, y]) => vec(-x, y, z)),
  ];
}
