import type { Actor } from './actor.js';
import { HATCHBACK, SALOON, VAN } from './car-body.js';
import { car, cyclist, lingerer, television, walker } from './players.js';
import { Route } from './route.js';
import { SpeedPlan } from './speed-plan.js';
import type { Palette } from './surface.js';
import { vec } from './vector.js';

/** Everyone and everything that moves in the clip; their materials go to the scene's palette. */
export function assembleCast(palette: Palette): Actor[] {
  const fair = '#e0ac8a';
  const tan = '#b9805a';
  const dark = '#6e4630';
  return [
    // Comes out of the cross street from the left and drives towards the camera.
    ...car(palette, {
      body: SALOON,
      paint: '#1f8f95',
      start: 7.6,
      route: new Route(
        [
          [-40, 94.6],
          [-1.7, 94.6],
          [-1.7, -14],
        ],
        4.5,
      ),
      speed: new SpeedPlan([
        [0, 9],
        [2.6, 6],
        [4.6, 6],
        [7, 10.5],
        [30, 10.5],
      ]),
      blinks: [['right', 0, 5]],
    }),
    // Drives away from the camera and turns right at the far end.
    ...car(palette, {
      body: HATCHBACK,
      paint: '#d85a1e',
      start: 1.4,
      route: new Route(
        [
          [1.4, -6],
          [1.4, 30],
          [0.75, 40],
          [0.75, 48],
          [1.5, 60],
          [1.6, 94.8],
          [40, 94.8],
        ],
        4,
      ),
      speed: new SpeedPlan([
        [0, 10],
        [7.2, 10],
        [9.4, 5],
        [11, 5],
        [13, 9],
        [30, 9],
      ]),
      blinks: [['right', 6.4, 12]],
    }),
    // Crosses the far end.
    ...car(palette, {
      body: VAN,
      paint: '#c9c2b0',
      start: 4.6,
      route: new Route(
        [
          [34, 97.6],
          [-34, 97.6],
        ],
        1,
      ),
      speed: new SpeedPlan([
        [0, 9],
        [30, 9],
      ]),
      blinks: [],
    }),
    // From the café over the zebra crossing to the villa, under an umbrella.
    ...walker(
      palette,
      {
        height: 1.7,
        coat: '#23407a',
        cut: 'long',
        trousers: '#2a2a30',
        skin: fair,
        hair: '#3a2414',
        umbrella: ['#f0c419', '#e8e2d0'],
      },
      [
        [-9.2, 18.4],
        [-7, 18],
        [-5.4, 16.7],
        [3.4, 16.6],
        [4.9, 17.9],
        [10, 18],
      ],
      1.75,
      9.6,
    ),
    // Along the left pavement, away from the camera, to the brick house.
    ...walker(
      palette,
      {
        height: 1.72,
        coat: '#c01f2e',
        cut: 'long',
        trousers: '#1d1d26',
        skin: fair,
        hair: '#5a3018',
        longHair: true,
        scarf: '#e8d8b0',
        bag: '#6a4a2a',
      },
      [
        [-6.5, 7.2],
        [-6.8, 18.6],
        [-7.6, 20.6],
        [-9.2, 21.2],
      ],
      1.4,
      6.4,
    ),
    // Two who meet in passing further down.
    ...walker(
      palette,
      { height: 1.8, coat: '#d8a02a', cut: 'jacket', trousers: '#2f3f5f', skin: dark, hair: '#15100c', hat: '#2f6f4f' },
      [
        [-9.2, 50.9],
        [-7.6, 50],
        [-7.4, 39.6],
        [-9.2, 38.5],
      ],
      1.4,
      2.2,
    ),
    ...walker(
      palette,
      {
        height: 1.66,
        coat: '#2f8f6a',
        cut: 'skirt',
        trousers: '#3a2a2a',
        skin: fair,
        hair: '#c79a4a',
        longHair: true,
        bag: '#a02a4a',
      },
      [
        [-9.2, 32.6],
        [-8, 33.4],
        [-8, 43.6],
        [-9.2, 44.7],
      ],
      1.35,
      5.2,
    ),
    // Across the far end.
    ...walker(
      palette,
      { height: 1.78, coat: '#8a8f98', cut: 'long', trousers: '#222222', skin: tan, hair: '#222222' },
      [
        [-14, 101],
        [13, 100.8],
      ],
      1.4,
      3,
    ),
    // A runner on the right-hand pavement.
    ...walker(
      palette,
      { height: 1.8, coat: '#b6f02a', cut: 'jacket', trousers: '#20242c', skin: tan, hair: '#2a1a10', band: '#e8f4e0' },
      [
        [4.6, 5],
        [4.75, 38],
        [5.4, 40.6],
        [10, 41],
      ],
      3.1,
      2.4,
      'run',
    ),
    // Two who talk by the pillar box, and one on the bench with a telephone.
    ...lingerer(
      palette,
      {
        height: 1.82,
        coat: '#3f6fb0',
        cut: 'jacket',
        trousers: '#4a4238',
        skin: fair,
        hair: '#6a4a2a',
        scarf: '#c8402a',
      },
      vec(-7.25, 0.13, 28.4),
      2.3,
      'stand',
      2,
      0,
    ),
    ...lingerer(
      palette,
      {
        height: 1.68,
        coat: '#e07a2a',
        cut: 'skirt',
        trousers: '#26303c',
        skin: tan,
        hair: '#1c120c',
        longHair: true,
        hat: '#8a2a5a',
      },
      vec(-6.75, 0.13, 27.75),
      -0.85,
      'stand',
      1,
      0.4,
    ),
    ...lingerer(
      palette,
      {
        height: 1.74,
        coat: '#7a4aa0',
        cut: 'jacket',
        trousers: '#38506a',
        skin: fair,
        hair: '#2a1a10',
        hat: '#d8b03a',
      },
      vec(5.35, 0.13, 20.3),
      -Math.PI / 2,
      'sit',
      2,
      0,
    ),
    ...cyclist(
      palette,
      {
        height: 1.75,
        coat: '#e8402a',
        cut: 'jacket',
        trousers: '#2a3a5a',
        skin: tan,
        hair: '#222222',
        hat: '#f0f0e8',
        bag: '#2a8a8a',
      },
      '#2aa05a',
      new Route(
        [
          [2.85, -2],
          [2.85, 93],
          [2.4, 96.8],
          [-40, 97.2],
        ],
        2,
      ),
      5.2,
      6.84,
    ),
    // Above the bookshop.
    ...television(palette, vec(-9.125, 7.12, 27.13), Math.PI / 2, 1.12, 1.55),
  ];
}
