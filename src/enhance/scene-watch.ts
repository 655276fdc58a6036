import { THUMBNAIL } from './working-picture.js';

/**
 * What a frame is to the frames before it.
 *
 * same: the scene goes on. flash: the same scene in another light, perhaps only for a moment. maybe-cut: another scene,
 * or a flash so bright that nothing of the scene is left; the next frames will tell. cut: another scene for certain.
 * back: it was a flash, and the scene from before goes on. relit: the light has changed for good.
 */
export type SceneEvent = 'same' | 'flash' | 'maybe-cut' | 'cut' | 'back' | 'relit';

/** A frame differs abruptly if its mean difference is above this share of the scene's contrast ... */
const ABRUPT_SHARE = 0.3;
/** ... and above this many levels. */
const ABRUPT_LEVELS = 1.2;
/** Correlation of the edges above which two frames show the same scene, whatever the light. */
const SAME_EDGES = 0.6;
/** A change of light that lasts longer than this, in seconds, is not a flash. */
const LONGEST_FLASH = 0.3;

/**
 * Tells cuts from flashes on thumbnails of luma.
 *
 * Light changes levels and leaves edges where they are; a cut changes both. A flash can be so bright that no edges are
 * left: it then looks like a cut until the scene from before is back.
 */
export class SceneWatch {
  #reference: Float32Array | null = null;
  readonly #previous = new Float32Array(THUMBNAIL.width * THUMBNAIL.height);
  /** Time of the first suspect frame, or null when the scene is steady. */
  #suspectSince: number | null = null;
  #suspectFrames = 0;

  /** Judges the next frame. time: seconds of the stream. */
  judge(thumbnail: Float32Array, time: number): SceneEvent {
    if (!this.#reference) {
      this.#reference = Float32Array.from(thumbnail);
      this.#previous.set(thumbnail);
      return 'cut';
    }
    const event =
      this.#suspectSince === null
        ? this.#judgeSteady(this.#reference, thumbnail, time)
        : this.#judgeSuspect(this.#reference, this.#suspectSince, thumbnail, time);
    this.#previous.set(thumbnail);
    if (event !== 'flash' && event !== 'maybe-cut') {
      this.#reference.set(thumbnail);
      this.#suspectSince = null;
      this.#suspectFrames = 0;
    }
    return event;
  }

  /** Forgets everything; the next frame is a cut. */
  reset(): void {
    this.#reference = null;
    this.#suspectSince = null;
    this.#suspectFrames = 0;
  }

  #judgeSteady(reference: Float32Array, thumbnail: Float32Array, time: number): SceneEvent {
    if (!isAbrupt(reference, thumbnail)) return 'same';
    this.#suspectSince = time;
    this.#suspectFrames = 1;
    return edgeCorrelation(reference, thumbnail) > SAME_EDGES ? 'flash' : 'maybe-cut';
  }

  #judgeSuspect(reference: Float32Array, since: number, thumbnail: Float32Array, time: number): SceneEvent {
    if (!isAbrupt(reference, thumbnail)) return 'back';
    this.#suspectFrames++;
    if (edgeCorrelation(reference, thumbnail) > SAME_EDGES) {
      return time - since > LONGEST_FLASH ? 'relit' : 'flash';
    }
    // Other edges: a cut once a second frame shows the same new scene, since a flash is rarely two frames alike.
    const settled = this.#suspectFrames > 1 && !isAbrupt(this.#previous, thumbnail);
    return settled || time - since > LONGEST_FLASH ? 'cut' : 'maybe-cut';
  }
}

/** Whether two thumbnails differ by more than motion from one frame to the next explains. */
function isAbrupt(before: Float32Array, after: Float32Array): boolean {
  const count = before.length;
  let mean = 0;
  for (let i = 0; i < count; i++) mean += before[i] ?? 0;
  mean /= count;
  let difference = 0;
  let contrast = 0;
  for (let i = 0; i < count; i++) {
    difference += Math.abs((after[i] ?? 0) - (before[i] ?? 0));
    contrast += Math.abs((before[i] ?? 0) - mean);
  }
  return difference / count > Math.max(ABRUPT_LEVELS, (ABRUPT_SHARE * contrast) / count);
}

/** Correlation of horizontal and vertical differences, -1..1. */
export function edgeCorrelation(a: Float32Array, b: Float32Array): number {
  const { width, height } = THUMBNAIL;
  let product = 0;
  let squaresA = 1e-6;
  let squaresB = 1e-6;
  for (let y = 0; y + 1 < height; y++) {
    for (let x = 0; x + 1 < width; x++) {
      const i = y * width + x;
      for (const step of [1, width]) {
        const edgeA = (a[i + step] ?? 0) - (a[i] ?? 0);
        const edgeB = (b[i + step] ?? 0) - (b[i] ?? 0);
        product += edgeA * edgeB;
        squaresA += edgeA * edgeA;
        squaresB += edgeB * edgeB;
      }
    }
  }
  return product / Math.sqrt(squaresA * squaresB);
}
