import { Frame, type Rational } from 'node-av/lib';
import type { FieldTreatment } from '../../media/film-conformer.js';
import type { FieldOrder } from '../../media/field-order.js';
import { PictureFilter } from '../../media/picture-filter.js';
import { pictureSource } from '../../media/picture-source.js';

/** Share of pictures with both fields of different times above which a film is interlaced. */
const INTERLACED_SHARE = 0.6;
/** Telecine makes two of five pictures of fields of different times, and repeats two fields of ten. */
const TELECINE_SHARES = [0.2, 0.6] as const;
const REPEATED_SHARE = 0.25;

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
  #counts = { top: 0, bottom: 0, progressive: 0, repeated: 0 };

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
      if (repeated === 'top' || repeated === 'bottom') this.#counts.repeated++;
      this.#judged.unref();
    }
  }

  finish(): FieldFinding {
    this.#filter?.close();
    this.#judged.free();
    const { top, bottom, progressive, repeated } = this.#counts;
    const all = top + bottom + progressive;
    const order: FieldOrder = top === bottom ? 'unknown' : top > bottom ? 'top' : 'bottom';
    const interlaced = all > 0 ? (top + bottom) / all : 0;
    if (interlaced >= TELECINE_SHARES[0] && interlaced <= TELECINE_SHARES[1] && repeated / all >= REPEATED_SHARE) {
      return { treatment: 'inverse-telecine', order };
    }
    return interlaced > INTERLACED_SHARE
      ? { treatment: 'deinterlace', order }
      : { treatment: 'none', order: 'unknown' };
  }
}
