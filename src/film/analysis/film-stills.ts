import type { Size } from '../../enhance/working-size.js';
import type { FilmFormat } from '../../media/film-format.js';
import { FilmSource } from '../../media/film-source.js';
import { encodeThumbnail } from '../../media/jpeg-encoder.js';

/** What a film is, as its first picture and its container say. */
export interface FilmFacts {
  /** In square pixels, as it is shown. */
  readonly width: number;
  readonly height: number;
  /** Pictures a second. */
  readonly frameRate: number;
  /** Length in seconds, 0 if the container does not say. */
  readonly seconds: number;
  readonly codec: string;
}

/** Shown in square pixels, no wider than `longest`; even sides. */
function shownSize({ width, height, pixelAspect }: FilmFormat, longest: number): Size {
  const shown = (width * pixelAspect.num) / pixelAspect.den;
  const scale = Math.min(1, longest / shown);
  const even = (length: number): number => Math.max(2, 2 * Math.round(length / 2));
  return { width: even(shown * scale), height: even(height * scale) };
}

/** Small pictures of a film, taken at any moment of it. All calls block. */
export class FilmStills {
  readonly facts: FilmFacts;
  readonly #source: FilmSource;
  readonly #size: Size;

  private constructor(source: FilmSource, width: number) {
    this.#source = source;
    this.#size = shownSize(source.format, width);
    const { frameRate, duration: seconds, codecName: codec } = source;
    this.facts = { ...shownSize(source.format, Infinity), frameRate, seconds, codec };
  }

  /** width: of the small pictures at most. Throws AfterglowError for what cannot be read. */
  static open(file: string, width: number): FilmStills {
    return new FilmStills(FilmSource.open(file, 'none', 'unknown'), width);
  }

  /** The picture at a share of the film's length, 0..1, as JPEG. Throws AfterglowError. */
  atShare(share: number): Uint8Array | null {
    const { duration, timeBase } = this.#source;
    const first = this.#source.next();
    if (!first || duration === 0) return first && encodeThumbnail(first, this.#source.format, this.#size);
    return this.at(first.pts + BigInt(Math.floor((share * duration * timeBase.den) / timeBase.num)));
  }

  /** The first picture at or after a presentation time, as JPEG; null behind the end. Throws AfterglowError. */
  at(pts: bigint): Uint8Array | null {
    this.#source.seek(pts);
    const frame = this.#source.next();
    return frame && encodeThumbnail(frame, this.#source.format, this.#size);
  }

  close(): void {
    this.#source.close();
  }
}
