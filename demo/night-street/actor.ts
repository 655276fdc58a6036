import type { Placement } from './mesh.js';
import type { MountedLight } from './moving-light.js';
import type { RayTree } from './ray-tree.js';

/** Length of the clip in seconds; all that moves comes round again after it. */
export const PERIOD = 10;

/** Where one moving thing is at a moment, and its shape there. */
export interface Pose {
  readonly tree: RayTree;
  readonly at: Placement;
}

/** One moving thing on one passage through the street. */
export interface Actor {
  /** 'person' is also someone on a bicycle; a 'fixture' stays in a wall, and casts no shadow on the ground. */
  readonly kind: 'car' | 'person' | 'fixture';
  /** Seconds from its coming on to its going off. A passage longer than the clip is played by several actors. */
  readonly duration: number;
  /** Seconds into the passage at the clip's start; it counts up, and starts anew every PERIOD. */
  readonly headStart: number;
  /** Seconds from one footstep to the next; 0 for what makes none. */
  readonly stepTime: number;
  /** The pose `seconds` into the passage. */
  pose(seconds: number): Pose;
  /** The lights that it carries, and sets its lamps to how they look then. */
  lights(seconds: number): readonly MountedLight[];
}

/** Seconds into an actor's passage at a time of the clip (0..PERIOD). */
export function secondsInto(actor: Actor, time: number): number {
  const base = Math.floor(actor.headStart / PERIOD) * PERIOD;
  return base + ((((time + actor.headStart - base) % PERIOD) + PERIOD) % PERIOD);
}
