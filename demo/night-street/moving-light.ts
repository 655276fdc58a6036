import type { Placement } from './mesh.js';
import { vec, type Vec3 } from './vector.js';

/** A light carried by something that moves, at one moment. */
export interface MovingLight {
  /** 'head' is a dipped headlight, 'bicycle' a small lamp; 'tail' and 'glow' shine into a half space. */
  readonly kind: 'head' | 'bicycle' | 'tail' | 'glow';
  readonly position: Vec3;
  /** Unit direction it faces. */
  readonly facing: Vec3;
  readonly tint: Vec3;
  /** Radiant intensity in the beam's middle, in the scene's units. */
  readonly intensity: number;
  /** Beyond this many metres it is not reckoned. */
  readonly reach: number;
}

/** Fixed facts about a light, in its carrier's space; `facing` is +1 along its out axis or -1 against it. */
export interface MountedLight {
  readonly kind: MovingLight['kind'];
  readonly at: Vec3;
  readonly facing: 1 | -1;
  readonly tint: Vec3;
  readonly intensity: number;
  readonly reach: number;
}

/** The light of a mounted light whose carrier stands at `at`. */
export function lightAt(mounted: MountedLight, at: Placement): MovingLight {
  const { x, y, z } = mounted.at;
  return {
    kind: mounted.kind,
    position: vec(
      at.origin.x + x * at.right.x + z * at.out.x,
      at.origin.y + y,
      at.origin.z + x * at.right.z + z * at.out.z,
    ),
    facing: vec(mounted.facing * at.out.x, 0, mounted.facing * at.out.z),
    tint: mounted.tint,
    intensity: mounted.intensity,
    reach: mounted.reach,
  };
}

/** The irradiance on a plane facing the light at a point `distance` metres off along the unit direction d from it. */
export function beamIrradiance(light: MovingLight, dx: number, dy: number, dz: number, distance: number): number {
  const ahead = dx * light.facing.x + dy * light.facing.y + dz * light.facing.z;
  if (ahead <= 0 || distance > light.reach) return 0;
  const square = Math.max(0.04, distance * distance);
  const fade = 1 - (distance / light.reach) ** 4;
  return (light.intensity * beamShape(light.kind, ahead, dy) * fade) / square;
}

/** The part 0..1 of the intensity sent where the direction has the parts `ahead` along the beam and `up`. */
function beamShape(kind: MovingLight['kind'], ahead: number, up: number): number {
  if (kind === 'tail' || kind === 'glow') return ahead;
  const aside = Math.sqrt(Math.max(0, 1 - ahead * ahead - up * up));
  const spill = 0.012 * ahead * Math.exp(-((up / 0.5) ** 2));
  // A dipped beam is wide, and cut off sharply at the horizon.
  const width = kind === 'head' ? 0.3 : 0.16;
  const rise = up > -0.012 ? (up + 0.012) / 0.022 : (up + 0.012) / (kind === 'head' ? 0.13 : 0.2);
  const power = (aside / width) ** 2 + rise * rise;
  return power > 9 ? spill : spill + Math.exp(-power);
}
