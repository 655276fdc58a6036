import type { MeshBuilder } from './mesh.js';
import { add, clamp, cross, dot, length, mix, normalize, scale, subtract, vec, type Vec3 } from './vector.js';

/** The joint (knee, elbow) of a limb of two parts from `root` to `tip`, bent towards `bend`. */
export function jointOf(root: Vec3, tip: Vec3, upper: number, lower: number, bend: Vec3): Vec3 {
  const way = subtract(tip, root);
  const span = clamp(length(way), Math.abs(upper - lower) + 0.01, upper + lower - 0.002);
  const axis = normalize(way);
  const foot = (span * span + upper * upper - lower * lower) / (2 * span);
  const height = Math.sqrt(Math.max(0, upper * upper - foot * foot));
  const aside = normalize(subtract(bend, scale(axis, dot(bend, axis))));
  return add(root, add(scale(axis, foot), scale(aside, height)));
}

/** Adds a limb of two parts, thick at the root, thin at the tip. */
export function addLimb(
  mesh: MeshBuilder,
  root: Vec3,
  joint: Vec3,
  tip: Vec3,
  radii: readonly [number, number, number],
): void {
  const [thick, middle, thin] = radii;
  mesh.tube(
    [root, mix(root, joint, 0.5), joint, mix(joint, tip, 0.4), tip],
    [thick, (thick + middle) / 2, middle, middle * 0.98, thin],
    9,
  );
}

/** Adds a body of oval cross-sections: per level its centre, half width and half depth. */
export function addTrunk(mesh: MeshBuilder, levels: readonly (readonly [Vec3, number, number])[], across: Vec3): void {
  const sides = 14;
  const rings = levels.map(([centre, width, depth], k) => {
    const below = levels[Math.max(0, k - 1)]?.[0] ?? centre;
    const above = levels[Math.min(levels.length - 1, k + 1)]?.[0] ?? centre;
    const axis = normalize(subtract(above, below));
    const forward = normalize(cross(across, axis));
    return Array.from({ length: sides }, (_, s) => {
      const angle = (2 * Math.PI * s) / sides;
      return add(centre, add(scale(across, width * Math.cos(angle)), scale(forward, depth * Math.sin(angle))));
    });
  });
  const first = levels[0]?.[0] ?? vec(0, 0, 0);
  const last = levels[levels.length - 1]?.[0] ?? first;
  mesh.loft([rings[0]?.map(() => first) ?? [], ...rings, rings[0]?.map(() => last) ?? []]);
}
