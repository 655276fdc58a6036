import { relief, roughRelief, scatter } from './random.js';
import type { Material } from './surface.js';
import { vec, type Vec3 } from './vector.js';

/** A smooth painted thing, a little uneven: `gloss` 0 is matt, 1 is a fresh coat of varnish. */
export function painted(paint: Vec3, gloss = 0.4): Material {
  return (surface, x, y, z) => {
    surface.paint(paint, 0.85 + 0.3 * roughRelief(x * 2.3 + z * 2.3, y * 2.3, 3, 5));
    surface.roughness = 0.75 - 0.5 * gloss;
    surface.reflectance = 0.02 + 0.03 * gloss;
  };
}

/** Boards with grain and joints, running upright. */
export function boards(wood: Vec3, width: number, seed: number): Material {
  return (surface, x, y, z) => {
    const u = x + z;
    const board = Math.floor(u / width);
    const joint = u / width - board < 0.1;
    const grain = roughRelief(u * 30, y * 1.2, 3, seed + board);
    surface.paint(wood, joint ? 0.3 : (0.7 + 0.4 * scatter(board, 0, seed)) * (0.7 + 0.6 * grain));
    surface.roughness = 0.55;
    surface.reflectance = 0.03;
  };
}

/** Bare or enamelled metal. */
export function metal(tint: Vec3, roughness: number): Material {
  return (surface) => {
    surface.paint(tint, 0.35);
    surface.roughness = roughness;
    surface.reflectance = 0.4 * Math.max(tint.x, tint.y, tint.z) + 0.05;
  };
}

/** Woven cloth with soft folds; `stripe` gives it bands of a second colour, that many per metre of height. */
export function cloth(dye: Vec3, second: Vec3 = dye, stripe = 0): Material {
  return (surface, x, y, z) => {
    const banded = stripe > 0 && Math.floor(y * stripe * 2) % 2 === 0;
    const fold = roughRelief((x + z) * 9, y * 3, 3, 17);
    surface.paint(banded ? second : dye, 0.65 + 0.7 * fold);
    surface.roughness = 0.95;
  };
}

/** Leaves: each a little different in colour, from dark green to the tint given. */
export function foliage(tint: Vec3, seed: number): Material {
  const dark = vec(tint.x * 0.35, tint.y * 0.45, tint.z * 0.5);
  return (surface, x, y, z) => {
    surface.paint(dark);
    const leaf = scatter(Math.floor(x * 9), Math.floor(y * 9) * 131 + Math.floor(z * 9), seed);
    surface.cover(tint, leaf * (0.5 + 0.5 * relief(x * 1.5 + y, z * 1.5, seed)));
    surface.roughness = 0.45;
    surface.reflectance = 0.03;
  };
}

/** Furrowed bark. */
export function bark(seed: number): Material {
  const tint = vec(0.13, 0.1, 0.075);
  return (surface, x, y, z) => {
    const furrow = roughRelief((x - z) * 22, y * 3, 3, seed);
    surface.paint(tint, 0.4 + 1.1 * furrow);
    surface.roughness = 0.9;
  };
}

/** Rough grass or soil of a garden, seen from above. */
export function grass(seed: number): Material {
  const soil = vec(0.06, 0.045, 0.03);
  const blade = vec(0.07, 0.13, 0.035);
  return (surface, x, _y, z) => {
    surface.paint(soil);
    const tuft = roughRelief(x * 1.1, z * 1.1, 4, seed);
    surface.cover(blade, Math.min(1, tuft * 1.6));
    surface.shade(0.5 + roughRelief(x * 16, z * 16, 2, seed + 1));
    surface.roughness = 0.8;
  };
}

/** Awning cloth in bands of two colours along the street. */
export function awningCloth(first: Vec3, second: Vec3, width: number): Material {
  return (surface, x, y, z) => {
    surface.paint(Math.floor((x + z) / width) % 2 === 0 ? first : second, 0.8 + 0.4 * roughRelief(z * 3, y * 3, 3, 9));
    surface.roughness = 0.9;
  };
}

/** A thing that glows evenly; lamps' bulbs say so, as their light is reckoned from the list of lamps. */
export function glowing(tint: Vec3, radiance: number, isLamp = false): Material {
  return (surface) => {
    surface.shine(tint, radiance);
    surface.isLamp = isLamp;
  };
}
