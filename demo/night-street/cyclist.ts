import { colour } from './colour.js';
import { glowing, metal, painted } from './finishes.js';
import { addLimb, addTrunk, jointOf } from './limb.js';
import { MeshBuilder, type Mesh } from './mesh.js';
import type { Wardrobe } from './person.js';
import type { Palette } from './surface.js';
import { vec, type Vec3 } from './vector.js';

/** Metres ridden in one turn of the pedals. */
export const PEDAL_TURN = 5.2;

/** The materials of a bicycle. */
export interface BicyclePaint {
  readonly frame: number;
  readonly tyre: number;
  readonly rim: number;
  readonly headlight: number;
  readonly tailLight: number;
}

/** Makes the materials of a bicycle with its lights on. */
export function bicyclePaint(palette: Palette, frame: string): BicyclePaint {
  return {
    frame: palette.add(painted(colour(frame), 0.9)),
    tyre: palette.add(painted(colour('#161616'), 0)),
    rim: palette.add(metal(vec(0.7, 0.7, 0.72), 0.3)),
    headlight: palette.add(glowing(vec(1, 0.97, 0.9), 60)),
    tailLight: palette.add(glowing(vec(1, 0.03, 0.015), 22)),
  };
}

const WHEEL = 0.35;
const AXLES = [-0.54, 0.54] as const;
const CRANK = vec(0, 0.28, -0.08);
const SADDLE = vec(0, 0.97, -0.26);
const BARS = vec(0, 1.02, 0.36);

/** Builds a cyclist riding towards +z, wheels on y = 0; `phase` 0..1 is the turn of the pedals. */
export function buildCyclist(dress: Wardrobe, paint: BicyclePaint, phase: number): Mesh {
  const mesh = new MeshBuilder();
  addBicycle(mesh, paint);
  const turn = phase * 2 * Math.PI;
  const hip = vec(0, SADDLE.y + 0.06, SADDLE.z + 0.03);
  for (const side of [-1, 1]) {
    const angle = turn + (side > 0 ? Math.PI : 0);
    const pedal = vec(side * 0.12, CRANK.y + 0.17 * Math.cos(angle), CRANK.z + 0.17 * Math.sin(angle));
    mesh.material = paint.tyre;
    mesh.tube(
      [vec(side * 0.06, CRANK.y, CRANK.z), vec(side * 0.06, pedal.y, pedal.z), pedal],
      [0.013, 0.013, 0.013],
      5,
    );
    const ankle = vec(pedal.x, pedal.y + 0.12, pedal.z - 0.06);
    const root = vec(side * 0.09, hip.y, hip.z);
    mesh.material = dress.trousers;
    addLimb(mesh, root, jointOf(root, ankle, 0.44, 0.44, vec(side * 0.08, 0.2, 1)), ankle, [0.1, 0.068, 0.05]);
    mesh.material = dress.shoes;
    mesh.ellipsoid(vec(pedal.x, pedal.y + 0.05, pedal.z + 0.03), vec(0.045, 0.05, 0.13), 8);

    const shoulder = vec(side * 0.18, hip.y + 0.46, hip.z + 0.26);
    const grip = vec(side * 0.26, BARS.y + 0.02, BARS.z - 0.06);
    mesh.material = dress.coat;
    addLimb(mesh, shoulder, jointOf(shoulder, grip, 0.31, 0.3, vec(side * 0.6, -1, -0.3)), grip, [0.074, 0.056, 0.042]);
    mesh.material = dress.skin;
    mesh.ellipsoid(grip, vec(0.045, 0.04, 0.05), 7);
  }
  addRider(mesh, dress, hip);
  return mesh.build();
}

function addRider(mesh: MeshBuilder, dress: Wardrobe, hip: Vec3): void {
  const spine = (up: number): Vec3 => vec(0, hip.y + up * 0.88, hip.z + up * 0.48);
  mesh.material = dress.coat;
  addTrunk(
    mesh,
    [
      [spine(-0.1), 0.17, 0.14],
      [spine(0.06), 0.17, 0.13],
      [spine(0.22), 0.155, 0.115],
      [spine(0.4), 0.185, 0.13],
      [spine(0.52), 0.2, 0.12],
      [spine(0.575), 0.16, 0.095],
      [spine(0.63), 0.06, 0.06],
    ],
    vec(1, 0, 0),
  );
  if (dress.style.bag !== undefined) {
    const middle = spine(0.36);
    mesh.material = dress.bag;
    mesh.ellipsoid(vec(0, middle.y + 0.1, middle.z - 0.18), vec(0.15, 0.2, 0.11), 10);
  }
  const head = vec(0, hip.y + 0.69, hip.z + 0.42);
  mesh.material = dress.skin;
  mesh.tube([spine(0.58), vec(0, head.y - 0.06, head.z - 0.02)], [0.055, 0.055], 8);
  mesh.ellipsoid(head, vec(0.078, 0.11, 0.095), 11);
  mesh.material = dress.hat;
  mesh.ellipsoid(vec(0, head.y + 0.05, head.z - 0.02), vec(0.1, 0.095, 0.135), 12);
}

function addBicycle(mesh: MeshBuilder, paint: BicyclePaint): void {
  for (const axle of AXLES) {
    mesh.material = paint.tyre;
    const circle = (radius: number, sides: number): Vec3[] =>
      Array.from({ length: sides + 1 }, (_, s) => {
        const angle = (2 * Math.PI * s) / sides;
        return vec(0, WHEEL + radius * Math.cos(angle), axle + radius * Math.sin(angle));
      });
    const tyre = circle(WHEEL - 0.02, 24);
    mesh.tube(
      tyre,
      tyre.map(() => 0.02),
      6,
    );
    mesh.material = paint.rim;
    const rim = circle(WHEEL - 0.05, 20);
    mesh.tube(
      rim,
      rim.map(() => 0.011),
      4,
    );
    mesh.tube([vec(-0.05, WHEEL, axle), vec(0.05, WHEEL, axle)], [0.025, 0.025], 6);
  }
  mesh.material = paint.frame;
  const [rear, front] = AXLES;
  const headTube = vec(0, 0.86, 0.34);
  const bar = (from: Vec3, to: Vec3, radius = 0.018): void => mesh.tube([from, to], [radius, radius], 6);
  bar(vec(0, 0.82, -0.22), headTube);
  bar(CRANK, headTube, 0.021);
  bar(CRANK, vec(0, 0.9, -0.24));
  bar(headTube, BARS);
  for (const side of [-0.05, 0.05]) {
    bar(vec(side, WHEEL, rear), vec(0, 0.8, -0.21), 0.011);
    bar(vec(side, WHEEL, rear), CRANK, 0.011);
    bar(vec(side, WHEEL, front), vec(0, 0.8, 0.36), 0.013);
  }
  mesh.tube(
    [vec(-0.28, BARS.y + 0.02, BARS.z - 0.08), BARS, vec(0.28, BARS.y + 0.02, BARS.z - 0.08)],
    [0.014, 0.014, 0.014],
    6,
  );
  mesh.material = paint.tyre;
  mesh.ellipsoid(SADDLE, vec(0.07, 0.035, 0.13), 8);
  mesh.material = paint.headlight;
  mesh.ellipsoid(vec(0, 0.9, 0.43), vec(0.035, 0.035, 0.02), 8);
  mesh.material = paint.tailLight;
  mesh.ellipsoid(vec(0, 0.78, -0.3), vec(0.035, 0.03, 0.02), 8);
}
