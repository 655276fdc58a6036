import { describe, expect, it } from 'vitest';
import { texture } from '../../test/damaged-scene.js';
import { SharedArena } from '../frames/shared-arena.js';
import { loadKernels } from '../kernels/kernel-module.js';
import { BlockMotion } from './block-motion.js';
import { LumaPyramid } from './luma-pyramid.js';

const SIZE = { width: 330, height: 250 } as const;

type Light = (x: number, y: number) => number;

function ground(x: number, y: number): number {
  return 120 + 40 * texture(x / 20, y / 20) + 40 * texture(x / 5, y / 5);
}

/** Vectors in pixels of all blocks of 8x8 from one picture to another. */
function motionOf(picture: Light, neighbour: Light): { at: (x: number, y: number) => [number, number]; share: Share } {
  const arena = SharedArena.create(2 * LumaPyramid.bytes(SIZE) + BlockMotion.bytes(SIZE) + 300_000);
  const kernels = loadKernels(arena.memory);
  const plane = (light: Light): LumaPyramid => {
    const address = arena.allocate(SIZE.width * SIZE.height);
    const bytes = arena.bytes(address, SIZE.width * SIZE.height);
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.round(light(i % SIZE.width, Math.floor(i / SIZE.width)));
    const pyramid = new LumaPyramid(kernels, arena, SIZE);
    pyramid.fill(address, SIZE.width, 1, 0);
    return pyramid;
  };
  const motion = new BlockMotion(kernels, arena, SIZE);
  const [from, to] = [plane(picture), plane(neighbour)];
  motion.find(from, to);
  motion.finish(from, to);
  const { vectors, columns } = motion;
  const at = (x: number, y: number): [number, number] => {
    const i = 2 * ((y >> 3) * columns + (x >> 3));
    return [(vectors[i] ?? 0) / 2, (vectors[i + 1] ?? 0) / 2];
  };
  // Blocks at the edge may see what has come in from beyond it.
  const share: Share = (dx, dy) => {
    let [right, all] = [0, 0];
    for (let y = 40; y < SIZE.height - 40; y += 8) {
      for (let x = 40; x < SIZE.width - 40; x += 8) {
        const [vx, vy] = at(x, y);
        all++;
        if (Math.abs(vx - dx) + Math.abs(vy - dy) <= 0.5) right++;
      }
    }
    return right / all;
  };
  return { at, share };
}

/** Share of the blocks whose vector is this one, or half a pixel off. */
type Share = (dx: number, dy: number) => number;

describe('block motion', () => {
  it.each([
    [0, 0],
    [7, -3],
    [-30, 12],
    [2.5, 1.5],
    [0, 31],
  ])('finds a shift by %f and %f pixels', (dx, dy) => {
    const { share } = motionOf(ground, (x, y) => ground(x - dx, y - dy));
    expect(share(dx, dy)).toBeGreaterThan(0.97);
  });

  it('tells an object from the background behind it', () => {
    const isObject = (x: number, y: number): boolean => Math.abs(x - 160) < 40 && Math.abs(y - 120) < 40;
    const object: Light = (x, y) => 255 - ground(1.3 * x + 700, y);
    const { at } = motionOf(
      (x, y) => (isObject(x, y) ? object(x, y) : ground(x, y)),
      (x, y) => (isObject(x - 12, y + 5) ? object(x - 12, y + 5) : ground(x + 4, y)),
    );
    expect(at(160, 120)).toEqual([12, -5]);
    expect(at(60, 60)).toEqual([-4, 0]);
  });

  it('goes on through dust on either picture', () => {
    const isDust = (x: number, y: number): boolean =>
      Math.hypot(x - 150, y - 100) < 11 || Math.hypot(x - 90, y - 170) < 7;
    const { share, at } = motionOf(
      (x, y) => (isDust(x, y) ? 245 : ground(x, y)),
      (x, y) => (isDust(x + 40, y - 20) ? 8 : ground(x - 6, y - 2)),
    );
    expect(share(6, 2)).toBeGreaterThan(0.97);
    expect(at(150, 100)).toEqual([6, 2]);
  });
});
