import { edgeCorrelation, SceneWatch } from '../../enhance/scene-watch.js';
import type { Shot } from '../segment/segment.js';

/** How one shot gives way to the next. */
export type Transition = 'start' | 'cut' | 'dissolve' | 'fade';

/** A shot and how it begins. */
export interface FoundShot extends Shot {
  readonly begins: Transition;
}

/** Lengths of dissolves that are looked for, in pictures. */
const DISSOLVE_LENGTHS = [10, 20, 40] as const;
const MEMORY = 41;
/** A blend of two scenes: the ends share no edges, ... */
const DISSOLVE_EDGES = 0.35;
/** ... differ by this many levels at least, ... */
const DISSOLVE_LEVELS = 8;
/** ... and what is between is their mixture up to this share of the difference. Motion is not. */
const DISSOLVE_RESIDUAL = 0.3;
/** A picture is faded out below this deviation of luma, in levels. */
const FADED_DEVIATION = 2.5;
/** Cuts nearer than this to another, in pictures, are one. */
const NEAREST = 4;

/**
 * Finds the shots of a film on thumbnails of luma, picture by picture.
 *
 * A cut changes edges and light at once and for good; a flash leaves the edges, or they come back. A dissolve is a
 * mixture of what is before and after, and its middle is taken for the cut; a fade is cut where it is darkest.
 */
export class ShotDetector {
  readonly #scene = new SceneWatch();
  readonly #recent: Float32Array[] = [];
  readonly #cuts: { at: number; begins: Transition }[] = [];
  #count = 0;
  #suspect: number | null = null;
  #faded: { readonly from: number; darkest: number; level: number } | null = null;
  /** Pictures before this one are not looked at again for a dissolve. */
  #dissolvedUntil = 0;

  /** Takes in the next picture. thumbnail: levels [18, 32], not kept; time: seconds, ascending. */
  add(thumbnail: Float32Array, time: number): void {
    const number = this.#count++;
    this.#recent.push(Float32Array.from(thumbnail));
    if (this.#recent.length > MEMORY) this.#recent.shift();
    const event = this.#scene.judge(thumbnail, time);
    if (event === 'maybe-cut' && this.#suspect === null) this.#suspect = number;
    if (event === 'cut' && number > 0) this.#cut(this.#suspect ?? number, 'cut');
    if (event === 'cut' || event === 'back' || event === 'relit' || event === 'same') this.#suspect = null;
    this.#watchFade(thumbnail, number);
    this.#watchDissolve(number);
  }

  /** The shots of all pictures that came. */
  finish(): FoundShot[] {
    if (this.#count === 0) return [];
    const starts: { at: number; begins: Transition }[] = [{ at: 0, begins: 'start' }];
    for (const cut of this.#cuts.sort((a, b) => a.at - b.at)) {
      const last = starts[starts.length - 1];
      if (last && cut.at - last.at < NEAREST && last.at > 0) continue;
      if (cut.at > 0 && cut.at < this.#count) starts.push(cut);
    }
    return starts.map(({ at, begins }, i) => ({ first: at, end: starts[i + 1]?.at ?? this.#count, begins }));
  }

  #cut(at: number, begins: Transition): void {
    this.#cuts.push({ at, begins });
    // Pictures of two scenes would look like the ends of a dissolve.
    this.#dissolvedUntil = this.#count;
  }

  #watchFade(thumbnail: Float32Array, number: number): void {
    const { mean, deviation } = statistics(thumbnail);
    if (deviation < FADED_DEVIATION) {
      this.#faded ??= { from: number, darkest: number, level: Infinity };
      if (mean < this.#faded.level) Object.assign(this.#faded, { darkest: number, level: mean });
      return;
    }
    const { from, darkest } = this.#faded ?? { from: 0, darkest: 0 };
    this.#faded = null;
    if (from > 0) this.#cut(Math.max(darkest, from), 'fade');
  }

  #watchDissolve(number: number): void {
    const now = this.#recent[this.#recent.length - 1];
    for (const length of DISSOLVE_LENGTHS) {
      const start = number - length;
      if (start < this.#dissolvedUntil || this.#faded) continue;
      const before = this.#recent[this.#recent.length - 1 - length];
      const middle = this.#recent[this.#recent.length - 1 - length / 2];
      if (!now || !before || !middle) continue;
      const difference = meanDifference(before, now);
      if (difference < DISSOLVE_LEVELS || edgeCorrelation(before, now) > DISSOLVE_EDGES) continue;
      const mixture = before.map((level, i) => (level + (now[i] ?? 0)) / 2);
      if (meanDifference(middle, mixture) > DISSOLVE_RESIDUAL * difference) continue;
      this.#cut(number - length / 2, 'dissolve');
      return;
    }
  }
}

function statistics(plane: Float32Array): { readonly mean: number; readonly deviation: number } {
  let [sum, squares] = [0, 0];
  for (const value of plane) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / plane.length;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / plane.length - mean * mean)) };
}

function meanDifference(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs((a[i] ?? 0) - (b[i] ?? 0));
  return sum / a.length;
}
