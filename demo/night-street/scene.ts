import { HATCHBACK, SALOON, VAN, type CarBody } from './car-body.js';
import { addCar, lightsOff } from './car.js';
import { colour } from './colour.js';
import { addClockTower } from './clock-tower.js';
import { grass, painted } from './finishes.js';
import { addBench, addBollards, addCafeTable, addLampPost, addPillarBox, addTub, LAMP_POSTS } from './furniture.js';
import { STREET } from './layout.js';
import type { GlowPanel, Lamp } from './light.js';
import { ashlar, brickwork, paving } from './masonry.js';
import { upright, WORLD } from './mesh.js';
import { RayTree } from './ray-tree.js';
import { wetRoad } from './road.js';
import { addHouses } from './rows.js';
import { emptyStage, type Stage } from './stage.js';
import type { Palette } from './surface.js';
import { addHedge, addTree, type TreePlan } from './tree.js';
import { vec } from './vector.js';

/** Everything that stands still, and the materials of everything. */
export interface Scene {
  readonly tree: RayTree;
  readonly palette: Palette;
  readonly lamps: readonly Lamp[];
  readonly panels: readonly GlowPanel[];
}

interface ParkedCar {
  readonly body: CarBody;
  readonly paint: string;
  readonly x: number;
  readonly z: number;
  /** Radians from +z. */
  readonly heading: number;
}

const PARKED: readonly ParkedCar[] = [
  { body: HATCHBACK, paint: '#c8281e', x: -4.55, z: 24.3, heading: Math.PI + 0.015 },
  { body: SALOON, paint: '#2458a8', x: -4.6, z: 30.2, heading: Math.PI - 0.01 },
  { body: HATCHBACK, paint: '#e0b020', x: -4.5, z: 36.2, heading: Math.PI },
  { body: VAN, paint: '#d8dad6', x: -4.5, z: 46.5, heading: Math.PI },
  { body: SALOON, paint: '#3c7a4a', x: -4.6, z: 53, heading: Math.PI },
  { body: HATCHBACK, paint: '#b8bcc2', x: -4.5, z: 59, heading: Math.PI },
  { body: SALOON, paint: '#8a2a3a', x: -4.6, z: 71, heading: Math.PI },
];

const TREES: readonly TreePlan[] = [
  { x: -6.5, z: 33.2, height: 7.4, leaves: 5200, tint: '#86a83c' },
  { x: -6.5, z: 55.5, height: 8, leaves: 4200, tint: '#9aa83c' },
  { x: -6.5, z: 77, height: 8, leaves: 3200, tint: '#7fa040' },
  { x: 7.7, z: 22.6, height: 7.6, leaves: 6200, tint: '#c98a2e' },
  { x: 7.9, z: 35, height: 7, leaves: 4600, tint: '#8aa845' },
  { x: 7.6, z: 47.5, height: 8, leaves: 4200, tint: '#b0a03a' },
  { x: 7.8, z: 59.5, height: 7.5, leaves: 3600, tint: '#86a83c' },
  { x: 7.8, z: 74, height: 8, leaves: 3200, tint: '#a86a2e' },
];

/** Builds the still street. */
export function buildScene(seed: number): Scene {
  const stage = emptyStage(seed);
  addGround(stage);
  for (const post of LAMP_POSTS) addLampPost(stage, post);
  addHouses(stage);
  addClockTower(stage);
  addGardens(stage);
  for (const plan of TREES) addTree(stage, plan);
  for (const { body, paint, x, z, heading } of PARKED) {
    addCar(stage.mesh, stage.palette, upright(vec(x, 0, z), heading), body, paint, lightsOff());
  }
  addPillarBox(stage, -6.1, 27.4);
  addBench(stage, -8.5, 31.3, Math.PI / 2);
  addBench(stage, 5.45, 20.2, -Math.PI / 2);
  for (const z of [20.2, 26.3]) addTub(stage, -8.5, z);
  for (const z of [11.9, 14.4]) addCafeTable(stage, -7.9, z);
  addBollards(stage, -5.95, [13.6, 14.6, 18.8, 19.8]);
  addBollards(stage, 3.65, [14.4, 18.9, 20]);
  return { tree: new RayTree(stage.mesh.build()), palette: stage.palette, lamps: stage.lamps, panels: stage.panels };
}

function addGround(stage: Stage): void {
  const { mesh, palette } = stage;
  const { leftFront, leftKerb, rightKerb, gardenWall, nearEnd, rowEnd, pavementHeight: top } = STREET;
  mesh.placement = WORLD;
  mesh.material = palette.add(wetRoad(7));
  mesh.quad(vec(-60, 0, nearEnd), vec(60, 0, nearEnd), vec(60, 0, 112), vec(-60, 0, 112));
  const slabs = palette.add(paving(colour('#a39a8c'), 51));
  const kerb = palette.add(ashlar(colour('#9c9890'), 52, 1, 10));
  for (const [outer, inner] of [
    [leftFront, leftKerb],
    [gardenWall, rightKerb],
  ] as const) {
    const edge = inner + (outer < inner ? -0.2 : 0.2);
    mesh.material = slabs;
    mesh.quad(vec(outer, top, nearEnd), vec(edge, top, nearEnd), vec(edge, top, rowEnd), vec(outer, top, rowEnd));
    mesh.material = kerb;
    mesh.box(edge, -0.1, nearEnd, inner, top + 0.005, rowEnd);
  }
  mesh.material = slabs;
  mesh.box(-60, -0.1, STREET.crossStreetEnd, 60, top, 112);
}

function addGardens(stage: Stage): void {
  const { mesh, palette } = stage;
  const { gardenWall, rightFront, nearEnd, rowEnd } = STREET;
  mesh.placement = WORLD;
  mesh.material = palette.add(grass(61));
  mesh.quad(
    vec(gardenWall, 0.15, nearEnd),
    vec(40, 0.15, nearEnd),
    vec(40, 0.15, rowEnd),
    vec(gardenWall, 0.15, rowEnd),
  );
  const wall = palette.add(brickwork(colour('#8d5140'), colour('#a59a8a'), 62));
  const coping = palette.add(painted(colour('#b5ab9a'), 0.1));
  const path = palette.add(paving(colour('#b09a80'), 63));
  // The wall is broken by the gates of the villas, a path leading in from each.
  const gates = [18, 27.1, 41, 53.5, 67, 82.5];
  let start: number = nearEnd;
  for (const gate of [...gates, rowEnd + 1]) {
    mesh.material = wall;
    mesh.box(gardenWall, 0, start, gardenWall + 0.24, 0.75, gate - 0.7);
    for (const z of [gate - 0.85, gate + 0.5]) mesh.box(gardenWall - 0.06, 0, z, gardenWall + 0.3, 1.15, z + 0.35);
    mesh.material = coping;
    mesh.box(gardenWall - 0.05, 0.75, start, gardenWall + 0.29, 0.82, gate - 0.85);
    for (const z of [gate - 0.85, gate + 0.5])
      mesh.box(gardenWall - 0.12, 1.15, z - 0.06, gardenWall + 0.36, 1.24, z + 0.41);
    mesh.material = path;
    mesh.quad(
      vec(gardenWall, 0.16, gate - 0.5),
      vec(rightFront, 0.16, gate - 0.5),
      vec(rightFront, 0.16, gate + 0.5),
      vec(gardenWall, 0.16, gate + 0.5),
    );
    start = gate + 0.7;
  }
  for (const [from, to, tint] of [
    [6, 16.6, '#5f8a34'],
    [28.5, 39.8, '#4f7f3a'],
    [42.5, 52, '#6a8a34'],
    [55, 65.5, '#4f7f3a'],
    [68.5, 81, '#5f8a34'],
  ] as const) {
    addHedge(stage, vec(gardenWall + 0.3, 0.15, from), vec(gardenWall + 1, 1.5, to), tint);
  }
}
