import { describe, expect, it } from 'vitest';
import { frameAt, type FrameView } from '../../enhance/frame-view.js';
import { SharedArena } from '../../frames/shared-arena.js';
import { loadKernels } from '../../kernels/kernel-module.js';
import { ColourTrail } from './colour-trail.js';

const SIZE = { width: 128, height: 96 };
const LUMA = SIZE.width * SIZE.height;

function setUp(): {
  trail: ColourTrail;
  view: FrameView;
  draw: (move: number, u: (x: number) => number) => Uint8Array;
} {
  const arena = SharedArena.create(ColourTrail.bytes(SIZE) + LUMA * 2 + 65536);
  const trail = new ColourTrail(loadKernels(arena.memory), arena, SIZE);
  const address = arena.allocate((LUMA * 3) / 2);
  const bytes = arena.bytes(address, (LUMA * 3) / 2);
  return {
    trail,
    view: frameAt(address, SIZE.width, SIZE.height),
    /** A texture that has moved to the right; u by the place on the screen, in chroma pixels. */
    draw: (move, u) => {
      for (let i = 0; i < LUMA; i++) {
        const [x, y] = [(i % SIZE.width) - move, Math.floor(i / SIZE.width)];
        bytes[i] = 120 + 50 * Math.sin(x * 0.37) * Math.cos(y * 0.29) + 30 * Math.sin(x * 0.11 + y * 0.17);
      }
      for (let i = 0; i < LUMA / 4; i++) bytes[LUMA + i] = u(i % (SIZE.width / 2));
      bytes.fill(128, (LUMA * 5) / 4);
      return bytes.subarray(LUMA, (LUMA * 5) / 4);
    },
  };
}

/** u on the middle row. */
const middle = (u: Uint8Array): Uint8Array => u.subarray((SIZE.width / 2) * 24, (SIZE.width / 2) * 25);

describe('colours', () => {
  it('follow what moves', () => {
    const { trail, view, draw } = setUp();
    // Half of the screen is coloured; the scene moves 4 pixels a picture, the network sees grey from then on.
    draw(0, (x) => (x < 32 ? 180 : 128));
    trail.follow(view, 0.9);
    const u = draw(4, () => 128);
    trail.follow(view, 0.9);
    const row = middle(u);
    // Two chroma pixels on, most of the colour is where its part of the scene is now.
    expect(row[32]).toBeGreaterThan(165);
    expect(row[20]).toBeGreaterThan(165);
    expect(row[36]).toBeLessThan(135);
  });

  it('stay the network’s on the first picture, after a reset, and on what was not there before', () => {
    const { trail, view, draw } = setUp();
    const first = draw(0, (x) => 100 + x);
    const before = first.slice();
    trail.follow(view, 0.9);
    expect(first).toEqual(before);
    trail.reset();
    const again = draw(0, () => 90);
    trail.follow(view, 0.9);
    expect(new Set(again)).toEqual(new Set([90]));
    // A white wall where there was none: nothing of the old colour.
    const other = draw(0, () => 160);
    new Uint8Array(other.buffer, view.y, LUMA).fill(245);
    trail.follow(view, 0.9);
    const kept = [...other].filter((level) => level < 150).length;
    expect(kept).toBeLessThan(other.length * 0.1);
  });

  it('settle in a known number of pictures', () => {
    expect(ColourTrail.lead(0)).toBe(0);
    expect(0.87 ** ColourTrail.lead(0.87)).toBeLessThan(0.01);
  });
});
