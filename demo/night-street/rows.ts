import { colour } from './colour.js';
import { addHouse, type HousePlan } from './house.js';
import { STREET } from './layout.js';
import { ashlar, brickwork, plaster } from './masonry.js';
import type { Placement } from './mesh.js';
import type { Stage } from './stage.js';
import { vec } from './vector.js';

const JOINT = colour('#b3a795');
const UP = vec(0, 1, 0);

/** The closed row of shops and houses on the left, nearest first; they stand wall to wall from z = 2. */
const LEFT_ROW: readonly HousePlan[] = [
  {
    width: 8.4,
    floors: 2,
    wall: brickwork(colour('#8f4a38'), JOINT, 11),
    trim: '#d9cfbb',
    frames: '#e8e2d4',
    tiles: '#7c3f2b',
    roof: 'eaves',
    columns: 3,
    ground: { kind: 'door', doorAt: 0.5, door: '#1f4f3a' },
  },
  {
    width: 9.2,
    floors: 2,
    wall: plaster(colour('#dba44c'), 12, 0.35),
    trim: '#f0e6d0',
    frames: '#f2ede0',
    tiles: '#9a4a2c',
    roof: 'eaves',
    columns: 3,
    shutters: '#2f6b4f',
    flowers: true,
    ground: {
      kind: 'shop',
      sign: 'CAFE ROSA',
      board: '#7a1f2b',
      letters: '#ffd9a0',
      room: 'shop',
      awning: ['#b3202c', '#efe6d3'],
      neon: 0.5,
    },
    lit: { '1:2': 'warm' },
  },
  {
    width: 6.2,
    floors: 2,
    wall: brickwork(colour('#a5452f'), JOINT, 13),
    trim: '#e6dcc6',
    frames: '#efe9dc',
    tiles: '#6b3a2a',
    roof: 'stepped',
    columns: 2,
    ground: { kind: 'door', doorAt: 0.26, door: '#1c3f7a', lantern: true },
    lit: { '0:1': 'dim' },
  },
  {
    width: 8,
    floors: 2,
    wall: plaster(colour('#7fa3bd'), 14, 0.3),
    trim: '#eef0ee',
    frames: '#f4f4f0',
    tiles: '#4a5560',
    roof: 'mansard',
    columns: 3,
    flowers: true,
    ground: { kind: 'shop', sign: 'BOOKS', board: '#1f3d36', letters: '#e9c46a', room: 'dark' },
    lit: { 'roof:1': 'warm' },
  },
  {
    width: 6.6,
    floors: 2,
    wall: plaster(colour('#e3cf7a'), 15, 0.6),
    trim: '#8a5a3a',
    frames: '#e8e0d0',
    tiles: '#8d4630',
    roof: 'gable',
    columns: 2,
    shutters: '#7a3b2a',
    ground: { kind: 'door', doorAt: 0.72, door: '#8c1d24', lantern: true },
    lit: { '1:0': 'warm' },
  },
  {
    width: 8.6,
    floors: 3,
    wall: brickwork(colour('#7d5a44'), JOINT, 16),
    trim: '#ddd5c4',
    frames: '#efece4',
    tiles: '#5b3a30',
    roof: 'eaves',
    columns: 3,
    ground: { kind: 'door', doorAt: 0.5, door: '#2b6a6a' },
    lit: { '2:2': 'cool', '0:0': 'dim' },
  },
  {
    width: 6.4,
    floors: 2,
    wall: plaster(colour('#c98a86'), 17, 0.4),
    trim: '#f0e4da',
    frames: '#f3ece4',
    tiles: '#7a3f30',
    roof: 'stepped',
    columns: 2,
    flowers: true,
    ground: { kind: 'door', doorAt: 0.3, door: '#3a2a5c', lantern: true },
  },
  {
    width: 9.6,
    floors: 3,
    wall: ashlar(colour('#b8ab92'), 18, 1.1, 0.5),
    trim: '#d8cdb4',
    frames: '#4a3a2c',
    tiles: '#47525c',
    roof: 'mansard',
    columns: 4,
    ground: { kind: 'shop', sign: 'HOTEL', board: '#2c2a3c', letters: '#ff5a6e', room: 'shop', neon: 1.6 },
    lit: { '0:2': 'warm', '2:1': 'dim', '1:3': 'warm' },
  },
  {
    width: 7.6,
    floors: 2,
    wall: plaster(colour('#8fae84'), 19, 0.4),
    trim: '#efeee0',
    frames: '#f2f0e6',
    tiles: '#8a4530',
    roof: 'eaves',
    columns: 3,
    shutters: '#35553a',
    ground: { kind: 'door', doorAt: 0.5, door: '#b0682a' },
    lit: { '0:1': 'warm' },
  },
  {
    width: 8.8,
    floors: 2,
    wall: brickwork(colour('#93402f'), JOINT, 20),
    trim: '#e0d6c2',
    frames: '#ece6d8',
    tiles: '#6e3a2c',
    roof: 'gable',
    columns: 3,
    ground: { kind: 'shop', sign: 'BAKERY', board: '#2d5470', letters: '#f4e7c5', room: 'warm' },
  },
  {
    width: 8.6,
    floors: 3,
    wall: plaster(colour('#d8b070'), 21, 0.4),
    trim: '#f0e6d0',
    frames: '#efe8d8',
    tiles: '#80422f',
    roof: 'eaves',
    columns: 3,
    ground: { kind: 'door', doorAt: 0.5, door: '#27465e' },
    lit: { '1:1': 'warm', '2:0': 'dim' },
  },
];

/** The villas on the right behind their gardens: the z of each one's near end. */
const RIGHT_ROW: readonly { readonly z: number; readonly plan: HousePlan }[] = [
  {
    z: 13.5,
    plan: {
      width: 9,
      floors: 1,
      wall: plaster(colour('#d9cba6'), 31, 0.4),
      trim: '#efe9da',
      frames: '#f2eee4',
      tiles: '#8f4a2f',
      roof: 'eaves',
      columns: 3,
      shutters: '#3c5f7d',
      ground: { kind: 'door', doorAt: 0.5, door: '#7a2030', lantern: true },
      lit: { '0:0': 'warm' },
    },
  },
  {
    z: 25,
    plan: {
      width: 8.5,
      floors: 2,
      wall: brickwork(colour('#9a4b36'), JOINT, 32),
      trim: '#e4dac6',
      frames: '#f0eadc',
      tiles: '#5c3428',
      roof: 'gable',
      columns: 2,
      ground: { kind: 'door', doorAt: 0.25, door: '#234a38', lantern: true },
      lit: { 'ground:1': 'warm' },
    },
  },
  {
    z: 36,
    plan: {
      width: 10,
      floors: 1,
      wall: plaster(colour('#b9c4b0'), 33, 0.4),
      trim: '#f0eee4',
      frames: '#f2f0e8',
      tiles: '#7a4030',
      roof: 'mansard',
      columns: 3,
      ground: { kind: 'door', doorAt: 0.5, door: '#5a3a22' },
      lit: { 'roof:0': 'warm', '0:2': 'dim' },
    },
  },
  {
    z: 49,
    plan: {
      width: 9,
      floors: 2,
      wall: plaster(colour('#d2a38c'), 34, 0.5),
      trim: '#f0e6d8',
      frames: '#f2ece0',
      tiles: '#8a4a34',
      roof: 'eaves',
      columns: 3,
      shutters: '#4a6a5a',
      ground: { kind: 'door', doorAt: 0.5, door: '#203a5a' },
      lit: { '1:0': 'warm' },
    },
  },
  {
    z: 61,
    plan: {
      width: 12,
      floors: 2,
      wall: brickwork(colour('#86503e'), JOINT, 35),
      trim: '#ddd2be',
      frames: '#ece6d8',
      tiles: '#5e382c',
      roof: 'eaves',
      columns: 4,
      ground: { kind: 'door', doorAt: 0.5, door: '#6a2a2a' },
      lit: { '0:2': 'warm', 'ground:0': 'dim' },
    },
  },
  {
    z: 76,
    plan: {
      width: 13,
      floors: 3,
      wall: plaster(colour('#c9b88c'), 36, 0.4),
      trim: '#f0e8d6',
      frames: '#efe8da',
      tiles: '#7e4431',
      roof: 'mansard',
      columns: 5,
      ground: { kind: 'door', doorAt: 0.5, door: '#2a4a4a' },
      lit: { '1:1': 'warm', '2:3': 'warm' },
    },
  },
];

/** Across the far end, left to right from x = -34. */
const CLOSING_ROW: readonly HousePlan[] = [
  {
    width: 13,
    floors: 3,
    wall: brickwork(colour('#8a4a3a'), JOINT, 41),
    trim: '#ddd2be',
    frames: '#ece6d8',
    tiles: '#5e382c',
    roof: 'eaves',
    columns: 5,
    ground: { kind: 'door', doorAt: 0.5, door: '#333333' },
    lit: { '1:3': 'warm' },
  },
  {
    width: 12,
    floors: 2,
    wall: plaster(colour('#cdbb96'), 42, 0.3),
    trim: '#eee6d6',
    frames: '#ece6d8',
    tiles: '#7e4431',
    roof: 'mansard',
    columns: 4,
    ground: { kind: 'shop', sign: 'BAR', board: '#26324a', letters: '#7fd8ff', room: 'shop', neon: 1.4 },
    lit: { '0:3': 'warm' },
  },
  {
    width: 10,
    floors: 2,
    wall: brickwork(colour('#96523e'), JOINT, 43),
    trim: '#ddd2be',
    frames: '#ece6d8',
    tiles: '#5e382c',
    roof: 'stepped',
    columns: 3,
    ground: { kind: 'door', doorAt: 0.5, door: '#224466' },
    lit: { '0:1': 'warm', '1:2': 'dim' },
  },
];

/** Adds all the houses; the closing row leaves its middle free for the clock tower. */
export function addHouses(stage: Stage): void {
  let z = 2;
  for (const plan of LEFT_ROW) {
    addHouse(stage, frontOf(STREET.leftFront, z, 1), plan);
    z += plan.width;
  }
  for (const { z: near, plan } of RIGHT_ROW) addHouse(stage, frontOf(STREET.rightFront, near, -1), plan);
  for (const left of [-34, 8]) {
    let x = left;
    for (const plan of CLOSING_ROW) {
      const front = { origin: vec(x, 0, STREET.closingFront), right: vec(1, 0, 0), up: UP, out: vec(0, 0, -1) };
      addHouse(stage, front, plan);
      x += plan.width;
    }
  }
}

/** A front beside the street at x, from z on, facing +x (side 1) or -x (side -1). */
function frontOf(x: number, z: number, side: 1 | -1): Placement {
  return { origin: vec(x, 0, z), right: vec(0, 0, 1), up: UP, out: vec(side, 0, 0) };
}
