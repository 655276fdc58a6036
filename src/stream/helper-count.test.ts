import { expect, it } from 'vitest';
import { helperCount } from './helper-count.js';

it.each([
  [1920, 1080, 2, 0],
  [1920, 1080, 4, 0],
  [1920, 1080, 5.5, 1],
  [3840, 2160, 16, 3],
  [1280, 720, 16, 0],
])('a picture of %ix%i on %d cores has %i helpers', (width, height, cores, helpers) => {
  expect(helperCount({ width, height }, cores)).toBe(helpers);
});
