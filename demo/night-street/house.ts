import { colour } from './colour.js';
import { ashlar, roofTiles } from './masonry.js';
import { painted } from './finishes.js';
import type { Placement } from './mesh.js';
import { addDoor, addShopFront, type GroundFloor } from './ground-floor.js';
import type { Stage } from './stage.js';
import type { Material } from './surface.js';
import { vec } from './vector.js';
import { addWindow, type Opening, type RoomLight, type WindowStyle } from './window.js';

/** The form of a house's top. */
export type Roof = 'eaves' | 'gable' | 'stepped' | 'mansard';

/** One house of a row. */
export interface HousePlan {
  readonly width: number;
  /** Floors above the ground floor. */
  readonly floors: number;
  readonly wall: Material;
  readonly trim: string;
  readonly frames: string;
  readonly tiles: string;
  readonly roof: Roof;
  readonly ground: GroundFloor;
  /** Windows across each upper floor. */
  readonly columns: number;
  readonly shutters?: string;
  readonly flowers?: boolean;
  /** Lit windows: 'floor:column' of the upper floors, from 0, or 'ground'. */
  readonly lit?: Readonly<Record<string, RoomLight>>;
}

const GROUND_HEIGHT = 3.4;
const FLOOR_HEIGHT = 3;
const HOUSE_DEPTH = 8;

/** Adds a house whose front's left bottom corner is the placement's origin. */
export function addHouse(stage: Stage, front: Placement, plan: HousePlan): void {
  const { mesh, palette } = stage;
  const wall = palette.add(plan.wall);
  const trim = palette.add(painted(colour(plan.trim), 0.2));
  const frame = palette.add(painted(colour(plan.frames), 0.6));
  const height = GROUND_HEIGHT + plan.floors * FLOOR_HEIGHT;
  const style = {
    frame,
    trim,
    columns: 2,
    rows: 2,
    ...(plan.shutters === undefined ? {} : { shutters: palette.add(painted(colour(plan.shutters), 0.4)) }),
  };

  const openings: Opening[] = [];
  for (let floor = 0; floor < plan.floors; floor++) {
    for (let column = 0; column < plan.columns; column++) {
      const opening = upperOpening(plan, floor, column);
      openings.push(opening);
      const room = plan.lit?.[`${floor}:${column}`] ?? 'dark';
      const flowers = plan.flowers === true && floor === 0;
      addWindow(stage, front, opening, { ...style, room, flowers });
    }
  }
  openings.push(...addGroundFloor(stage, front, plan, style, trim));

  mesh.placement = front;
  mesh.material = wall;
  addWall(stage, openings, plan.width, height);
  for (const u of [0, plan.width]) {
    mesh.quad(vec(u, 0, 0), vec(u, height, 0), vec(u, height, -HOUSE_DEPTH), vec(u, 0, -HOUSE_DEPTH));
  }
  mesh.material = trim;
  // A band between the ground floor and the floors above, and the cornice.
  mesh.box(0, GROUND_HEIGHT - 0.1, 0, plan.width, GROUND_HEIGHT + 0.12, 0.07);
  if (plan.roof === 'eaves' || plan.roof === 'mansard') {
    mesh.box(-0.02, height - 0.22, 0, plan.width + 0.02, height, 0.28);
    mesh.box(-0.02, height - 0.38, 0, plan.width + 0.02, height - 0.22, 0.12);
  }
  mesh.material = palette.add(ashlar(colour('#8b857a'), stage.random.next() * 1000));
  mesh.box(0, 0, 0, plan.width, 0.45, 0.05);
  addRoof(stage, plan, wall, trim, height, { ...style, room: 'dark' });
  addDrainpipe(stage, plan.width - 0.12, height);
}

function upperOpening(plan: HousePlan, floor: number, column: number): Opening {
  const pitch = plan.width / plan.columns;
  const half = Math.min(0.56, pitch * (plan.shutters === undefined ? 0.3 : 0.23));
  const middle = pitch * (column + 0.5);
  const v0 = GROUND_HEIGHT + floor * FLOOR_HEIGHT + 0.72;
  return { u0: middle - half, v0, u1: middle + half, v1: v0 + (floor === 0 ? 1.75 : 1.55) };
}

function addGroundFloor(
  stage: Stage,
  front: Placement,
  plan: HousePlan,
  style: Omit<WindowStyle, 'room'>,
  trim: number,
): Opening[] {
  const { ground } = plan;
  if (ground.kind === 'shop') return addShopFront(stage, front, plan.width, ground);
  const doorMiddle = ground.doorAt * plan.width;
  const door = addDoor(stage, front, doorMiddle, ground, trim);
  const openings = [door];
  const count = plan.columns;
  for (let column = 0; column < count; column++) {
    const { u0, u1 } = upperOpening(plan, 0, column);
    if (u1 > door.u0 - 0.5 && u0 < door.u1 + 0.5) continue;
    const opening = { u0, u1, v0: 1.15, v1: 2.75 };
    const room = plan.lit?.[`ground:${column}`] ?? 'dark';
    addWindow(stage, front, opening, { ...style, room, flowers: plan.flowers === true });
    openings.push(opening);
  }
  return openings;
}

/** Fills the wall around its openings: it is cut along all their edges, and the cells outside them are kept. */
function addWall(stage: Stage, openings: readonly Opening[], width: number, height: number): void {
  const cuts = (edges: number[], end: number): number[] => [...new Set([0, ...edges, end])].sort((a, b) => a - b);
  const across = cuts(
    openings.flatMap(({ u0, u1 }) => [u0, u1]),
    width,
  );
  const up = cuts(
    openings.flatMap(({ v0, v1 }) => [v0, v1]),
    height,
  );
  across.slice(1).forEach((u1, column) => {
    const u0 = across[column] ?? 0;
    up.slice(1).forEach((v1, row) => {
      const v0 = up[row] ?? 0;
      const u = (u0 + u1) / 2;
      const v = (v0 + v1) / 2;
      if (openings.some((hole) => u > hole.u0 && u < hole.u1 && v > hole.v0 && v < hole.v1)) return;
      stage.mesh.quad(vec(u0, v0, 0), vec(u1, v0, 0), vec(u1, v1, 0), vec(u0, v1, 0));
    });
  });
}

function addRoof(stage: Stage, plan: HousePlan, wall: number, trim: number, height: number, style: WindowStyle): void {
  const { mesh, palette, random } = stage;
  const { width } = plan;
  const tiles = palette.add(roofTiles(colour(plan.tiles), Math.floor(random.next() * 1000)));
  const back = -HOUSE_DEPTH;
  if (plan.roof === 'eaves') {
    const ridge = height + 2.9;
    mesh.material = tiles;
    mesh.quad(vec(0, height, 0.38), vec(width, height, 0.38), vec(width, ridge, back / 2), vec(0, ridge, back / 2));
    mesh.quad(vec(0, height, back), vec(width, height, back), vec(width, ridge, back / 2), vec(0, ridge, back / 2));
    mesh.material = wall;
    for (const u of [0.01, width - 0.01])
      mesh.triangle(vec(u, height, 0), vec(u, ridge, back / 2), vec(u, height, back));
    addChimney(stage, wall, width * random.between(0.15, 0.85), height + 1.4, -3);
  } else if (plan.roof === 'mansard') {
    const top = height + 2.3;
    mesh.material = tiles;
    mesh.quad(vec(0, height, 0.1), vec(width, height, 0.1), vec(width, top, -0.8), vec(0, top, -0.8));
    mesh.quad(vec(0, top, -0.8), vec(width, top, -0.8), vec(width, top + 1, back), vec(0, top + 1, back));
    for (let column = 0; column < plan.columns; column++) {
      const u = (width / plan.columns) * (column + 0.5);
      mesh.material = trim;
      mesh.box(u - 0.62, height + 0.2, -1.2, u - 0.42, height + 1.75, 0.06);
      mesh.box(u + 0.42, height + 0.2, -1.2, u + 0.62, height + 1.75, 0.06);
      mesh.box(u - 0.72, height + 1.75, -1.4, u + 0.72, height + 1.95, 0.14);
      const opening = { u0: u - 0.42, u1: u + 0.42, v0: height + 0.3, v1: height + 1.75 };
      addWindow(stage, mesh.placement, opening, {
        ...style,
        room: plan.lit?.[`roof:${column}`] ?? 'dark',
        plain: true,
      });
    }
    addChimney(stage, wall, width * 0.9, height + 1.6, -2);
  } else {
    addGable(stage, plan, wall, trim, tiles, height);
  }
}

/** A gable towards the street, with a plain or a stepped edge, and a round-topped loft hatch. */
function addGable(stage: Stage, plan: HousePlan, wall: number, trim: number, tiles: number, height: number): void {
  const { mesh } = stage;
  const { width } = plan;
  const rise = width * 0.52;
  const apex = vec(width / 2, height + rise, 0);
  const back = -HOUSE_DEPTH;
  mesh.material = wall;
  mesh.triangle(vec(0, height, 0), vec(width, height, 0), apex);
  mesh.material = tiles;
  const ridgeEnd = vec(width / 2, height + rise, back);
  mesh.quad(vec(-0.1, height - 0.1, 0.2), vec(width / 2, height + rise, 0.2), ridgeEnd, vec(-0.1, height - 0.1, back));
  mesh.quad(
    vec(width + 0.1, height - 0.1, 0.2),
    vec(width / 2, height + rise, 0.2),
    ridgeEnd,
    vec(width + 0.1, height - 0.1, back),
  );
  const steps = 6;
  for (let k = 0; k < steps; k++) {
    const u = (width / 2 / steps) * k;
    const v = height + (rise / steps) * (k + 1);
    const reach = width / 2 / steps;
    if (plan.roof === 'stepped') {
      for (const left of [u, width - u - reach]) {
        mesh.material = wall;
        mesh.box(left, height - 0.3, -0.35, left + reach, v + 0.1, 0.22);
        mesh.material = trim;
        mesh.box(left - 0.04, v + 0.1, -0.4, left + reach + 0.04, v + 0.2, 0.28);
      }
    } else {
      mesh.material = trim;
      for (const [left, right] of [
        [u, u + reach],
        [width - u - reach, width - u],
      ] as const) {
        const low = height + (rise / steps) * k;
        const [first, second] = left < width / 2 ? [low, v] : [v, low];
        mesh.quad(
          vec(left, first - 0.2, 0.21),
          vec(right, second - 0.2, 0.21),
          vec(right, second, 0.21),
          vec(left, first, 0.21),
        );
      }
    }
  }
  mesh.material = trim;
  mesh.box(width / 2 - 0.5, height + 0.5, 0, width / 2 + 0.5, height + 1.8, 0.24);
  mesh.material = stage.palette.add((surface) => {
    surface.paint(vec(0.02, 0.02, 0.025));
    surface.roughness = 0.1;
    surface.reflectance = 0.045;
  });
  mesh.box(width / 2 - 0.38, height + 0.62, 0, width / 2 + 0.38, height + 1.68, 0.25);
}

function addChimney(stage: Stage, wall: number, u: number, v: number, w: number): void {
  const { mesh, palette } = stage;
  mesh.material = wall;
  mesh.box(u - 0.55, v, w - 0.35, u + 0.55, v + 2.6, w + 0.35);
  mesh.material = palette.add(painted(colour('#9c5a3c'), 0));
  for (const shift of [-0.3, 0.05, 0.34]) {
    mesh.tube([vec(u + shift, v + 2.5, w), vec(u + shift, v + 3.1, w)], [0.13, 0.1], 8);
  }
}

function addDrainpipe(stage: Stage, u: number, height: number): void {
  const { mesh, palette } = stage;
  mesh.material = palette.add(painted(colour('#4d5250'), 0.5));
  mesh.tube([vec(u, 0.1, 0.1), vec(u, height - 0.4, 0.1), vec(u, height - 0.1, 0.24)], [0.05, 0.05, 0.05], 8);
}
