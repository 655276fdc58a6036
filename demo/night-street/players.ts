import { PERIOD, type Actor } from './actor.js';
import type { CarBody } from './car-body.js';
import { addCar, lightsOff, type CarLights } from './car.js';
import { bicyclePaint, buildCyclist, PEDAL_TURN } from './cyclist.js';
import { MeshBuilder, upright, WORLD } from './mesh.js';
import type { MountedLight } from './moving-light.js';
import { buildPerson, STRIDE, wardrobe, type PersonStyle } from './person.js';
import { scatter } from './random.js';
import { RayTree } from './ray-tree.js';
import { Route } from './route.js';
import type { SpeedPlan } from './speed-plan.js';
import type { Palette } from './surface.js';
import { vec, type Vec3 } from './vector.js';

const HEAD_TINT = vec(1, 0.92, 0.8);
const TAIL_TINT = vec(1, 0.04, 0.02);
const AMBER = vec(1, 0.42, 0.03);

/** A car and its drive. */
export interface CarPlan {
  readonly body: CarBody;
  readonly paint: string;
  readonly route: Route;
  readonly speed: SpeedPlan;
  /** The time of the clip at which it comes on. */
  readonly start: number;
  /** Seconds into the passage between which an indicator blinks. */
  readonly blinks: readonly (readonly ['left' | 'right', number, number])[];
}

/**
 * The actors who play a passage of `duration` seconds that comes on at `start` of the clip. One longer than the clip
 * goes on in the next round, when it comes on anew: each actor plays one round of it.
 */
function playedBy(duration: number, start: number, make: (headStart: number) => Actor): Actor[] {
  const players: Actor[] = [];
  for (let lap = 0; lap * PERIOD < duration; lap++) players.push(make(lap * PERIOD + ((PERIOD - start) % PERIOD)));
  return players;
}

/** The actors who play a car's passage. */
export function car(palette: Palette, plan: CarPlan): Actor[] {
  const { body, route, speed } = plan;
  const duration = speed.timeAt(route.length);
  return playedBy(duration, plan.start, (headStart) => {
    const state: CarLights = lightsOff();
    const mesh = new MeshBuilder();
    addCar(mesh, palette, WORLD, body, plan.paint, state);
    const tree = new RayTree(mesh.build());
    return {
      kind: 'car',
      duration,
      headStart,
      stepTime: 0,
      pose: (seconds) => ({ tree, at: route.at(speed.distance(seconds), false) }),
      lights: (seconds) => {
        state.head = 1;
        state.tail = 1;
        state.brake = speed.braking(seconds) ? 1 : 0;
        state.left = state.right = 0;
        for (const [side, from, to] of plan.blinks) {
          if (seconds > from && seconds < to && (seconds * 1.5) % 1 < 0.55) state[side] = 1;
        }
        return carLights(body, state);
      },
    };
  });
}

function carLights(body: CarBody, state: CarLights): MountedLight[] {
  const mounted: MountedLight[] = [];
  for (const side of [-1, 1]) {
    const head = vec(side * 0.62, body.headHeight, body.nose + 0.02);
    const tail = vec(side * 0.68, body.tailHeight, body.tail - 0.03);
    mounted.push({ kind: 'head', at: head, facing: 1, tint: HEAD_TINT, intensity: 1150, reach: 46 });
    mounted.push({ kind: 'tail', at: tail, facing: -1, tint: TAIL_TINT, intensity: 2.2 + 8 * state.brake, reach: 12 });
    const blinking = side > 0 ? state.right : state.left;
    if (blinking > 0) mounted.push({ kind: 'tail', at: tail, facing: -1, tint: AMBER, intensity: 6, reach: 10 });
  }
  return mounted;
}

const POSES = 24;

/** Builds a thing's shape at each of POSES phases, at first need. */
function phases(build: (phase: number) => RayTree): (phase: number) => RayTree {
  const built: (RayTree | undefined)[] = [];
  return (phase) => {
    const k = ((Math.floor(phase * POSES) % POSES) + POSES) % POSES;
    return (built[k] ??= build((k + 0.5) / POSES));
  };
}

/** Someone who goes along `points` ([x, z]) at `pace` metres a second, coming on at `start` of the clip. */
export function walker(
  palette: Palette,
  style: PersonStyle,
  points: readonly (readonly [number, number])[],
  pace: number,
  start: number,
  kind: 'walk' | 'run' = 'walk',
): Actor[] {
  const dress = wardrobe(palette, style);
  const shapes = phases((phase) => new RayTree(buildPerson(dress, { kind, phase })));
  const route = new Route(points, 0.7);
  const stride = STRIDE[kind] * (style.height / 1.76);
  return playedBy(route.length / pace, start, (headStart) => ({
    kind: 'person',
    duration: route.length / pace,
    headStart,
    stepTime: stride / 2 / pace,
    pose: (seconds) => {
      const distance = seconds * pace;
      return { tree: shapes(distance / stride), at: route.at(distance, true) };
    },
    lights: () => [],
  }));
}

/** Someone who stays at a place, going through `cycles` gestures in the clip. */
export function lingerer(
  palette: Palette,
  style: PersonStyle,
  origin: Vec3,
  heading: number,
  kind: 'stand' | 'sit',
  cycles: number,
  shift: number,
): Actor[] {
  const dress = wardrobe(palette, style);
  const shapes = phases((phase) => new RayTree(buildPerson(dress, { kind, phase })));
  const screen: MountedLight = {
    kind: 'glow',
    at: vec(0, 0.92, 0.4),
    facing: -1,
    tint: vec(0.7, 0.85, 1),
    intensity: 0.12,
    reach: 2,
  };
  return playedBy(PERIOD, 0, (headStart) => ({
    kind: 'person',
    duration: PERIOD,
    headStart,
    stepTime: 0,
    pose: (seconds) => ({ tree: shapes((seconds * cycles) / PERIOD + shift), at: upright(origin, heading) }),
    lights: () => (kind === 'sit' ? [screen] : []),
  }));
}

/** Someone who rides along a route at `pace` metres a second, coming on at `start` of the clip. */
export function cyclist(
  palette: Palette,
  style: PersonStyle,
  frame: string,
  route: Route,
  pace: number,
  start: number,
): Actor[] {
  const dress = wardrobe(palette, style);
  const paint = bicyclePaint(palette, frame);
  const shapes = phases((phase) => new RayTree(buildCyclist(dress, paint, phase)));
  const lights: MountedLight[] = [
    { kind: 'bicycle', at: vec(0, 0.9, 0.46), facing: 1, tint: vec(1, 0.97, 0.9), intensity: 260, reach: 18 },
    { kind: 'tail', at: vec(0, 0.78, -0.33), facing: -1, tint: TAIL_TINT, intensity: 1.2, reach: 7 },
  ];
  return playedBy(route.length / pace, start, (headStart) => ({
    kind: 'person',
    duration: route.length / pace,
    headStart,
    stepTime: 0,
    pose: (seconds) => ({ tree: shapes((seconds * pace) / PEDAL_TURN), at: route.at(seconds * pace, false) }),
    lights: () => lights,
  }));
}

/** A window `width` by `height` metres, its low middle at `origin`, behind which a television flickers. */
export function television(palette: Palette, origin: Vec3, heading: number, width: number, height: number): Actor[] {
  let glow = vec(0, 0, 0);
  const mesh = new MeshBuilder();
  mesh.material = palette.add((surface, x, y) => {
    surface.paint(vec(0.05, 0.05, 0.05));
    const curtain = 0.45 + 0.25 * Math.sin(x * 46) * Math.sin(x * 17);
    surface.shine(glow, curtain * (0.55 + 0.45 * Math.exp(-((y / height - 0.35) ** 2) * 5)));
  });
  mesh.quad(vec(-width / 2, 0, 0), vec(width / 2, 0, 0), vec(width / 2, height, 0), vec(-width / 2, height, 0));
  const pose = { tree: new RayTree(mesh.build()), at: upright(origin, heading) };
  return playedBy(PERIOD, 0, (headStart) => ({
    kind: 'fixture',
    duration: PERIOD,
    headStart,
    stepTime: 0,
    pose: () => pose,
    lights: (seconds) => {
      // The film cuts from shot to shot, each of its own brightness and colour.
      const shot = [0, 0.9, 1.4, 2.8, 3.3, 4.5, 5.9, 6.4, 7.7, 8.3, 9.1].findLastIndex((cut) => seconds >= cut);
      const flutter = 1 + 0.12 * Math.sin(2 * Math.PI * 1.3 * seconds) + 0.08 * Math.sin(2 * Math.PI * 3.1 * seconds);
      const level = (0.18 + 0.75 * scatter(shot, 1, 77)) * flutter;
      glow = vec(level * (0.35 + 0.35 * scatter(shot, 2, 77)), level * 0.62, level);
      return [];
    },
  }));
}
