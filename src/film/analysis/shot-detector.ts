import { lightLevel, type LightLevel } from '../segment/light-levels.js';
import type { Shot } from '../segment/segment.js';
import { dissimilarity, mixtureError, type Thumbnail } from './thumbnail.js';

/** How one shot gives way to the next. */
export type Transition = 'start' | 'cut' | 'dissolve' | 'fade';

/** A shot and how it begins. */
export interface FoundShot extends Shot {
  readonly begins: Transition;
}

/** Pictures after one that are known when it is judged; a flash is over by then. */
const AHEAD = 8;
/** A cut differs by this at least (1 less the correlation), ... */
const CUT = 0.15;
/** ... by this many times as much as the middle one of the changes around it, which are motion, ... */
const CUT_OVER_MOTION = 3;
/** ... and as the largest of them. */
const CUT_OVER_LARGEST = 1.5;
/** Pictures on both sides of a flash are this alike, as a share of what the flash differs. */
const SAME_AFTER_FLASH = 0.4;
/** Lengths of dissolves that are looked for, in pictures. */
const DISSOLVE_LENGTHS = [12, 24, 40] as const;
/** The ends of a dissolve are of different scenes, ... */
const DISSOLVE = 0.5;
/** ... what is between is their mixture up to this share of their difference, ... */
const DISSOLVE_ERROR = 0.25;
/** ... and has less contrast than they: two scenes that lie over each other take each other's edge off. */
const DISSOLVE_CONTRAST = 0.85;
/** A picture is faded out below this deviation of luma, in levels. */
const FADED_DEVIATION = 2.5;
/** Cuts nearer than this to another, in pictures, are one. */
const NEAREST = 4;
const MEMORY = 64;

interface Seen extends LightLevel {
  readonly thumbnail: Thumbnail;
  /** How much it differs from the picture before. */
  readonly change: number;
}

/**
 * Finds the shots of a film on thumbnails of luma, picture by picture.
 *
 * A cut changes the picture at once, far more than the motion around it, and for good; a flash passes. A dissolve is a
 * mixture of what is before and after, and its middle is taken for the cut; a fade is cut where it is darkest.
 */
export class ShotDetector {
  /** The last pictures; the newest one last. */
  readonly #seen: Seen[] = [];
  readonly #cuts: { at: number; begins: Transition }[] = [];
  #count = 0;
  #fade: { from: number; before: Thumbnail | null; darkest: number; level: number } | null = null;
  /** No dissolve begins before this picture. */
  #dissolveFrom = 0;

  /** Takes in the next picture's thumbnail, which is not kept. */
  add(thumbnail: Thumbnail): void {
    const before = this.#seen[this.#seen.length - 1];
    const copy = Float32Array.from(thumbnail);
    this.#seen.push({
      thumbnail: copy,
      change: before ? dissimilarity(before.thumbnail, copy) : 0,
      ...lightLevel(copy),
    });
    if (this.#seen.length > MEMORY) this.#seen.shift();
    this.#count++;
    this.#judgeCut(this.#count - 1 - AHEAD);
    this.#watchFade(this.#count - 1);
    this.#judgeDissolve(this.#count - 1 - AHEAD);
  }

  /** The shots of all pictures that came. */
  finish(): FoundShot[] {
    for (let number = Math.max(0, this.#count - AHEAD); number < this.#count; number++) this.#judgeCut(number);
    if (this.#count === 0) return [];
    const starts: { at: number; begins: Transition }[] = [{ at: 0, begins: 'start' }];
    for (const cut of this.#cuts.sort((a, b) => a.at - b.at)) {
      const last = starts[starts.length - 1]?.at ?? 0;
      if (cut.at - last >= NEAREST && cut.at < this.#count) starts.push(cut);
    }
    return starts.map(({ at, begins }, i) => ({ first: at, end: starts[i + 1]?.at ?? this.#count, begins }));
  }

  #at(number: number): Seen | undefined {
    return this.#seen[number - (this.#count - this.#seen.length)];
  }

  #cut(at: number, begins: Transition): void {
    this.#cuts.push({ at, begins });
    // Pictures of two scenes would look like the ends of a dissolve.
    this.#dissolveFrom = Math.max(this.#dissolveFrom, at);
  }

  #judgeCut(number: number): void {
    const own = this.#at(number);
    const before = this.#at(number - 1);
    if (!own || !before || own.change < CUT) return;
    const around: number[] = [];
    for (let n = number - 6; n <= number + 6; n++) {
      const other = n === number ? undefined : this.#at(n);
      if (other && n > 0) around.push(other.change);
    }
    around.sort((a, b) => a - b);
    const middle = around[Math.floor(around.length / 2)] ?? 0;
    // The second largest: another cut may be near, or a flash ends.
    const largest = around[Math.max(0, around.length - 2)] ?? 0;
    if (own.change < CUT_OVER_MOTION * middle || own.change < CUT_OVER_LARGEST * largest) return;
    for (let n = number + 1; n <= number + AHEAD; n++) {
      const later = this.#at(n);
      if (later && dissimilarity(before.thumbnail, later.thumbnail) < SAME_AFTER_FLASH * own.change) return;
    }
    // The end of a flash: the scene from before it is back.
    for (let n = number - 2; n >= number - AHEAD; n--) {
      const earlier = this.#at(n);
      if (earlier && dissimilarity(earlier.thumbnail, own.thumbnail) < SAME_AFTER_FLASH * own.change) return;
    }
    this.#cut(number, 'cut');
  }

  #watchFade(number: number): void {
    const seen = this.#at(number);
    if (!seen) return;
    if (seen.deviation < FADED_DEVIATION) {
      const before = this.#at(number - 1)?.thumbnail ?? null;
      this.#fade ??= { from: number, before, darkest: number, level: Infinity };
      if (seen.mean < this.#fade.level) {
        this.#fade.darkest = number;
        this.#fade.level = seen.mean;
      }
      return;
    }
    const fade = this.#fade;
    this.#fade = null;
    // White for a moment, and the same scene again: a flash.
    if (fade?.before && dissimilarity(fade.before, seen.thumbnail) > DISSOLVE) this.#cut(fade.darkest, 'fade');
    if (fade) this.#dissolveFrom = number;
  }

  #judgeDissolve(number: number): void {
    const now = this.#at(number);
    if (!now || this.#fade) return;
    for (const length of DISSOLVE_LENGTHS) {
      const before = this.#at(number - length);
      const middle = this.#at(number - length / 2);
      if (number - length < this.#dissolveFrom || !before || !middle) continue;
      if (middle.deviation > (DISSOLVE_CONTRAST * (before.deviation + now.deviation)) / 2) continue;
      if (dissimilarity(before.thumbnail, now.thumbnail) < DISSOLVE) continue;
      if (mixtureError(before.thumbnail, now.thumbnail, middle.thumbnail) > DISSOLVE_ERROR) continue;
      this.#cut(number - length / 2, 'dissolve');
      this.#dissolveFrom = number;
      return;
    }
  }
}
