import { STREET } from './layout.js';
import { relief, roughRelief, scatter } from './random.js';
import type { Material, Surface } from './surface.js';
import { clamp, smoothstep, vec } from './vector.js';

const ASPHALT = vec(0.072, 0.072, 0.076);
const PATCH = vec(0.045, 0.045, 0.05);
const MARKING = vec(0.62, 0.6, 0.55);
const IRON = vec(0.06, 0.055, 0.05);
const SETT = vec(0.15, 0.135, 0.12);

const MANHOLES = [
  { x: -1.2, z: 13.2, radius: 0.34 },
  { x: 1.9, z: 24.5, radius: 0.34 },
  { x: -2.2, z: 36, radius: 0.34 },
] as const;

/** The wet road after rain: worn asphalt with mended trenches, markings, manholes, cobbled parking strip, puddles. */
export function wetRoad(seed: number): Material {
  return (surface, x, _y, z) => {
    const inStreet = z < STREET.rowEnd;
    const parking = inStreet && x < STREET.parkingEdge && x > STREET.leftKerb;
    const grain = roughRelief(x * 14, z * 14, 2, seed);
    const broad = roughRelief(x * 0.35, z * 0.16, 4, seed + 3);
    if (parking) cobbles(surface, x, z, grain);
    else asphalt(surface, x, z, grain, broad, seed);
    if (inStreet && !parking) markings(surface, x, z, seed);
    manholes(surface, x, z);
    wetness(surface, x, z, grain, broad, seed);
  };
}

function asphalt(surface: Surface, x: number, z: number, grain: number, broad: number, seed: number): void {
  const stones = scatter(Math.floor(x * 22), Math.floor(z * 22), seed) > 0.9 ? 1.7 : 1;
  surface.paint(ASPHALT, (0.55 + 0.9 * broad) * (0.6 + 0.8 * grain) * stones);
  // Mended trenches: one along the road, two across it, tarred at their edges.
  const bend = 0.12 * (relief(z * 0.4, 0, seed) - 0.5);
  const strip = Math.abs(x - 2.35 + bend) - 0.38;
  const cut = Math.abs(z - 27.2 - 0.3 * relief(x, 0, seed)) - 0.55;
  const second = Math.abs(z - 11.4 - 0.3 * relief(x, 1, seed)) - (x < 0.4 ? 0.5 : -1);
  const inside = Math.min(strip + (z > 44 || z < 12 ? 9 : 0), cut, second);
  if (inside < 0) surface.cover(PATCH, 0.75);
  if (Math.abs(inside) < 0.035) surface.shade(0.35);
  const crack = Math.abs(roughRelief(x * 0.5, z * 0.3, 5, seed + 11) - 0.5);
  if (crack < 0.006) surface.shade(0.4);
  surface.roughness = 0.75;
}

function cobbles(surface: Surface, x: number, z: number, grain: number): void {
  const row = Math.floor(z / 0.21);
  const run = x / 0.26 + (row & 1) * 0.5;
  const column = Math.floor(run);
  const across = (run - column - 0.5) * 2;
  const deep = (z / 0.21 - row - 0.5) * 2;
  const dome = clamp(1 - Math.max(across ** 4, deep ** 4), 0, 1);
  surface.paint(SETT, (0.3 + 0.7 * dome) * (0.6 + 0.75 * scatter(column, row, 71)) * (0.75 + 0.5 * grain));
  surface.tilt(0.05 * across, 0, 0.05 * deep);
  surface.roughness = 0.7;
}

/** The fraction 0..1 of marking paint left at (x, z), thin where wheels have worn it. */
function markings(surface: Surface, x: number, z: number, seed: number): void {
  const worn = roughRelief(x * 2.2, z * 2.2, 4, seed + 21);
  let paint = 0;
  const crossing = z > STREET.crossingStart && z < STREET.crossingEnd && x > STREET.parkingEdge - 0.1;
  if (crossing) {
    const bar = (x - STREET.parkingEdge) % 1;
    paint = bar > 0.12 && bar < 0.64 ? 1 : 0;
  } else {
    const dash = (((z - 3.4) % 6) + 6) % 6;
    if (Math.abs(x - STREET.centreLine) < 0.075 && dash < 3 && z > 20) paint = 1;
    if (Math.abs(x - STREET.centreLine) < 0.075 && z < STREET.crossingStart - 1.3) paint = 1;
    if (Math.abs(x - STREET.parkingEdge - 0.08) < 0.07) paint = 1;
    if (Math.abs(x - STREET.rightKerb + 0.28) < 0.06) paint = 1;
    const stop = z > STREET.crossingStart - 1.3 && z < STREET.crossingStart - 0.85 && x > 0.1 && x < 2.9;
    const farStop = z > STREET.crossingEnd + 0.85 && z < STREET.crossingEnd + 1.3 && x < -0.1 && x > -3.2;
    if (stop || farStop) paint = Math.abs(((x * 2) % 1) + (x < 0 ? 1 : 0) - 0.5) < 0.36 ? 1 : 0;
    if (z > STREET.rowEnd - 2.2 && z < STREET.rowEnd - 1.7 && x > 0.1) paint = 1;
  }
  if (paint > 0) surface.cover(MARKING, smoothstep(0.3, 0.46, worn) * 0.92);
}

function manholes(surface: Surface, x: number, z: number): void {
  for (const { x: mx, z: mz, radius } of MANHOLES) {
    const far = Math.hypot(x - mx, z - mz);
    if (far > radius + 0.06) continue;
    const lattice = (Math.floor((x - mx) / 0.07) + Math.floor((z - mz) / 0.07)) & 1;
    surface.paint(IRON, far > radius ? 0.5 : lattice ? 1.5 : 0.7);
    surface.roughness = 0.35;
  }
}

/** Puddles in the ruts and gutters, a damp film elsewhere: both darken the ground and make it mirror. */
function wetness(surface: Surface, x: number, z: number, grain: number, broad: number, seed: number): void {
  const rut = Math.exp(-((Math.abs(x - 1.65) - 0.75) ** 2) * 12) + Math.exp(-((Math.abs(x + 1.7) - 0.75) ** 2) * 12);
  const gutter =
    Math.exp(-((x - STREET.rightKerb + 0.15) ** 2) * 14) + Math.exp(-((x - STREET.leftKerb - 0.1) ** 2) * 20);
  // The crossing is laid a little higher and drains well.
  const drained = z > STREET.crossingStart - 2 && z < STREET.crossingEnd + 2 && inLanes(x) ? 0.12 : 0;
  const level = roughRelief(x * 0.6, z * 0.22, 5, seed + 31) + 0.1 * rut + 0.14 * gutter - drained;
  const puddle = smoothstep(0.64, 0.76, level);
  const damp = smoothstep(0.3, 0.62, level);
  surface.shade(1 - 0.3 * damp - 0.25 * puddle);
  const film = 0.52 - 0.2 * damp;
  surface.roughness = Math.min(surface.roughness, film + (0.1 - film) * puddle);
  surface.reflectance = 0.012 + 0.01 * damp + 0.006 * puddle;
  const ripple = 1 - puddle;
  surface.tilt(
    ripple * 0.05 * (grain - 0.5),
    0,
    ripple * 0.05 * (broad - 0.5) + ripple * 0.03 * (scatter(Math.floor(x * 30), Math.floor(z * 30), seed) - 0.5),
  );
}

function inLanes(x: number): boolean {
  return x > STREET.parkingEdge && x < STREET.rightKerb - 0.4;
}
