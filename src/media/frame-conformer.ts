import { AV_PIX_FMT_YUV420P } from 'node-av/constants';
import { Frame, type Rational, type Stream } from 'node-av/lib';
import { AfterglowError } from '../errors/afterglow-error.js';
import type { PictureFormat } from '../frames/picture-format.js';
import { MATRIX_NAMES } from './colour-tags.js';
import { AVERROR_EAGAIN, check, ffmpegFailure } from './ffmpeg-error.js';
import { PictureFilter } from './picture-filter.js';
import { pictureSource, sameSource, type PictureSource } from './picture-source.js';
import { rotationOf, type Rotation } from './rotation.js';

/** The smallest picture that is worth a stream; encoders and players fail below. */
export const SMALLEST_SIDE = 16;

/**
 * Brings decoded pictures to the form the rest works on: I420, 8 bits, upright, progressive, square pixels, even sides.
 *
 * Matrix and range stay the source's. Pictures that have that form already are copied once and not filtered. When the
 * source changes on the way, its pictures are scaled to the first one's size, so that everything behind goes on.
 */
export class FrameConformer {
  /** Form of the pictures that come out. */
  readonly format: PictureFormat;
  /** What was done to the pictures, for people; empty if nothing. */
  readonly notes: readonly string[];
  readonly #aspect: number;
  readonly #rotation: Rotation;
  readonly #timeBase: Rational;
  #source: PictureSource;
  #graph: PictureFilter | null;
  #direct: Frame | null = null;
  readonly #filtered: Frame;

  /** first: the stream's first picture. maxPixels: larger pictures are scaled down to it. Throws AfterglowError. */
  constructor(first: Frame, stream: Stream, maxPixels: number) {
    const { num, den } = stream.sampleAspectRatio;
    this.#aspect = num > 0 && den > 0 ? num / den : 1;
    const { timeBase } = stream;
    const rotation = rotationOf(stream);
    this.#source = pictureSource(first, this.#aspect);
    this.#rotation = rotation;
    this.#timeBase = timeBase;
    const plan = planPicture(this.#source, rotation, maxPixels);
    this.format = plan.format;
    this.notes = plan.notes;
    this.#graph = plan.chain === null ? null : new PictureFilter(this.#source, plan.chain, timeBase);
    this.#filtered = new Frame();
    this.#filtered.alloc();
  }

  /** Gives a picture in, or null at the end; then `take` until it returns null. */
  add(frame: Frame | null): void {
    if (frame && !sameSource(pictureSource(frame, this.#aspect), this.#source)) this.#adapt(frame);
    // Filters know a picture's own time alone, which some containers leave out.
    if (frame) frame.pts = frame.bestEffortTimestamp;
    if (this.#graph) this.#graph.add(frame);
    else this.#direct = frame;
  }

  /** Copies the next conformed picture into `target`, a frame over a ring's slot. Returns its timestamp, or null. */
  take(target: Frame): bigint | null {
    if (!this.#graph) {
      const frame = this.#direct;
      this.#direct = null;
      if (!frame) return null;
      const pts = frame.bestEffortTimestamp;
      // Full-range I420 has a pixel format of its own in FFmpeg; the layout is the same.
      frame.format = AV_PIX_FMT_YUV420P;
      copyPicture(frame, target);
      return pts;
    }
    this.#filtered.unref();
    if (!this.#graph.take(this.#filtered)) return null;
    copyPicture(this.#filtered, target);
    return this.#filtered.pts;
  }

  /** Takes the next conformed picture out of the way; false if there is none. */
  discard(): boolean {
    if (!this.#graph) {
      const had = this.#direct !== null;
      this.#direct = null;
      return had;
    }
    this.#filtered.unref();
    return this.#graph.take(this.#filtered);
  }

  close(): void {
    this.#graph?.close();
    this.#filtered.free();
  }

  #adapt(frame: Frame): void {
    this.#source = pictureSource(frame, this.#aspect);
    this.#graph?.close();
    const chain = filterChain(this.#source, this.#rotation, this.format);
    this.#graph = chain === null ? null : new PictureFilter(this.#source, chain, this.#timeBase);
  }
}

function planPicture(
  source: PictureSource,
  rotation: Rotation,
  maxPixels: number,
): { readonly format: PictureFormat; readonly chain: string | null; readonly notes: string[] } {
  const notes: string[] = [];
  if (Math.min(source.width, source.height) < SMALLEST_SIDE) {
    throw new AfterglowError(
      'input-unsupported',
      `the picture of ${source.width}x${source.height} is smaller than ${SMALLEST_SIDE}x${SMALLEST_SIDE}`,
      { remedy: 'use a larger stream of the camera' },
    );
  }
  let [width, height] = [Math.round(source.width * source.pixelAspect), source.height];
  if (rotation === 90 || rotation === 270) [width, height] = [height, width];
  if (source.pixelAspect !== 1) notes.push('pixels made square');
  if (rotation !== 0) notes.push(`turned by ${rotation} degrees`);
  if (source.interlaced) notes.push('deinterlaced');
  if (width * height > maxPixels) {
    const scale = Math.sqrt(maxPixels / (width * height));
    notes.push(`scaled down from ${width}x${height}`);
    [width, height] = [Math.floor((width * scale) / 2) * 2, Math.floor((height * scale) / 2) * 2];
  }
  const format: PictureFormat = {
    width: even(width),
    height: even(height),
    matrix: source.matrix,
    range: source.range,
  };
  return { format, chain: filterChain(source, rotation, format), notes };
}

/** The filters that bring a source to a format, or null if it has it. */
function filterChain(source: PictureSource, rotation: Rotation, format: PictureFormat): string | null {
  const filters: string[] = [];
  if (source.interlaced) filters.push('bwdif=mode=send_frame:deint=interlaced');
  if (rotation === 90) filters.push('transpose=clock');
  if (rotation === 180) filters.push('hflip', 'vflip');
  if (rotation === 270) filters.push('transpose=cclock');

  const turned = rotation === 90 || rotation === 270;
  const [width, height] = turned ? [source.height, source.width] : [source.width, source.height];
  // An odd size is one short of the format's; copying fills it up.
  const sized = even(width) === format.width && even(height) === format.height;
  const coloured = source.matrix === format.matrix && source.range === format.range;
  if (!source.isI420 || !coloured || !sized) {
    const size = sized ? '' : `w=${format.width}:h=${format.height}:`;
    const matrices = `in_color_matrix=${MATRIX_NAMES[source.matrix]}:out_color_matrix=${MATRIX_NAMES[format.matrix]}`;
    const ranges = `in_range=${source.range}:out_range=${format.range}`;
    filters.push(`scale=${size}flags=bicubic+accurate_rnd:${matrices}:${ranges}`, 'format=pix_fmts=yuv420p');
  }
  return filters.length === 0 ? null : filters.join(',');
}

function even(length: number): number {
  return length + (length % 2);
}

/** Copies an I420 picture; where the target is wider or higher by one, the last column or row is repeated. */
function copyPicture(from: Frame, to: Frame): void {
  if (from.width === to.width && from.height === to.height) {
    check(to.copy(from), 'copy a picture');
    return;
  }
  const [source, target] = [from.data, to.data];
  for (let plane = 0; plane < 3; plane++) {
    const [src, dst] = [source?.[plane], target?.[plane]];
    if (!src || !dst) throw ffmpegFailure('copy a picture', AVERROR_EAGAIN);
    const half = (length: number): number => (plane === 0 ? length : Math.ceil(length / 2));
    const [width, height] = [half(from.width), half(from.height)];
    const [srcStride, dstStride] = [from.linesize[plane] ?? width, to.linesize[plane] ?? width];
    for (let y = 0; y < half(to.height); y++) {
      const row = Math.min(y, height - 1) * srcStride;
      dst.set(src.subarray(row, row + width), y * dstStride);
      if (half(to.width) > width) dst[y * dstStride + width] = src[row + width - 1] ?? 0;
    }
  }
}
