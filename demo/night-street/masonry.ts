import { relief, roughRelief, scatter } from './random.js';
import type { Material, Surface } from './surface.js';
import { smoothstep, vec, type Vec3 } from './vector.js';

/** The coordinate along a wall: z for walls beside the street, x for walls across it. */
function alongWall(surface: Surface, x: number, z: number): number {
  return Math.abs(surface.nx) > Math.abs(surface.nz) ? z : x;
}

/** Bricks in half bond with pale joints, single bricks lighter and darker, weathered in broad stains. */
export function brickwork(brick: Vec3, joint: Vec3, seed: number): Material {
  return (surface, x, y, z) => {
    const u = alongWall(surface, x, z);
    const row = Math.floor(y / 0.1);
    const run = u / 0.3 + (row & 1) * 0.5;
    const column = Math.floor(run);
    const across = run - column;
    const rise = y / 0.1 - row;
    if (across < 0.06 || rise < 0.16) {
      surface.paint(joint, 0.8 + 0.3 * relief(u * 3, y * 3, seed));
    } else {
      const tone = scatter(column, row, seed);
      surface.paint(brick, tone < 0.14 ? 0.45 : 0.72 + 0.55 * tone);
      surface.red *= 0.9 + 0.25 * scatter(column, row, seed + 1);
    }
    const stain = roughRelief(u * 0.35, y * 0.5, 4, seed + 2);
    const grime = 1 - 0.35 * smoothstep(1.6, 0, y) * roughRelief(u * 1.3, y, 3, seed + 3);
    surface.shade((0.62 + 0.7 * stain) * grime);
    surface.roughness = 0.9;
  };
}

/** Painted plaster: broad weathering, streaks run down by the rain, a darker foot, patches fallen off to the brick. */
export function plaster(paint: Vec3, seed: number, wear = 0.5): Material {
  const bare = brickwork(vec(0.3, 0.13, 0.08), vec(0.3, 0.27, 0.23), seed);
  return (surface, x, y, z) => {
    const u = alongWall(surface, x, z);
    const broken = roughRelief(u * 0.55, y * 0.55, 5, seed + 5) + 0.1 * smoothstep(2.5, 0, y);
    if (broken > 0.86 - 0.16 * wear) {
      bare(surface, x, y, z);
      return;
    }
    const patches = roughRelief(u * 0.6, y * 0.6, 5, seed);
    const streaks = roughRelief(u * 5, y * 0.35, 3, seed + 8);
    const grain = roughRelief(u * 9, y * 9, 2, seed + 6);
    const edge = smoothstep(0.84 - 0.16 * wear, 0.86 - 0.16 * wear, broken);
    surface.paint(paint, (0.72 + 0.42 * patches) * (0.84 + 0.3 * streaks) * (0.88 + 0.24 * grain) * (1 - 0.4 * edge));
    surface.shade(1 - 0.45 * smoothstep(0.9, 0.1, y + 0.5 * roughRelief(u * 2, y * 2, 3, seed + 4) - 0.25));
    surface.roughness = 0.9;
  };
}

/** Big dressed stones with sunk joints. */
export function ashlar(stone: Vec3, seed: number, width = 0.8, height = 0.42): Material {
  return (surface, x, y, z) => {
    const u = alongWall(surface, x, z);
    const row = Math.floor(y / height);
    const run = u / width + (row & 1) * 0.5;
    const column = Math.floor(run);
    const inJoint = (run - column) * width < 0.035 || (y / height - row) * height < 0.035;
    const tone = 0.75 + 0.4 * scatter(column, row, seed);
    surface.paint(stone, inJoint ? 0.4 : tone * (0.7 + 0.5 * roughRelief(u * 1.7, y * 1.7, 4, seed)));
    surface.roughness = 0.85;
  };
}

/** Rows of roof tiles, each shaded towards its upper edge, with moss in places. */
export function roofTiles(tile: Vec3, seed: number): Material {
  const moss = vec(0.06, 0.085, 0.03);
  return (surface, x, y, z) => {
    const u = Math.abs(surface.nx) > Math.abs(surface.nz) ? z : x;
    const row = Math.floor(y / 0.17);
    const rise = y / 0.17 - row;
    const run = u / 0.28 + (row & 1) * 0.5;
    const column = Math.floor(run);
    const bulge = Math.sin(Math.PI * (run - column));
    surface.paint(tile, (0.6 + 0.6 * scatter(column, row, seed)) * (0.35 + 0.65 * bulge) * (1 - 0.5 * rise * rise));
    surface.cover(moss, 0.8 * smoothstep(0.56, 0.72, roughRelief(u * 0.5, y * 0.9, 4, seed)));
    surface.roughness = 0.5;
    surface.reflectance = 0.035;
  };
}

/** Paving slabs, seen from above: rows across the pavement, joints, stains and damp places that shine a little. */
export function paving(slab: Vec3, seed: number): Material {
  return (surface, x, _y, z) => {
    const row = Math.floor(z / 0.62);
    const run = x / 0.78 + (row & 1) * 0.5;
    const column = Math.floor(run);
    const across = (run - column) * 0.78;
    const deep = z - row * 0.62;
    const joint = across < 0.03 || deep < 0.03;
    const tone = 0.68 + 0.55 * scatter(column, row, seed);
    const stain = roughRelief(x * 0.8, z * 0.8, 4, seed);
    const speckle = roughRelief(x * 12, z * 12, 2, seed + 1);
    surface.paint(slab, joint ? 0.38 : tone * (0.6 + 0.6 * stain) * (0.75 + 0.5 * speckle));
    const damp = smoothstep(0.45, 0.68, roughRelief(x * 0.45, z * 0.3, 4, seed + 7));
    surface.shade(1 - 0.35 * damp);
    surface.roughness = 0.62 - 0.36 * damp;
    surface.reflectance = 0.025;
    surface.tilt(0.03 * (speckle - 0.5), 0, 0.03 * (stain - 0.5));
  };
}
