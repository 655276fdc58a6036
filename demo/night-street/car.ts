import { addBodySkin, type CarBody } from './car-body.js';
import { colour } from './colour.js';
import type { MeshBuilder, Placement } from './mesh.js';
import type { Material, Palette, Surface } from './surface.js';
import { along, clamp, lerp, smoothstep, vec, type Vec3 } from './vector.js';

/** Which of a car's lights shine; all 0..1. A car's materials read it at each look, so it may change between frames. */
export interface CarLights {
  head: number;
  tail: number;
  brake: number;
  /** Right and left direction indicators. */
  right: number;
  left: number;
}

/** The lights of a parked car. */
export function lightsOff(): CarLights {
  return { head: 0, tail: 0, brake: 0, right: 0, left: 0 };
}

const GLASS = vec(0.012, 0.014, 0.016);
const BLACK = vec(0.015, 0.015, 0.016);
const HEAD_TINT = vec(1, 0.93, 0.82);
const TAIL_RED = vec(1, 0.035, 0.015);
const AMBER = vec(1, 0.42, 0.03);

/** Adds a car standing at the placement's origin, nose towards its out axis. */
export function addCar(
  mesh: MeshBuilder,
  palette: Palette,
  at: Placement,
  body: CarBody,
  paint: string,
  lights: CarLights,
): void {
  mesh.placement = at;
  mesh.material = palette.add(bodyMaterial(at, body, colour(paint), lights));
  addBodySkin(mesh, body);
  const tyre = palette.add(wheelMaterial(at, body));
  mesh.material = tyre;
  const radius = body.wheelRadius;
  for (const axle of body.axles) {
    const width = along(body.halfWidth, axle);
    for (const side of [-1, 1]) {
      const inner = vec(side * (width - 0.2), radius, axle);
      const outer = vec(side * (width + 0.015), radius, axle);
      mesh.tube([inner, vec(side * (width - 0.01), radius, axle), outer], [radius, radius, radius * 0.93], 18);
    }
  }
  // Wing mirrors.
  mesh.material = palette.add((surface) => {
    surface.paint(colour(paint));
    surface.roughness = 0.15;
    surface.reflectance = 0.05;
  });
  const z = body.windscreen[0] - 0.35;
  for (const side of [-1, 1]) {
    mesh.ellipsoid(
      vec(side * (along(body.halfWidth, z) + 0.1), along(body.belt, z) + 0.09, z),
      vec(0.1, 0.07, 0.06),
      8,
    );
  }
}

/** A point of the world in the car's own space. */
function intoCar(at: Placement, x: number, y: number, z: number): Vec3 {
  const dx = x - at.origin.x;
  const dy = y - at.origin.y;
  const dz = z - at.origin.z;
  return vec(
    dx * at.right.x + dy * at.right.y + dz * at.right.z,
    dx * at.up.x + dy * at.up.y + dz * at.up.z,
    dx * at.out.x + dy * at.out.y + dz * at.out.z,
  );
}

function bodyMaterial(at: Placement, body: CarBody, paint: Vec3, lights: CarLights): Material {
  return (surface, wx, wy, wz) => {
    const p = intoCar(at, wx, wy, wz);
    const facing = Math.abs(surface.nx * at.right.x + surface.ny * at.right.y + surface.nz * at.right.z);
    const ahead = surface.nx * at.out.x + surface.ny * at.out.y + surface.nz * at.out.z;
    surface.paint(paint);
    surface.roughness = 0.13;
    surface.reflectance = 0.055;
    const belt = along(body.belt, p.z);
    const roof = along(body.roof, p.z);
    if (p.y > belt + 0.02 && roof - belt > 0.05) cabin(surface, body, p, facing, belt, roof);
    else if (!lamps(surface, body, p, ahead, lights)) panels(surface, body, p, facing);
  };
}

/** Windows, and the painted posts between them. */
function cabin(surface: Surface, body: CarBody, p: Vec3, facing: number, belt: number, roof: number): void {
  const t = (p.y - belt) / (roof - belt);
  const [foot, top] = body.windscreen;
  let glass: boolean;
  if (facing > 0.5) {
    const full = Math.max(...body.roof.map(([, height]) => height));
    const front = lerp(foot, top, clamp((p.y - belt) / (full - belt), 0, 1)) - 0.1;
    const post = body.posts.some((z) => Math.abs(p.z - z) < 0.045);
    glass = t > 0.05 && t < 0.9 && p.z < front && p.z > body.lastWindow && !post;
  } else {
    const inFront = p.z > top + 0.03 && p.z < foot - 0.04;
    const behind = p.z < body.rearWindow[0] - 0.02 && p.z > body.rearWindow[1] + 0.03;
    glass = (inFront || behind) && Math.abs(p.x) < body.roofHalf + 0.12;
  }
  if (!glass) return;
  surface.paint(GLASS);
  surface.roughness = 0.04;
  surface.reflectance = 0.06;
}

/** The lamps, lit or not; says whether the point lies on one. `ahead` is how far (0..1) its skin faces the nose. */
function lamps(surface: Surface, body: CarBody, p: Vec3, ahead: number, lights: CarLights): boolean {
  const x = Math.abs(p.x);
  const width = along(body.halfWidth, p.z);
  const indicator = p.x > 0 ? lights.right : lights.left;
  if (p.z > body.nose - 0.5 && x > 0.42 && Math.abs(p.y - body.headHeight) < 0.085 - 0.1 * Math.max(0, 0.5 - x)) {
    surface.paint(vec(0.5, 0.5, 0.5));
    surface.roughness = 0.1;
    surface.reflectance = 0.3;
    const core = smoothstep(0.09, 0.02, Math.hypot(x - 0.62, p.y - body.headHeight));
    surface.shine(HEAD_TINT, lights.head * (5 + 260 * core) * smoothstep(0.05, 0.5, ahead));
    if (x > width - 0.1 && indicator > 0) surface.shine(AMBER, indicator * 9);
    return true;
  }
  if (p.z < body.tail + 0.28 && x > width - 0.3 && Math.abs(p.y - body.tailHeight) < 0.1) {
    surface.paint(vec(0.35, 0.015, 0.012));
    surface.roughness = 0.12;
    surface.reflectance = 0.06;
    const stripe = 0.4 + 0.6 * smoothstep(0.07, 0.02, Math.abs(p.y - body.tailHeight));
    surface.shine(TAIL_RED, (lights.tail * 2.6 + lights.brake * 14) * stripe);
    if (p.y < body.tailHeight - 0.03 && indicator > 0) surface.shine(AMBER, indicator * 11);
    return true;
  }
  return false;
}

/** Bumpers, number plates, grille, door seams, sills and the dark of the wheel arches. */
function panels(surface: Surface, body: CarBody, p: Vec3, facing: number): void {
  const x = Math.abs(p.x);
  const atEnd = p.z > body.nose - 0.2 || p.z < body.tail + 0.2;
  const inArch = (axle: number): boolean =>
    facing > 0.3 && Math.hypot(p.z - axle, p.y - body.wheelRadius) < body.wheelRadius + 0.06;
  const seams =
    facing > 0.5
      ? [body.windscreen[0] - 0.3, ...body.posts, Math.max(body.lastWindow + 0.35, body.axles[0] + 0.4)]
      : [];
  const wipers = facing <= 0.5 && Math.abs(p.z - body.windscreen[0] + 0.02) < 0.03 && p.y > 0.8;
  const grille = p.z > body.nose - 0.3 && x < 0.5 && p.y > 0.56 && p.y < 0.7;
  const foot = p.y < 0.32 || (atEnd && p.y < 0.42);
  if (atEnd && x < 0.26 && p.y > 0.42 && p.y < 0.54) {
    numberPlate(surface, p);
  } else if (body.axles.some(inArch) || grille || foot || wipers || seams.some((z) => Math.abs(p.z - z) < 0.012)) {
    surface.paint(BLACK);
    surface.roughness = 0.6;
    surface.reflectance = 0.03;
  } else if (seams.some((z) => p.z > z + 0.06 && p.z < z + 0.22) && Math.abs(p.y - 0.8) < 0.02) {
    // Door handles.
    surface.shade(0.4);
  }
}

function numberPlate(surface: Surface, p: Vec3): void {
  surface.paint(p.z > 0 ? vec(0.75, 0.75, 0.72) : vec(0.75, 0.6, 0.15));
  const run = (Math.abs(p.x) + 0.02) / 0.055;
  if (p.y > 0.445 && p.y < 0.515 && run % 1 > 0.35 && run < 5) surface.shade(0.15);
  surface.roughness = 0.5;
}

function wheelMaterial(at: Placement, body: CarBody): Material {
  return (surface, wx, wy, wz) => {
    const p = intoCar(at, wx, wy, wz);
    const axle = Math.abs(p.z - body.axles[0]) < Math.abs(p.z - body.axles[1]) ? body.axles[0] : body.axles[1];
    const far = Math.hypot(p.z - axle, p.y - body.wheelRadius) / body.wheelRadius;
    const turn = Math.atan2(p.y - body.wheelRadius, p.z - axle);
    surface.paint(BLACK);
    surface.roughness = 0.8;
    if (far > 0.68) return;
    const spoke = far < 0.2 || far > 0.6 || Math.cos(turn * 5) > 0.1;
    surface.paint(vec(0.42, 0.43, 0.45), spoke ? 1 : 0.12);
    surface.roughness = 0.3;
    surface.reflectance = 0.2;
  };
}
