import { frameAt, type FrameView } from '../../enhance/frame-view.js';
import type { SharedArena } from '../../frames/shared-arena.js';
import { filmBytes, type FilmFormat } from '../../media/film-format.js';

/** A picture of a film on its way through the stages. */
export interface FilmPicture {
  /** As it was decoded, in 8 bits. */
  readonly original: FrameView;
  /** As the stages so far have left it, in 8 bits. */
  readonly current: FrameView;
  /** As it was decoded with all its bits, by address, or null for a film of 8 bits. */
  readonly fine: number | null;
}

/** The last pictures of a film, by their number, in shared memory. */
export class PictureRing {
  readonly #slots: readonly FilmPicture[];

  /** capacity: pictures that are kept. */
  constructor(arena: SharedArena, format: FilmFormat, capacity: number) {
    const { width, height, depth } = format;
    const bytes = (width * height * 3) / 2;
    this.#slots = Array.from({ length: capacity }, () => ({
      original: frameAt(arena.allocate(bytes + 64), width, height),
      current: frameAt(arena.allocate(bytes + 64), width, height),
      fine: depth === 8 ? null : arena.allocate(filmBytes(format) + 64),
    }));
  }

  /** Bytes of an arena that a ring takes. */
  static bytes(format: FilmFormat, capacity: number): number {
    const small = (format.width * format.height * 3) / 2 + 192;
    return capacity * (2 * small + (format.depth === 8 ? 0 : filmBytes(format) + 192));
  }

  /** The place of a picture; it held the picture `capacity` numbers before. */
  at(number: number): FilmPicture {
    const slot = this.#slots[number % this.#slots.length];
    if (!slot) throw new RangeError(`there is no picture ${number}`);
    return slot;
  }
}
