import { frameAt, type FrameView } from '../src/enhance/frame-view.js';
import type { Size } from '../src/enhance/working-size.js';
import type { SharedArena } from '../src/frames/shared-arena.js';

/** A stroke or spot of damage: its depth at a place, 0 for none to 1, and its level. */
export interface Damage {
  readonly level: number;
  readonly depth: (x: number, y: number) => number;
}

/** Random numbers 0..1 from a seed (Numerical Recipes' linear congruence). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

/** Texture that repeats nowhere: random numbers at whole places, -1..1, and what lies between them. */
export function texture(x: number, y: number): number {
  const [x0, y0] = [Math.floor(x), Math.floor(y)];
  const at = (px: number, py: number): number => {
    let hash = Math.imul(px, 374761393) + Math.imul(py, 668265263);
    hash = Math.imul(hash ^ (hash >>> 13), 1274126177);
    return ((hash ^ (hash >>> 16)) >>> 0) / 2147483648 - 1;
  };
  const upper = at(x0, y0) + (x - x0) * (at(x0 + 1, y0) - at(x0, y0));
  const lower = at(x0, y0 + 1) + (x - x0) * (at(x0 + 1, y0 + 1) - at(x0, y0 + 1));
  return upper + (y - y0) * (lower - upper);
}

/** A round spot with a soft edge. */
export function dust(x: number, y: number, radius: number, level: number): Damage {
  return { level, depth: (px, py) => soft(radius - Math.hypot(px - x, py - y)) };
}

/** Half a circle of a line. */
export function hair(x: number, y: number, radius: number, level: number): Damage {
  return { level, depth: (px, py) => (py > y ? 0 : soft(1.6 - Math.abs(Math.hypot(px - x, py - y) - radius))) };
}

/** A line from top to bottom. */
export function scratch(x: number, level: number): Damage {
  return { level, depth: (px, py) => soft(1.5 - Math.abs(px - x - py / 200)) };
}

function soft(inside: number): number {
  return Math.min(1, Math.max(0, inside));
}

/** A made-up film: textured hills that pan by 3.5 pixels a picture, a disc that crosses them, grain and flicker. */
export class DamagedScene {
  readonly size: Size;

  constructor(size: Size) {
    this.size = size;
  }

  /** Picture `number` of the film, I420, without damage. light: a gain of all levels. */
  clean(number: number, light = 1): Uint8Array {
    const { width, height } = this.size;
    const picture = new Uint8Array((width * height * 3) / 2);
    const next = random(number + 1);
    const [discX, discY] = [40 + 9 * number, height / 2];
    const level = (x: number, y: number): number => {
      if (Math.hypot(x - discX, y - discY) < 18) return 160 + 40 * texture((x - discX) / 4, (y - discY) / 4);
      const [u, v] = [x + 3.5 * number, y + number];
      return 110 + 35 * Math.sin(u / 19) + 25 * Math.cos(v / 14) + 30 * texture(u / 5, v / 5);
    };
    for (let i = 0; i < width * height; i++) {
      const grain = 4 * (next() + next() - 1);
      picture[i] = Math.round(light * level(i % width, Math.floor(i / width)) + grain);
    }
    const chroma = width / 2;
    for (let i = 0; i < (width * height) / 4; i++) {
      const [x, y] = [2 * (i % chroma) + 3.5 * number, 2 * Math.floor(i / chroma) + number];
      picture[width * height + i] = Math.round(128 + 20 * Math.sin(x / 30));
      picture[(width * height * 5) / 4 + i] = Math.round(128 + 20 * Math.cos(y / 25));
    }
    return picture;
  }

  /** Puts damage on a picture. Returns where it is strong: [height, width], 1 where it changed luma by 30 or more. */
  damage(picture: Uint8Array, pieces: readonly Damage[]): Uint8Array {
    const { width, height } = this.size;
    const mask = new Uint8Array(width * height);
    for (const { level, depth } of pieces) {
      for (let i = 0; i < width * height; i++) {
        const [x, y] = [i % width, Math.floor(i / width)];
        const share = depth(x, y);
        if (share === 0) continue;
        const before = picture[i] ?? 0;
        picture[i] = Math.round(before + share * (level - before));
        if (Math.abs((picture[i] ?? 0) - before) >= 30) mask[i] = 1;
        if (x % 2 === 1 || y % 2 === 1) continue;
        for (const plane of [width * height, (width * height * 5) / 4]) {
          const at = plane + (y >> 1) * (width >> 1) + (x >> 1);
          picture[at] = Math.round((picture[at] ?? 0) + share * (128 - (picture[at] ?? 0)));
        }
      }
    }
    return mask;
  }
}

/** A picture put into an arena. */
export function placePicture(arena: SharedArena, { width, height }: Size, picture: Uint8Array | null): FrameView {
  const bytes = (width * height * 3) / 2;
  const address = arena.allocate(bytes + 64);
  if (picture) arena.bytes(address, bytes).set(picture);
  return frameAt(address, width, height);
}

/** Peak signal-to-noise ratio in decibels, over the pixels of a mask. */
export function psnrWithin(mask: Uint8Array, picture: Uint8Array, clean: Uint8Array): number {
  let [sum, count] = [0, 0];
  mask.forEach((isInside, i) => {
    if (isInside === 0) return;
    sum += ((picture[i] ?? 0) - (clean[i] ?? 0)) ** 2;
    count++;
  });
  return 10 * Math.log10((255 * 255 * count) / sum);
}
