import { Frame, type Rational } from 'node-av/lib';
import type { FieldTreatment } from '../../media/film-conformer.js';
import type { FieldOrder } from '../../media/field-order.js';
import { PictureFilter } from '../../media/picture-filter.js';
import { pictureSource } from '../../media/picture-source.js';

/** Share of pictures with both fields of different times above which a film is interlaced. */
const INTERLACED_SHARE = 0.6;
/** Telecine repeats a field in two of five pictures, the upper one as often as the lower one. */
const REPEATED_SHARE = 0.3;
const REPEATED_BALANCE = 0.5;

/** What the fields of a film are like. */
export interface FieldFinding {
  readonly treatment: FieldTreatment;
  readonly order: FieldOrder;
}

/** Finds out whether a film is progressive, interlaced or telecined, by FFmpeg's idet filter, on stretches of it. */
export class FieldDetector {
  readonly #timeBase: Rational;
  #filter: PictureFilter | null = null;
  readonly #judged = new Frame();
  #counts = { top: 0, bottom: 0, progressive: 0, repeatedTop: 0, repeatedBottom: 0 };

  constructor(timeBase: Rational) {
    this.#timeBase = timeBase;
    this.#judged.alloc();
  }

  /** Begins another stretch: the next picture does not follow the last one. */
  breakOff(): void {
    this.#filter?.close();
    this.#filter = null;
  }

  /** Looks at a decoded picture, which stays the caller's. */
  add(frame: Frame): void {
    this.#filter ??= new PictureFilter(pictureSource(frame, 1), 'idet', this.#timeBase);
    this.#filter.add(frame);
    this.#judged.unref();
    while (this.#filter.take(this.#judged)) {
      const metadata = this.#judged.getMetadata();
      const kind = metadata.get('lavfi.idet.multiple.current_frame');
      if (kind === 'tff') this.#counts.top++;
      if (kind === 'bff') this.#counts.bottom++;
      if (kind === 'progressive') this.#counts.progressive++;
      const repeated = metadata.get('lavfi.idet.repeated.current_frame');
      if (repeated === 'top') this.#counts.repeatedTop++;
      if (repeated === 'bottom') this.#counts.repeatedBottom++;
      this.#judged.unref();
    }
  }

  finish(): FieldFinding {
    this.#filter?.close();
    this.#judged.free();
    const { top, bottom, progressive, repeatedTop, repeatedBottom } = this.#counts;
    const all = top + bottom + progressive;
    const order: FieldOrder = top === bottom ? 'unknown' : top > bottom ? 'top' : 'bottom';
    const balance = Math.min(repeatedTop, repeatedBottom) / Math.max(1, repeatedTop, repeatedBottom);
    if (repeatedTop + repeatedBottom >= REPEATED_SHARE * Math.max(1, all) && balance >= REPEATED_BALANCE) {
      return { treatment: 'inverse-telecine', order };
    }
    const isInterlaced = top + bottom > INTERLACED_SHARE * Math.max(1, all);
    return isInterlaced ? { treatment: 'deinterlace', order } : { treatment: 'none', order: 'unknown' };
  }
}
