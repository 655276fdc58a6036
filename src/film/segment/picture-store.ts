import type { Frame } from 'node-av/lib';
import { AfterglowError } from '../../errors/afterglow-error.js';
import type { FilmSource } from '../../media/film-source.js';

/** Gives the pictures of a film by their number, ascending from where it is told to begin. */
export interface PictureStore {
  /** The next picture to be read is this one. */
  begin(number: number): void;
  /** Copies the planes of a picture, without padding, into `into`. */
  read(number: number, into: Uint8Array): void;
}

/** Pictures of a film file, found by their presentation times. */
export class FilmPictureStore implements PictureStore {
  readonly #source: FilmSource;
  readonly #times: readonly bigint[];
  /** The source's current picture: not yet asked for. */
  #frame: Frame | null = null;
  #filled: Uint8Array | null = null;
  #missing = 0;

  /** times: presentation times of all pictures in order. */
  constructor(source: FilmSource, times: readonly bigint[]) {
    this.#source = source;
    this.#times = times;
  }

  /** Pictures that could not be decoded this time; the one before was taken in their place. */
  get missing(): number {
    return this.#missing;
  }

  begin(number: number): void {
    this.#source.seek(this.#time(number));
    this.#frame = this.#source.next();
    this.#filled = null;
  }

  read(number: number, into: Uint8Array): void {
    const time = this.#time(number);
    while (this.#frame && this.#frame.pts < time) this.#frame = this.#source.next();
    if (this.#frame?.pts === time) {
      planesOf(this.#frame, into, this.#source.format.depth === 8 ? 1 : 2);
      this.#filled = into;
      this.#frame = this.#source.next();
      return;
    }
    if (!this.#frame && !this.#filled) {
      throw new AfterglowError(
        'input-changed',
        `the film ends before picture ${number}, which it had when it was looked through`,
        {
          remedy: 'check that the file and its disk are whole, then give the same command again',
        },
      );
    }
    this.#missing++;
    if (this.#filled) into.set(this.#filled);
    else if (this.#frame) planesOf(this.#frame, into, this.#source.format.depth === 8 ? 1 : 2);
    this.#filled = into;
  }

  #time(number: number): bigint {
    const time = this.#times[number];
    if (time === undefined) throw new RangeError(`the film has no picture ${number}`);
    return time;
  }
}

/** Copies a decoded picture's planes, without padding. */
export function planesOf(frame: Frame, into: Uint8Array, bytesPerSample: number): void {
  const planes = frame.data;
  let at = 0;
  for (let plane = 0; plane < 3; plane++) {
    const data = planes?.[plane];
    if (!data) throw new Error('a decoded picture has no planes');
    const width = (plane === 0 ? frame.width : frame.width / 2) * bytesPerSample;
    const height = plane === 0 ? frame.height : frame.height / 2;
    const stride = frame.linesize[plane] ?? width;
    if (stride === width) {
      into.set(data.subarray(0, width * height), at);
    } else {
      for (let y = 0; y < height; y++) into.set(data.subarray(y * stride, y * stride + width), at + y * width);
    }
    at += width * height;
  }
}
