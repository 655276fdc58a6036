import { afterEach, describe, expect, it } from 'vitest';
import { SharedArena } from '../frames/shared-arena.js';
import { CrewPlan } from './crew-plan.js';
import { KernelCrew } from './kernel-crew.js';

const [WIDTH, HEIGHT] = [320, 96];
const PARTS = 12;

let crews: KernelCrew[] = [];
afterEach(async () => {
  await Promise.all(crews.map((crew) => crew.close()));
  crews = [];
});

/** A plane whose parts are smoothed by a crew; the plane is another one for every seed. */
function work(helpers: number): (seed: number) => Buffer {
  const plane = WIDTH * HEIGHT;
  const arena = SharedArena.create(8 * plane + PARTS * 65536);
  const [src, dst] = [arena.allocate(2 * plane + 64), arena.allocate(2 * plane + 64)];
  const crew = new KernelCrew(arena.memory, helpers);
  const scratch = Array.from({ length: PARTS }, () => arena.allocate(crew.kernels.smoothScratchBytes(WIDTH)));
  crews.push(crew);
  const rows = HEIGHT / PARTS;
  return (seed) => {
    const levels = new Int16Array(arena.memory.buffer, src, plane);
    for (let i = 0; i < plane; i++) levels[i] = (i * seed * 7919) % 16320;
    new Int16Array(arena.memory.buffer, dst, plane).fill(-1);
    for (let part = 0; part < PARTS; part++) {
      const from = part * rows * WIDTH * 2;
      crew.add('smoothPlane', src + from, dst + from, WIDTH, rows, 2, 900, scratch[part] ?? 0);
    }
    crew.run();
    return Buffer.from(arena.memory.buffer.slice(dst, dst + 2 * plane));
  };
}

describe('a crew', () => {
  it('does what one thread does, plan after plan, also before its helpers have started', async () => {
    const [alone, helped] = [work(0), work(3)];
    for (let seed = 1; seed < 200; seed++) {
      expect(helped(seed).equals(alone(seed)), `plan ${seed}`).toBe(true);
      // Now and then helpers fall asleep in between.
      if (seed % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  });

  it('does nothing when nothing was added', () => {
    new KernelCrew(SharedArena.create(4096).memory, 0).run();
  });
});

describe('a plan', () => {
  it('gives each task to one thread, and has room for so many', () => {
    const plan = new CrewPlan();
    const seenByAnother = new CrewPlan(plan.buffer);
    plan.add(2, [1, 2.5]);
    plan.add(3, [4]);
    expect(plan.take()).toBe(-1);
    plan.begin();
    expect([plan.take(), seenByAnother.take(), plan.take(), seenByAnother.take()]).toEqual([0, 1, -1, -1]);
    expect([seenByAnother.kernelOf(0), [...seenByAnother.numbersOf(0)]]).toEqual([2, [1, 2.5]]);
    plan.done();
    expect(plan.waitUntilDone(2, 1)).toBe(false);
    seenByAnother.done();
    expect(plan.waitUntilDone(2, 1)).toBe(true);
    expect(() => Array.from({ length: 65 }, () => plan.add(0, []))).toThrow(RangeError);
  });
});
