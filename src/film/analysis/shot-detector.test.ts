import { describe, expect, it } from 'vitest';
import { THUMBNAIL } from '../../enhance/working-picture.js';
import { ShotDetector } from './shot-detector.js';
import type { Thumbnail } from './thumbnail.js';

const { width, height } = THUMBNAIL;

/** A scene of smooth blobs, seen through a window that has moved to x. Noise is the same for the same seed. */
function picture(scene: number, x = 0, noise = 0): Thumbnail {
  let state = scene * 7919 + Math.round(x * 31) + noise * 13;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296 - 0.5;
  };
  return Float32Array.from({ length: width * height }, (_, i) => {
    const [px, py] = [(i % width) + x, Math.floor(i / width)];
    const wave =
      Math.sin(px * (0.2 + scene * 0.13) + scene) * Math.cos(py * (0.3 + ((scene * 5) % 7) * 0.09) + 2 * scene);
    return 110 + 60 * wave + noise * random();
  });
}

const mix = (a: Thumbnail, b: Thumbnail, share: number): Thumbnail => a.map((v, i) => v + share * ((b[i] ?? 0) - v));
const lit = (a: Thumbnail, gain: number): Thumbnail => a.map((v) => Math.min(255, v * gain));

function shotsOf(pictures: readonly Thumbnail[]): string[] {
  const detector = new ShotDetector();
  for (const one of pictures) detector.add(one);
  return detector.finish().map(({ first, begins }) => `${begins} ${first}`);
}

const hold = (scene: number, count: number, speed = 0): Thumbnail[] =>
  Array.from({ length: count }, (_, i) => picture(scene, i * speed, 4));

describe('shots', () => {
  it('are cut where another scene begins', () => {
    expect(shotsOf([...hold(1, 30), ...hold(2, 30), ...hold(3, 30)])).toEqual(['start 0', 'cut 30', 'cut 60']);
  });

  it('go on through a fast pan', () => {
    expect(shotsOf(hold(2, 60, 1.5))).toEqual(['start 0']);
  });

  it('go on through a flash and through flicker', () => {
    const flash = [...hold(1, 20), lit(picture(1), 2.2), picture(1).fill(250), lit(picture(1), 1.6), ...hold(1, 30)];
    expect(shotsOf(flash)).toEqual(['start 0']);
    const flicker = hold(3, 50).map((one, i) => lit(one, 0.8 + 0.4 * ((i * 7) % 5) * 0.2));
    expect(shotsOf(flicker)).toEqual(['start 0']);
  });

  it('change in the middle of a dissolve', () => {
    const dissolve = Array.from({ length: 23 }, (_, i) => mix(picture(1, 0, 4), picture(2, 0, 4), (i + 1) / 24));
    const [start, next, ...rest] = shotsOf([...hold(1, 40), ...dissolve, ...hold(2, 40)]);
    expect([start, rest]).toEqual(['start 0', []]);
    expect(next).toMatch(/^dissolve (4[6-9]|5[0-6])$/);
  });

  it('change where a fade is darkest', () => {
    const fade = [...hold(1, 30)];
    for (let i = 9; i >= 0; i--) fade.push(lit(picture(1), i / 10));
    for (let i = 1; i <= 10; i++) fade.push(lit(picture(2), i / 10));
    const [start, next, ...rest] = shotsOf([...fade, ...hold(2, 30)]);
    expect([start, rest]).toEqual(['start 0', []]);
    expect(next).toMatch(/^fade (3[89]|4[01])$/);
  });

  it('need no pictures', () => {
    expect(shotsOf([])).toEqual([]);
    expect(shotsOf(hold(1, 1))).toEqual(['start 0']);
  });
});
