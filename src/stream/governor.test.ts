import { describe, expect, it } from 'vitest';
import { loadRecipe, networkOf, withNetwork } from '../config/recipe.js';
import { Governor, type LoadWindow } from './governor.js';

const network = networkOf(withNetwork(loadRecipe('night-cctv'), { workingSize: 256 }));
const calm: LoadWindow = { decoded: 30, overtaken: 0, age: 40, cores: 1, fairCores: 1 };
const busy: LoadWindow = { ...calm, overtaken: 3, age: 120 };

/** Feeds windows and returns the level after each. */
function feed(governor: Governor, window: LoadWindow, times: number): number[] {
  return Array.from({ length: times }, () => {
    governor.observe(window);
    return governor.state.level;
  });
}

describe('Governor', () => {
  it('leaves a stream alone that keeps up, and forgives one bad window', () => {
    const governor = new Governor(250, network, true);
    feed(governor, calm, 20);
    governor.observe(busy);
    expect(feed(governor, calm, 20).every((level) => level === 0)).toBe(true);
    expect(governor.state).toMatchObject({ level: 0, reason: '', networkRate: 10, workingSize: 256, frameStep: 1 });
  });

  it('lowers cadence first, then working size, and only last the frame rate', () => {
    const governor = new Governor(250, network, true);
    const seen: string[] = [];
    for (let i = 0; i < 60; i++) {
      governor.observe(busy);
      const { networkRate, workingSize, frameStep } = governor.state;
      const now = `${networkRate} ${workingSize} ${frameStep}`;
      if (seen.at(-1) !== now) seen.push(now);
    }
    expect(seen).toEqual(['10 256 1', '5 256 1', '2.5 256 1', '1.25 256 1', '1.25 192 1', '1.25 128 1', '1.25 128 2', '1.25 128 3', '1.25 128 5']); // prettier-ignore
    expect(governor.state.reason).toMatch(/10 % of the pictures came too fast/);
  });

  it('leaves out full resolution before all else', () => {
    const governor = new Governor(250, network && { ...network, native: true }, true);
    expect(governor.state).toMatchObject({ native: true, networkRate: 10 });
    feed(governor, busy, 3);
    expect(governor.state).toMatchObject({ level: 1, native: false, networkRate: 10, workingSize: 256, frameStep: 1 });
    feed(governor, busy, 5);
    expect(governor.state).toMatchObject({ level: 2, native: false, networkRate: 5 });
    expect(new Governor(250, network, true).state.native).toBeNull();
  });

  it('leaves the working size where the model fixes it, and has frame rate alone without a network', () => {
    const fixed = new Governor(250, network, false);
    feed(fixed, busy, 100);
    expect(fixed.state).toMatchObject({ workingSize: 256, frameStep: 5 });
    const plain = new Governor(250, null, true);
    feed(plain, { ...busy, overtaken: 0, age: 300 }, 4);
    expect(plain.state).toMatchObject({ networkRate: null, workingSize: null, frameStep: 2 });
    expect(plain.state.reason).toBe('pictures were 300 ms old, more than 250');
  });

  it('takes load on again when there is room, and waits longer after it was too early', () => {
    const governor = new Governor(250, network, true);
    const windowsToFull = (): number => {
      for (let windows = 1; windows < 500; windows++) {
        governor.observe(calm);
        if (governor.state.level === 0) return windows;
      }
      throw new Error('never');
    };
    feed(governor, busy, 3);
    expect(governor.state.level).toBe(1);
    const first = windowsToFull();
    expect(first).toBeGreaterThan(5);
    // Overload comes back at once: it was too early.
    feed(governor, busy, 5);
    expect(governor.state.level).toBe(1);
    const second = windowsToFull();
    expect(second).toBeGreaterThan(first + 4);
    // It comes back much later: something else has happened.
    feed(governor, calm, 30);
    feed(governor, busy, 3);
    expect(windowsToFull()).toBeLessThanOrEqual(first + 2);
  });

  it('goes down two steps at once under grave overload', () => {
    const governor = new Governor(250, network, true);
    feed(governor, { ...busy, overtaken: 15 }, 2);
    expect(governor.state.level).toBe(2);
  });

  it('lets streams that take more than their share give way first', () => {
    const greedy = new Governor(250, network, true);
    const modest = new Governor(250, network, true);
    const [greedyLevels, modestLevels] = [feed(greedy, { ...busy, cores: 1.2 }, 4), feed(modest, { ...busy, cores: 0.2 }, 4)]; // prettier-ignore
    expect(greedyLevels.at(-1)).toBeGreaterThan(0);
    expect(modestLevels.at(-1)).toBe(0);
    expect(feed(modest, { ...busy, cores: 0.2 }, 4).at(-1)).toBeGreaterThan(0);
  });
});
