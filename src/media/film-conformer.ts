import { avGetPixFmtName, Frame, Rational, type Stream } from 'node-av/lib';
import type { FieldOrder } from './field-order.js';
import { MATRIX_NAMES } from './colour-tags.js';
import type { FilmFormat, Fraction } from './film-format.js';
import { PictureFilter } from './picture-filter.js';
import { pictureSource, sameSource, type PictureSource } from './picture-source.js';
import { rotationOf, type Rotation } from './rotation.js';

/** How a film's fields are brought to whole pictures. */
export type FieldTreatment = 'none' | 'deinterlace' | 'inverse-telecine';

/**
 * Brings a film's pictures to its format: 4:2:0 of 8 or 10 bits, upright, progressive, even sides. Matrix, range and
 * pixel aspect stay the film's.
 */
export class FilmConformer {
  readonly format: FilmFormat;
  /** What is done to the pictures, for people. */
  readonly notes: readonly string[];
  /** A copy: the stream may be closed and opened again. */
  readonly #timeBase: Rational;
  readonly #fields: FieldTreatment;
  readonly #order: FieldOrder;
  readonly #rotation: Rotation;
  readonly #filtered = new Frame();
  #source: PictureSource;
  #filter: PictureFilter | null;
  #direct: Frame | null = null;

  /** first: the film's first picture. Throws AfterglowError. */
  constructor(first: Frame, stream: Stream, fields: FieldTreatment, order: FieldOrder) {
    this.#timeBase = new Rational(stream.timeBase.num, stream.timeBase.den);
    this.#fields = fields;
    this.#order = order;
    this.#rotation = rotationOf(stream);
    this.#source = pictureSource(first, 1);
    this.format = filmFormat(first, this.#source, stream, this.#rotation);
    this.notes = describe(this.#source, this.format, this.#rotation);
    this.#filter = this.#makeFilter();
    this.#filtered.alloc();
  }

  /** Gives a picture in, or null at the end; then `take` until it returns null. */
  add(frame: Frame | null): void {
    if (frame) {
      const source = pictureSource(frame, 1);
      if (!sameSource({ ...source, interlaced: this.#source.interlaced }, this.#source)) {
        this.#source = source;
        this.#filter?.close();
        this.#filter = this.#makeFilter();
      }
      frame.pts = frame.bestEffortTimestamp;
    }
    if (this.#filter) this.#filter.add(frame);
    else this.#direct = frame;
  }

  /** The next picture with its timestamp, valid until the next call; null if there is none. */
  take(): Frame | null {
    if (!this.#filter) {
      const frame = this.#direct;
      this.#direct = null;
      return frame;
    }
    this.#filtered.unref();
    return this.#filter.take(this.#filtered) ? this.#filtered : null;
  }

  /** Forgets pictures under way, after a seek. */
  flush(): void {
    this.#direct = null;
    this.#filter?.close();
    this.#filter = this.#makeFilter();
  }

  close(): void {
    this.#filter?.close();
    this.#filtered.free();
  }

  #makeFilter(): PictureFilter | null {
    const chain = filterChain(this.#source, this.format, this.#rotation, this.#fields, this.#order);
    return chain === null ? null : new PictureFilter(this.#source, chain, this.#timeBase);
  }
}

function filmFormat(first: Frame, source: PictureSource, stream: Stream, rotation: Rotation): FilmFormat {
  const turned = rotation === 90 || rotation === 270;
  const [width, height] = turned ? [source.height, source.width] : [source.width, source.height];
  const aspect = [first.sampleAspectRatio, stream.sampleAspectRatio].find(({ num, den }) => num > 0 && den > 0);
  const { num, den } = aspect ?? { num: 1, den: 1 };
  const pixelAspect: Fraction = turned ? { num: den, den: num } : { num, den };
  return {
    width: even(width),
    height: even(height),
    matrix: source.matrix,
    range: source.range,
    depth: bitsOf(first) > 8 ? 10 : 8,
    pixelAspect,
  };
}

/** Bits of a luma sample, from the pixel format's name. */
function bitsOf(frame: Frame): number {
  const name = avGetPixFmtName(frame.format as Parameters<typeof avGetPixFmtName>[0]) ?? '';
  const match =
    /(?:p|gray|gbrp|gbrap|p0)(9|10|12|14|16)(?:le|be)?$/.exec(name) ?? /^(?:rgb|bgr|rgba|bgra)(48|64)/.exec(name);
  return match ? Math.min(16, Number(match[1])) : 8;
}

function filterChain(
  source: PictureSource,
  format: FilmFormat,
  rotation: Rotation,
  fields: FieldTreatment,
  order: FieldOrder,
): string | null {
  const filters: string[] = [];
  const parity = order === 'unknown' ? 'auto' : order === 'top' ? 'tff' : 'bff';
  if (fields === 'deinterlace') filters.push(`bwdif=mode=send_frame:parity=${parity}:deint=all`);
  // Pictures whose fields do not match any neighbour's are interlaced for themselves.
  if (fields === 'inverse-telecine') {
    filters.push(`fieldmatch=order=${parity}:combmatch=full`, 'bwdif=mode=send_frame:deint=interlaced');
  }
  if (rotation === 90) filters.push('transpose=clock');
  if (rotation === 180) filters.push('hflip', 'vflip');
  if (rotation === 270) filters.push('transpose=cclock');
  const turned = rotation === 90 || rotation === 270;
  const [width, height] = turned ? [source.height, source.width] : [source.width, source.height];
  const pixels = format.depth === 8 ? 'yuv420p' : 'yuv420p10le';
  const hasFormat = format.depth === 8 ? source.isI420 : source.pixelFormat === pixels;
  const coloured = source.matrix === format.matrix && source.range === format.range;
  const scaled = even(width) !== format.width || even(height) !== format.height;
  if (!hasFormat || !coloured || scaled) {
    const size = scaled ? `w=${format.width}:h=${format.height}:` : '';
    const matrices = `in_color_matrix=${MATRIX_NAMES[source.matrix]}:out_color_matrix=${MATRIX_NAMES[format.matrix]}`;
    const ranges = `in_range=${source.range}:out_range=${format.range}`;
    filters.push(`scale=${size}flags=bicubic+accurate_rnd:${matrices}:${ranges}`, `format=pix_fmts=${pixels}`);
  }
  const [right, bottom] = [format.width - width, format.height - height];
  if (!scaled && (right > 0 || bottom > 0)) {
    filters.push(`pad=w=${format.width}:h=${format.height}`, `fillborders=right=${right}:bottom=${bottom}:mode=smear`);
  }
  return filters.length === 0 ? null : filters.join(',');
}

function describe(source: PictureSource, format: FilmFormat, rotation: Rotation): string[] {
  const notes: string[] = [];
  if (rotation !== 0) notes.push(`turned by ${rotation} degrees to be upright`);
  if (!source.isI420 && !source.pixelFormat.includes('420') && !source.pixelFormat.startsWith('gray')) {
    notes.push(`colour is kept at half the resolution (the film has ${source.pixelFormat})`);
  }
  if (source.pixelFormat.includes('12') || source.pixelFormat.includes('16')) notes.push('kept with 10 bits a sample');
  const turned = rotation === 90 || rotation === 270;
  const [width, height] = turned ? [source.height, source.width] : [source.width, source.height];
  if (format.width !== width || format.height !== height) {
    notes.push(`${width}x${height} made ${format.width}x${format.height}, the edge repeated`);
  }
  return notes;
}

function even(length: number): number {
  return length + (length % 2);
}
