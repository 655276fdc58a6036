import { lampBeam, type Lamp } from './light.js';
import type { Triple } from './transport.js';
import { dot, subtract, type Vec3 } from './vector.js';

/** The fraction of light that damp air scatters per metre, towards any one direction. */
const DENSITY = 0.00035;
const STEPS = 7;

/**
 * Fills `light` with the glow of the damp air lit by the lamps, along `reach` metres of a ray. The air is sampled at
 * equal angles as seen from each lamp, which puts the samples where the glow is.
 */
export function hazeRadiance(lamps: readonly Lamp[], from: Vec3, ray: Vec3, reach: number, light: Triple): void {
  light.x = light.y = light.z = 0;
  for (const lamp of lamps) {
    const towards = subtract(lamp.position, from);
    const nearest = dot(towards, ray);
    const square = dot(towards, towards) - nearest * nearest;
    const aside = Math.sqrt(Math.max(square, 0.04));
    if (aside > 25) continue;
    const first = Math.atan(-nearest / aside);
    const last = Math.atan((reach - nearest) / aside);
    let sum = 0;
    for (let step = 0; step < STEPS; step++) {
      const along = nearest + aside * Math.tan(first + ((last - first) * (step + 0.5)) / STEPS);
      const drop = towards.y - along * ray.y;
      sum += lampBeam(lamp.kind, drop / Math.hypot(aside, along - nearest));
    }
    const glow = (DENSITY * lamp.intensity * sum * (last - first)) / (STEPS * aside);
    light.x += lamp.tint.x * glow;
    light.y += lamp.tint.y * glow;
    light.z += lamp.tint.z * glow;
  }
}
