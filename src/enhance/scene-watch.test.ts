import { describe, expect, it } from 'vitest';
import { SceneWatch, type SceneEvent } from './scene-watch.js';

const PIXELS = 32 * 18;

/** A scene with edges of its own: smooth waves whose phases depend on the seed. */
function scene(seed: number, gain = 1, offset = 20): Float32Array {
  return Float32Array.from({ length: PIXELS }, (_, i) => {
    const [x, y] = [i % 32, Math.floor(i / 32)];
    const wave =
      Math.sin(x * 0.7 + seed * 1.7) + Math.cos(y * 0.9 + seed * 2.3) + Math.sin((x + y) * 0.4 * (1 + (seed % 3)));
    return Math.min(255, offset + gain * (12 + 4 * wave));
  });
}

function judgeAll(pictures: readonly Float32Array[], rate = 25): SceneEvent[] {
  const watch = new SceneWatch();
  return pictures.map((picture, i) => watch.judge(picture, i / rate));
}

const same = (count: number): SceneEvent[] => Array.from({ length: count }, () => 'same');

describe('SceneWatch', () => {
  it('takes the first picture for a cut and then finds none in a steady scene', () => {
    expect(judgeAll([scene(1), scene(1), scene(1, 1.02), scene(1)])).toEqual(['cut', ...same(3)]);
  });

  it('is sure of a cut on the second picture of the new scene', () => {
    const events = judgeAll([scene(1), scene(1), scene(5), scene(5), scene(5)]);
    expect(events).toEqual(['cut', 'same', 'maybe-cut', 'cut', 'same']);
  });

  it('does not take a flash for a cut', () => {
    const events = judgeAll([scene(1), scene(1), scene(1, 4, 60), scene(1), scene(1)]);
    expect(events).toEqual(['cut', 'same', 'flash', 'back', 'same']);
  });

  it('does not take a flash that leaves nothing but white for a cut', () => {
    const white = new Float32Array(PIXELS).fill(250);
    const events = judgeAll([scene(1), scene(1), white, scene(1), scene(1)]);
    expect(events).toEqual(['cut', 'same', 'maybe-cut', 'back', 'same']);
  });

  it('accepts another light after a while', () => {
    const events = judgeAll([scene(1), ...Array.from({ length: 12 }, () => scene(1, 3))]);
    expect(events[1]).toBe('flash');
    expect(events).toContain('relit');
    expect(events.slice(events.indexOf('relit') + 1).every((event) => event === 'same')).toBe(true);
  });

  it('lets a slow fade pass', () => {
    const events = judgeAll(Array.from({ length: 40 }, (_, i) => scene(1, 1 + i / 40)));
    expect(events.slice(1)).toEqual(same(39));
  });
});
