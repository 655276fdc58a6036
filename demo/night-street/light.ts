import { roughRelief } from './random.js';
import { clamp, smoothstep, type Vec3 } from './vector.js';

/** A fixed lamp: a small glowing ball. */
export interface Lamp {
  readonly position: Vec3;
  /** Radius of the ball in metres; it softens the shadows. */
  readonly radius: number;
  /** Colour, its brightest part 1. */
  readonly tint: Vec3;
  /** Radiant intensity straight to its brightest direction (irradiance in the scene's units at one metre). */
  readonly intensity: number;
  /** 'street' shines down and sideways, 'lantern' almost everywhere. */
  readonly kind: 'street' | 'lantern';
  /** Beyond this many metres the lamp is not reckoned. */
  readonly reach: number;
}

/** A glowing rectangle, such as a lit window: light falls out of its front. */
export interface GlowPanel {
  readonly centre: Vec3;
  /** From the centre to the middle of a side, along the rectangle and up it. */
  readonly halfRight: Vec3;
  readonly halfUp: Vec3;
  readonly normal: Vec3;
  /** Mean radiance. */
  readonly radiance: Vec3;
}

/** The part 0..1 of a lamp's intensity that it sends along a direction whose downward part is `down` (-1..1). */
export function lampBeam(kind: Lamp['kind'], down: number): number {
  if (kind === 'lantern') return 0.55 + 0.45 * clamp(down + 0.4, 0, 1);
  // Street lamps send most of their light well to the side, to even out the road between them.
  return (0.03 + 0.97 * smoothstep(-0.3, 0.42, down)) * (1 - 0.45 * smoothstep(0.5, 1, down));
}

/** The unshadowed irradiance that a lamp of tint 1 gives at a point with a unit normal; 0 when it faces away. */
export function lampIrradiance(
  lamp: Lamp,
  x: number,
  y: number,
  z: number,
  nx: number,
  ny: number,
  nz: number,
): number {
  const dx = lamp.position.x - x;
  const dy = lamp.position.y - y;
  const dz = lamp.position.z - z;
  const square = dx * dx + dy * dy + dz * dz;
  if (square > lamp.reach * lamp.reach) return 0;
  const facing = dx * nx + dy * ny + dz * nz;
  if (facing <= 0) return 0;
  const distance = Math.sqrt(square);
  const fade = 1 - smoothstep(0.7, 1, distance / lamp.reach);
  return (lamp.intensity * lampBeam(lamp.kind, dy / distance) * fade * facing) / (distance * Math.max(square, 0.05));
}

/** Radiance of the night sky towards a direction: city glow above the roofs, deep blue overhead, torn clouds. */
export function skyRadiance(dx: number, dy: number, dz: number, into: { x: number; y: number; z: number }): void {
  const height = Math.max(0.02, dy);
  const glow = Math.exp(-height * 4.5) * (0.75 + 0.25 * dz);
  // Clouds lie in a flat layer: they crowd together towards the horizon.
  const reach = 1 / (height + 0.12);
  const cloud = dy > 0 ? smoothstep(0.46, 0.72, roughRelief(dx * reach * 1.5 + 3, dz * reach * 1.5, 5, 91)) : 0;
  into.x = 0.02 + 0.036 * glow + cloud * 0.03;
  into.y = 0.034 + 0.03 * glow + cloud * 0.027;
  into.z = 0.072 + 0.03 * glow + cloud * 0.03;
}
