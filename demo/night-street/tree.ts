import { colour } from './colour.js';
import { bark, foliage } from './finishes.js';
import { WORLD } from './mesh.js';
import type { Stage } from './stage.js';
import { add, normalize, scale, vec, type Vec3 } from './vector.js';
import { addLeaf } from './window.js';

/** A tree to plant. */
export interface TreePlan {
  readonly x: number;
  readonly z: number;
  /** Height of the crown's top, metres. */
  readonly height: number;
  /** Number of leaves; each stands for a small spray of them. */
  readonly leaves: number;
  readonly tint: string;
}

/** Adds a tree: a trunk that forks again and again, leaves about the last twigs. */
export function addTree(stage: Stage, plan: TreePlan): void {
  const { mesh, palette, random } = stage;
  mesh.placement = WORLD;
  const wood = palette.add(bark(Math.floor(plan.x * 7 + plan.z)));
  const leaf = palette.add(foliage(colour(plan.tint), Math.floor(plan.z)));
  const tips: Vec3[] = [];

  const grow = (from: Vec3, direction: Vec3, span: number, radius: number, level: number): void => {
    const bend = normalize(add(direction, vec(random.between(-0.15, 0.15), 0.05, random.between(-0.15, 0.15))));
    const middle = add(from, scale(direction, span / 2));
    const end = add(middle, scale(bend, span / 2));
    mesh.material = wood;
    mesh.tube([from, middle, end], [radius, radius * 0.85, radius * 0.7], level < 2 ? 8 : 5);
    if (level >= 2) tips.push(middle, end);
    if (level === 4) return;
    const forks = level === 0 ? 4 : 3;
    const start = random.between(0, 6.28);
    for (let fork = 0; fork < forks; fork++) {
      const angle = start + (fork * 2 * Math.PI) / forks + random.between(-0.4, 0.4);
      const spread = random.between(0.55, 0.95);
      const sideways = vec(Math.cos(angle) * spread, random.between(-0.05, 0.35), Math.sin(angle) * spread);
      grow(end, normalize(add(bend, sideways)), span * random.between(0.55, 0.75), radius * 0.6, level + 1);
    }
  };
  grow(vec(plan.x, 0, plan.z), vec(0, 1, 0), plan.height * 0.38, plan.height * 0.021, 0);

  mesh.material = leaf;
  for (let k = 0; k < plan.leaves; k++) {
    const tip = tips[Math.floor(random.next() * tips.length)] ?? vec(plan.x, plan.height, plan.z);
    const spread = plan.height * 0.075;
    const middle = add(
      tip,
      vec(random.gaussian() * spread, random.gaussian() * spread * 0.8, random.gaussian() * spread),
    );
    addLeaf(stage, middle, random.between(0.07, 0.13));
  }
}

/** Adds a clipped hedge between two corners: a dark core under a coat of leaves. */
export function addHedge(stage: Stage, low: Vec3, high: Vec3, tint: string): void {
  const { mesh, palette, random } = stage;
  mesh.placement = WORLD;
  mesh.material = palette.add((surface) => {
    surface.paint(vec(0.008, 0.014, 0.006));
  });
  mesh.box(low.x + 0.1, low.y, low.z + 0.1, high.x - 0.1, high.y - 0.1, high.z - 0.1);
  mesh.material = palette.add(foliage(colour(tint), Math.floor(low.z * 3)));
  const size = vec(high.x - low.x, high.y - low.y, high.z - low.z);
  const leaves = Math.round((size.x * size.z + 2 * size.y * size.z) * 110);
  for (let k = 0; k < leaves; k++) {
    // Over the top, and over the long sides.
    const top = random.next() < size.x / (size.x + 2 * size.y);
    const depth = 0.12 * random.next();
    const x = top ? random.between(low.x, high.x) : random.next() < 0.5 ? low.x + depth : high.x - depth;
    const y = top ? high.y - depth : random.between(low.y, high.y);
    addLeaf(stage, vec(x, y, random.between(low.z, high.z)), random.between(0.04, 0.09));
  }
}
