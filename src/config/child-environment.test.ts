import { expect, it } from 'vitest';
import { childEnvironment } from './child-environment.js';

it('keeps tokens and other secrets from streams, and gives them what they need', () => {
  const needed = {
    PATH: '/bin',
    HOME: '/home/a',
    LC_ALL: 'C',
    TZ: 'UTC',
    VK_ICD_FILENAMES: 'x',
    AFTERGLOW_MODELS: '/m',
  };
  const secret = {
    AFTERGLOW_TOKEN: 'a',
    WALL_TOKEN: 'b',
    GATE_CAMERA: 'u:p',
    NODE_OPTIONS: '--inspect',
    AWS_SECRET: 'c',
  };
  expect(childEnvironment({ ...needed, ...secret })).toEqual(needed);
});
