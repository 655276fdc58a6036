import { colour } from './colour.js';
import { boards, glowing, painted } from './finishes.js';
import { STREET } from './layout.js';
import { upright, WORLD } from './mesh.js';
import type { Stage } from './stage.js';
import { vec, type Vec3 } from './vector.js';

const SODIUM = vec(1, 0.7, 0.4);
const NEUTRAL = vec(1, 0.88, 0.74);

/** A street lamp: its post at (x, z), an arm reaching `arm` metres towards +x (or -x when negative). */
export interface LampPost {
  readonly x: number;
  readonly z: number;
  readonly arm: number;
  readonly tint?: Vec3;
  readonly intensity?: number;
}

/** The street lamps, nearest first; the first ones stand behind the camera. */
export const LAMP_POSTS: readonly LampPost[] = [
  { x: 4, z: -7, arm: -1.2, intensity: 95, tint: NEUTRAL },
  { x: -6, z: -3, arm: 1.3, intensity: 60 },
  { x: -6, z: 21.5, arm: 1.3 },
  { x: 3.8, z: 33, arm: -1.3, tint: NEUTRAL },
  { x: -6, z: 45, arm: 1.3 },
  { x: 3.8, z: 57, arm: -1.3 },
  { x: -6, z: 69, arm: 1.3, tint: NEUTRAL },
  { x: 3.8, z: 81, arm: -1.3 },
  { x: -10, z: 101.5, arm: 1, intensity: 120 },
  { x: 15, z: 101.5, arm: 1, intensity: 120 },
];

const LAMP_HEIGHT = 5.9;

/** Adds a street lamp and its light. */
export function addLampPost(stage: Stage, post: LampPost): void {
  const { mesh, palette } = stage;
  const tint = post.tint ?? SODIUM;
  const intensity = post.intensity ?? 105;
  mesh.placement = WORLD;
  mesh.material = palette.add(painted(colour('#27332f'), 0.7));
  const { x, z, arm } = post;
  mesh.tube([vec(x, 0, z), vec(x, 0.9, z), vec(x, 1, z)], [0.13, 0.12, 0.07], 10);
  mesh.tube([vec(x, 1, z), vec(x, LAMP_HEIGHT - 0.3, z)], [0.065, 0.05], 10);
  const bow = [0, 0.25, 0.5, 0.75, 1].map((t) => vec(x + arm * t, LAMP_HEIGHT - 0.3 + 0.42 * Math.sin(t * 2.1), z));
  mesh.tube(
    bow,
    bow.map(() => 0.035),
    8,
  );
  const head = x + arm;
  mesh.ellipsoid(vec(head, LAMP_HEIGHT + 0.05, z), vec(0.34, 0.11, 0.19), 14);
  mesh.material = palette.add(glowing(tint, 900, true));
  mesh.ellipsoid(vec(head, LAMP_HEIGHT - 0.02, z), vec(0.25, 0.1, 0.14), 12);
  const position = vec(head, LAMP_HEIGHT - 0.06, z);
  stage.lamps.push({ position, radius: 0.16, tint, intensity, kind: 'street', reach: 42 });
}

/** Adds a red pillar box. */
export function addPillarBox(stage: Stage, x: number, z: number): void {
  const { mesh, palette } = stage;
  mesh.placement = WORLD;
  mesh.material = palette.add(painted(colour('#c3141c'), 0.9));
  mesh.tube([vec(x, 0.1, z), vec(x, 1.35, z)], [0.24, 0.24], 16);
  mesh.tube([vec(x, 1.35, z), vec(x, 1.43, z), vec(x, 1.52, z)], [0.28, 0.28, 0.12], 16);
  mesh.material = palette.add(painted(colour('#101010'), 0.5));
  mesh.tube([vec(x, 0.1, z), vec(x, 0.28, z)], [0.26, 0.26], 16);
  mesh.box(x + 0.2, 1.12, z - 0.13, x + 0.25, 1.17, z + 0.13);
}

/** Adds a slatted bench, its seat towards `heading`. */
export function addBench(stage: Stage, x: number, z: number, heading: number): void {
  const { mesh, palette } = stage;
  mesh.placement = upright(vec(x, STREET.pavementHeight, z), heading);
  mesh.material = palette.add(boards(colour('#a5692f'), 5, 2));
  for (let slat = 0; slat < 4; slat++) {
    mesh.box(-0.85, 0.42, 0.02 + slat * 0.11, 0.85, 0.46, 0.1 + slat * 0.11);
    if (slat < 3) mesh.box(-0.85, 0.55 + slat * 0.13, -0.06, 0.85, 0.64 + slat * 0.13, -0.02);
  }
  mesh.material = palette.add(painted(colour('#20241f'), 0.5));
  for (const u of [-0.75, 0.68]) {
    mesh.box(u, 0, 0, u + 0.07, 0.42, 0.44);
    mesh.box(u, 0.4, -0.06, u + 0.07, 0.92, 0);
  }
  mesh.placement = WORLD;
}

/** Adds a round flower tub with a small box tree. */
export function addTub(stage: Stage, x: number, z: number): void {
  const { mesh, palette, random } = stage;
  const base = STREET.pavementHeight;
  mesh.placement = WORLD;
  mesh.material = palette.add(painted(colour('#b5623c'), 0.2));
  mesh.tube([vec(x, base, z), vec(x, base + 0.42, z), vec(x, base + 0.46, z)], [0.2, 0.28, 0.3], 14);
  const green = palette.add((surface, px, py, pz) => {
    const leaf = Math.sin(px * 61) * Math.sin(py * 57) * Math.sin(pz * 59);
    surface.paint(colour('#4f7d35'), 0.6 + 0.5 * leaf);
    surface.roughness = 0.6;
  });
  mesh.material = green;
  mesh.ellipsoid(vec(x, base + 0.78, z), vec(0.34, 0.38, 0.34), 12);
  for (let k = 0; k < 60; k++) {
    const angle = random.between(0, 6.28);
    const height = random.between(-0.9, 0.9);
    const ring = Math.sqrt(1 - height * height) * 0.36;
    const middle = vec(x + ring * Math.cos(angle), base + 0.78 + 0.4 * height, z + ring * Math.sin(angle));
    mesh.triangle(
      middle,
      vec(middle.x + 0.08, middle.y + 0.05, middle.z),
      vec(middle.x, middle.y + 0.06, middle.z + 0.08),
    );
  }
}

/** Adds a row of bollards with white bands along x = const. */
export function addBollards(stage: Stage, x: number, places: readonly number[]): void {
  const { mesh, palette } = stage;
  mesh.placement = WORLD;
  const iron = palette.add(painted(colour('#1d2a3a'), 0.6));
  const band = palette.add(painted(colour('#e8e4d8'), 0.3));
  for (const z of places) {
    mesh.material = iron;
    mesh.tube([vec(x, 0.1, z), vec(x, 0.95, z), vec(x, 1.05, z)], [0.075, 0.075, 0.05], 10);
    mesh.material = band;
    mesh.tube([vec(x, 0.76, z), vec(x, 0.88, z)], [0.08, 0.08], 10);
  }
}

/** Adds a café table with two chairs. */
export function addCafeTable(stage: Stage, x: number, z: number): void {
  const { mesh, palette } = stage;
  const base = STREET.pavementHeight;
  mesh.placement = WORLD;
  const wood = palette.add(painted(colour('#2f7a5a'), 0.5));
  const leg = palette.add(painted(colour('#222222'), 0.6));
  mesh.material = wood;
  mesh.tube([vec(x, base + 0.72, z), vec(x, base + 0.75, z)], [0.34, 0.34], 14);
  mesh.material = leg;
  mesh.tube([vec(x, base, z), vec(x, base + 0.72, z)], [0.035, 0.035], 6);
  for (const side of [-1, 1]) {
    const cz = z + side * 0.62;
    mesh.material = wood;
    mesh.box(x - 0.2, base + 0.44, cz - 0.2, x + 0.2, base + 0.48, cz + 0.2);
    mesh.box(x - 0.2, base + 0.55, cz + side * 0.17, x + 0.2, base + 0.9, cz + side * 0.2);
    mesh.material = leg;
    for (const [lx, lz] of [
      [-0.18, -0.18],
      [0.18, -0.18],
      [-0.18, 0.18],
      [0.18, 0.18],
    ] as const) {
      mesh.box(x + lx - 0.015, base, cz + lz - 0.015, x + lx + 0.015, base + 0.44, cz + lz + 0.015);
    }
  }
}
