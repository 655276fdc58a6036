import { PERIOD, secondsInto, type Actor, type Pose } from './actor.js';
import type { Camera } from './camera.js';
import { place, type Placement } from './mesh.js';
import { lightAt, type MovingLight } from './moving-light.js';
import { emptyHit, type RayHit } from './ray-tree.js';
import { scatter } from './random.js';
import { length, subtract, vec, type Vec3 } from './vector.js';

/** Pictures a second of the clip. */
export const RATE = 25;
/** Pictures in the clip. */
export const FRAMES = PERIOD * RATE;
/** The part of each picture's time for which the shutter is open: long, as at night. */
const SHUTTER = 0.8;
/** Moments within an exposure at which moving things are placed. */
export const MOMENTS = 16;

/** An actor during one exposure. */
export interface Presence {
  readonly actor: Actor;
  /** Per moment, its pose; undefined when it is off. */
  readonly poses: readonly (Pose | undefined)[];
  /** Per moment, its lights. */
  readonly lights: readonly (readonly MovingLight[])[];
  /** A ball that holds it during the whole exposure. */
  readonly middle: Vec3;
  readonly radius: number;
  /** The part of the picture that it may cover: left, top, right, bottom, in pixels. */
  readonly box: readonly [number, number, number, number];
}

/** All actors that are on during picture `frame` (0..FRAMES-1). */
export function presences(cast: readonly Actor[], frame: number, camera: Camera): Presence[] {
  const found: Presence[] = [];
  for (const actor of cast) {
    const start = secondsInto(actor, frame / RATE);
    const poses: (Pose | undefined)[] = [];
    const lights: (readonly MovingLight[])[] = [];
    const mounted = actor.lights(start);
    for (let moment = 0; moment < MOMENTS; moment++) {
      const seconds = start + (((moment + 0.5) / MOMENTS) * SHUTTER) / RATE;
      const pose = seconds <= actor.duration ? actor.pose(seconds) : undefined;
      poses.push(pose);
      lights.push(pose === undefined ? [] : mounted.map((light) => lightAt(light, pose.at)));
    }
    const present = poses.filter((pose) => pose !== undefined);
    if (present.length === 0) continue;
    found.push({ actor, poses, lights, ...extent(present, camera) });
  }
  return found;
}

/** The corners in the world of the box that holds a pose's shape. */
export function cornersOf({ tree, at }: Pose): Vec3[] {
  const [x0 = 0, y0 = 0, z0 = 0, x1 = 0, y1 = 0, z1 = 0] = tree.bounds;
  return [0, 1, 2, 3, 4, 5, 6, 7].map((k) => place(at, vec(k & 1 ? x1 : x0, k & 2 ? y1 : y0, k & 4 ? z1 : z0)));
}

function extent(poses: readonly Pose[], camera: Camera): Pick<Presence, 'middle' | 'radius' | 'box'> {
  const corners = poses.flatMap(cornersOf);
  const sum = corners.reduce((a, b) => vec(a.x + b.x, a.y + b.y, a.z + b.z), vec(0, 0, 0));
  const middle = vec(sum.x / corners.length, sum.y / corners.length, sum.z / corners.length);
  const radius = Math.max(...corners.map((corner) => length(subtract(corner, middle))));
  return { middle, radius, box: pictureBox(corners, camera) };
}

/** The least box in the picture around points; everything when some lie behind the camera and others before it. */
export function pictureBox(points: readonly Vec3[], camera: Camera): [number, number, number, number] {
  const seen = points.map((point) => camera.project(point));
  const before = seen.filter(({ z }) => z > 0.3);
  if (before.length === 0) return [0, 0, 0, 0];
  if (before.length < seen.length) return [0, 0, 1e5, 1e5];
  const xs = seen.map(({ x }) => x);
  const ys = seen.map(({ y }) => y);
  return [
    Math.floor(Math.min(...xs)) - 1,
    Math.floor(Math.min(...ys)) - 1,
    Math.ceil(Math.max(...xs)) + 1,
    Math.ceil(Math.max(...ys)) + 1,
  ];
}

/** A moment of the exposure for a sample of a pixel, scattered so that blur shows as fine grain, not as steps. */
export function momentFor(pixel: number, sample: number, samples: number, frame: number): number {
  const spread = MOMENTS / samples;
  return Math.floor(sample * spread + scatter(pixel, sample, frame) * spread);
}

const localHit = emptyHit();

/** Finds where a ray meets a pose nearer than `reach`. */
export function meets(
  pose: Pose,
  ox: number,
  oy: number,
  oz: number,
  dx: number,
  dy: number,
  dz: number,
  reach: number,
  hit: RayHit,
): boolean {
  const { at, tree } = pose;
  const px = ox - at.origin.x;
  const py = oy - at.origin.y;
  const pz = oz - at.origin.z;
  return tree.nearest(
    px * at.right.x + pz * at.right.z,
    py,
    px * at.out.x + pz * at.out.z,
    dx * at.right.x + dz * at.right.z,
    dy,
    dx * at.out.x + dz * at.out.z,
    reach,
    hit,
  );
}

/** Whether a present actor stands in the way of a ray from o along the unit direction d within `reach`. */
export function inTheWay(
  presence: Presence,
  moment: number,
  ox: number,
  oy: number,
  oz: number,
  dx: number,
  dy: number,
  dz: number,
  reach: number,
): boolean {
  const pose = presence.poses[moment];
  if (pose === undefined) return false;
  const mx = presence.middle.x - ox;
  const my = presence.middle.y - oy;
  const mz = presence.middle.z - oz;
  const along = mx * dx + my * dy + mz * dz;
  if (along < -presence.radius || along > reach + presence.radius) return false;
  if (mx * mx + my * my + mz * mz - along * along > presence.radius * presence.radius) return false;
  return meets(pose, ox, oy, oz, dx, dy, dz, reach, localHit);
}

/** The parts of a world normal or direction in the world, from its parts in a placement's space. */
export function toWorld(at: Placement, x: number, y: number, z: number): Vec3 {
  return vec(x * at.right.x + z * at.out.x, y, x * at.right.z + z * at.out.z);
}
