import type { FrameView } from '../enhance/frame-view.js';
import type { SharedArena } from '../frames/shared-arena.js';
import { HoleState, type HoleGatherer } from './hole-gatherer.js';
import type { PyramidLevel } from './luma-pyramid.js';
import type { NeighbourMatch } from './neighbour-match.js';

/** Layers of known pixels around a hole that show how well a neighbour fits there. */
const RING = 4;
/** Levels, and how much more for each level of noise, within which neighbours agree. */
const TOLERANCE = 12;
const PER_NOISE = 2;
/** Mean levels, and more for each level of noise, by which a neighbour that stands alone may miss the pixels around. */
const LARGEST_MISS = 8;
/** A neighbour that misses what is around by this much less than the other one is the right one where they disagree. */
const CLEARLY_BETTER = 0.6;
/** Differences of the pixels around that count at most for a neighbour's light, in levels. */
const LIGHT_LIMIT = 40;

/** How a neighbour fits around a hole. */
interface Fit {
  match: NeighbourMatch | null;
  /** What it must be made lighter by: luma and the chroma planes. */
  light: number;
  u: number;
  v: number;
  /** Mean levels by which it then misses the pixels around. */
  miss: number;
}

/**
 * Fills holes with what the neighbours in time have there. Where they agree it takes their mean, each weighted by how well
 * it fits around the hole and brought to the light there; where they do not, the better one, if it is clearly so and
 * good; else the pixel is left as lost.
 */
export class NeighbourFiller {
  readonly #arena: SharedArena;
  readonly #memory: Uint8Array;
  readonly #before: Fit = { match: null, light: 0, u: 0, v: 0, miss: 0 };
  readonly #after: Fit = { match: null, light: 0, u: 0, v: 0, miss: 0 };

  constructor(arena: SharedArena) {
    this.#arena = arena;
    this.#memory = new Uint8Array(arena.memory.buffer);
  }

  /**
   * Fills the holes of a picture. picture: its luma, padded; states: [height, width], holes become filled or lost;
   * blocked: [height, width], 1 where every picture of the shot has something that stands still in it, or null; noise:
   * mean difference between pictures, in levels.
   */
  fill(
    picture: PyramidLevel,
    previous: NeighbourMatch | null,
    next: NeighbourMatch | null,
    into: FrameView,
    states: Uint8Array,
    blocked: Uint8Array | null,
    noise: number,
    gatherer: HoleGatherer,
  ): void {
    this.#before.match = previous;
    this.#after.match = next;
    for (let at = states.indexOf(HoleState.hole); at >= 0; at = states.indexOf(HoleState.hole, at + 1)) {
      gatherer.gather(states, at, RING);
      this.#fit(this.#before, picture, into, gatherer);
      this.#fit(this.#after, picture, into, gatherer);
      this.#fillHole(into, states, blocked, noise, gatherer);
    }
  }

  #fit(fit: Fit, picture: PyramidLevel, into: FrameView, hole: HoleGatherer): void {
    fit.light = fit.u = fit.v = fit.miss = 0;
    if (!fit.match) return;
    const { width, pixels, count, reach } = hole;
    const { stride } = picture;
    const own = this.#arena.bytes(picture.address, stride * picture.height);
    const other = this.#arena.bytes(fit.match.luma.address, stride * picture.height);
    let chroma = 0;
    for (let n = count; n < reach; n++) {
      const i = pixels[n] ?? 0;
      const [x, y] = [i % width, Math.floor(i / width)];
      const difference = (own[y * stride + x] ?? 0) - (other[y * stride + x] ?? 0);
      fit.light += Math.min(LIGHT_LIMIT, Math.max(-LIGHT_LIMIT, difference));
      if (x % 2 === 1 || y % 2 === 1) continue;
      const at = (y >> 1) * into.chromaStride + (x >> 1);
      fit.u += this.#byte(into.u + at) - this.#chroma(fit.match, 'u', x >> 1, y >> 1);
      fit.v += this.#byte(into.v + at) - this.#chroma(fit.match, 'v', x >> 1, y >> 1);
      chroma++;
    }
    const around = Math.max(1, reach - count);
    fit.light /= around;
    fit.u /= Math.max(1, chroma);
    fit.v /= Math.max(1, chroma);
    for (let n = count; n < reach; n++) {
      const i = pixels[n] ?? 0;
      const at = Math.floor(i / width) * stride + (i % width);
      fit.miss += Math.abs((own[at] ?? 0) - (other[at] ?? 0) - fit.light);
    }
    fit.miss /= around;
  }

  #fillHole(
    into: FrameView,
    states: Uint8Array,
    blocked: Uint8Array | null,
    noise: number,
    { width, height, pixels, count }: HoleGatherer,
  ): void {
    const [a, b] = [this.#before, this.#after];
    const tolerance = TOLERANCE + PER_NOISE * noise;
    const [weightA, weightB] = [1 / (a.miss * a.miss + 1), 1 / (b.miss * b.miss + 1)];
    const largest = LARGEST_MISS + PER_NOISE * noise;
    for (let n = 0; n < count; n++) {
      const i = pixels[n] ?? 0;
      const [x, y] = [i % width, Math.floor(i / width)];
      const levelA = this.#level(a, x, y, blocked, width, height);
      const levelB = this.#level(b, x, y, blocked, width, height);
      const hasBoth = levelA >= 0 && levelB >= 0;
      let share: number;
      if (hasBoth && Math.abs(levelA - levelB) <= tolerance) share = weightA / (weightA + weightB);
      else if (levelA >= 0 && a.miss <= largest && (levelB < 0 || a.miss < CLEARLY_BETTER * b.miss)) share = 1;
      else if (levelB >= 0 && b.miss <= largest && (levelA < 0 || b.miss < CLEARLY_BETTER * a.miss)) share = 0;
      else {
        states[i] = HoleState.lost;
        continue;
      }
      states[i] = HoleState.filled;
      // A neighbour that is not there has a share of nothing.
      const level = (share > 0 ? share * levelA : 0) + (share < 1 ? (1 - share) * levelB : 0);
      const at = into.y + y * into.lumaStride + x;
      // Half of damage's rim is sound.
      const isRim = isRimOf(states, i, x, y, width, height);
      this.#put(at, isRim ? (level + this.#byte(at)) / 2 : level);
      this.#fillChroma(into, x >> 1, y >> 1, share);
    }
  }

  /** Luma of a neighbour in the hole's light; -1 where it has none. */
  #level(fit: Fit, x: number, y: number, blocked: Uint8Array | null, width: number, height: number): number {
    const { match } = fit;
    if (!match) return -1;
    if (blocked) {
      const { vectors, columns } = match.motion;
      const block = 2 * ((y >> 3) * columns + (x >> 3));
      const fromX = Math.min(width - 1, Math.max(0, x + Math.round((vectors[block] ?? 0) / 2)));
      const fromY = Math.min(height - 1, Math.max(0, y + Math.round((vectors[block + 1] ?? 0) / 2)));
      if (blocked[fromY * width + fromX] === 1) return -1;
    }
    const { address, stride } = match.luma;
    return Math.min(255, Math.max(0, this.#byte(address + y * stride + x) + fit.light));
  }

  #fillChroma(into: FrameView, x: number, y: number, share: number): void {
    const at = y * into.chromaStride + x;
    for (const plane of ['u', 'v'] as const) {
      const of = (fit: Fit): number => (fit.match ? this.#chroma(fit.match, plane, x, y) + fit[plane] : 0);
      this.#put(into[plane] + at, share * of(this.#before) + (1 - share) * of(this.#after));
    }
  }

  /** Chroma of a neighbour where a chroma pixel of the picture comes from. */
  #chroma({ motion, frame }: NeighbourMatch, plane: 'u' | 'v', x: number, y: number): number {
    if (!frame) return 128;
    const { vectors, columns } = motion;
    const block = 2 * ((y >> 2) * columns + (x >> 2));
    const [width, height] = [frame.width / 2, frame.height / 2];
    const fromX = Math.min(width - 1, Math.max(0, x + (vectors[block] ?? 0) / 4));
    const fromY = Math.min(height - 1, Math.max(0, y + (vectors[block + 1] ?? 0) / 4));
    const [x0, y0] = [Math.floor(fromX), Math.floor(fromY)];
    const right = x0 < width - 1 ? 1 : 0;
    const at = frame[plane] + y0 * frame.chromaStride + x0;
    const below = y0 < height - 1 ? frame.chromaStride : 0;
    const [left, top] = [fromX - x0, fromY - y0];
    const upper = this.#byte(at) + left * (this.#byte(at + right) - this.#byte(at));
    const lower = this.#byte(at + below) + left * (this.#byte(at + below + right) - this.#byte(at + below));
    return upper + top * (lower - upper);
  }

  #byte(address: number): number {
    return this.#memory[address] ?? 0;
  }

  #put(address: number, level: number): void {
    this.#memory[address] = Math.min(255, Math.max(0, Math.round(level)));
  }
}

/** Whether a pixel of a hole touches a known one. */
function isRimOf(states: Uint8Array, i: number, x: number, y: number, width: number, height: number): boolean {
  return (
    (x > 0 && states[i - 1] === HoleState.known) ||
    (x < width - 1 && states[i + 1] === HoleState.known) ||
    (y > 0 && states[i - width] === HoleState.known) ||
    (y < height - 1 && states[i + width] === HoleState.known)
  );
}
