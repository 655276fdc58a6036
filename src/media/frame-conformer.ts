import {
  AV_PIX_FMT_YUV420P,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT2020_NCL,
  AVCOL_SPC_BT709,
  AVCOL_SPC_SMPTE170M,
} from 'node-av/constants';
import { Filter, FilterGraph, FilterInOut, Frame, type FilterContext, type Rational, type Stream } from 'node-av/lib';
import { AfterglowError } from '../errors/afterglow-error.js';
import type { ColourMatrix, PictureFormat } from '../frames/picture-format.js';
import { AVERROR_EAGAIN, AVERROR_EOF, check, ffmpegFailure } from './ffmpeg-error.js';
import { pictureSource, sameSource, type PictureSource } from './picture-source.js';
import { rotationOf, type Rotation } from './rotation.js';

/** The smallest picture that is worth a stream; encoders and players fail below. */
export const SMALLEST_SIDE = 16;

/** Names of the scale filter for matrices. */
const MATRIX_NAMES: Record<ColourMatrix, string> = { bt601: 'smpte170m', bt709: 'bt709', bt2020: 'bt2020' };

/** FFmpeg's number of a matrix. */
export function avColourSpace(matrix: ColourMatrix) {
  return matrix === 'bt601' ? AVCOL_SPC_SMPTE170M : matrix === 'bt709' ? AVCOL_SPC_BT709 : AVCOL_SPC_BT2020_NCL;
}

/** FFmpeg's number of a range. */
export function avColourRange(range: PictureFormat['range']) {
  return range === 'full' ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
}

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
  #graph: Graph | null;
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
    this.#graph = plan.chain === null ? null : new Graph(this.#source, plan.chain, timeBase);
    this.#filtered = new Frame();
    this.#filtered.alloc();
  }

  /** Gives a picture in, or null at the end; then `take` until it returns null. */
  add(frame: Frame | null): void {
    if (frame && !sameSource(pictureSource(frame, this.#aspect), this.#source)) this.#adapt(frame);
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
    this.#graph = chain === null ? null : new Graph(this.#source, chain, this.#timeBase);
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

function isYuv(source: PictureSource): boolean {
  return source.pixelFormat.startsWith('yuv') || source.pixelFormat.startsWith('nv');
}

/** One filter graph of FFmpeg from a source of frames to a sink. */
class Graph {
  readonly #graph = new FilterGraph();
  readonly #properties: PictureSource;
  readonly #source: FilterContext;
  readonly #sink: FilterContext;

  constructor(source: PictureSource, chain: string, timeBase: Rational) {
    this.#properties = source;
    this.#graph.alloc();
    this.#graph.nbThreads = 1;
    const range = source.range === 'full' ? 'pc' : 'tv';
    const args = [
      `video_size=${source.width}x${source.height}`,
      `pix_fmt=${source.pixelFormat}`,
      `time_base=${timeBase.num}/${timeBase.den}`,
      'pixel_aspect=1/1',
      `range=${range}`,
    ];
    if (isYuv(source)) args.push(`colorspace=${MATRIX_NAMES[source.matrix].replace('bt2020', 'bt2020nc')}`);
    this.#source = this.#create('buffer', 'in', args.join(':'));
    this.#sink = this.#create('buffersink', 'out', null);
    const outputs = new FilterInOut();
    outputs.alloc();
    Object.assign(outputs, { name: 'in', filterCtx: this.#source, padIdx: 0 });
    const inputs = new FilterInOut();
    inputs.alloc();
    Object.assign(inputs, { name: 'out', filterCtx: this.#sink, padIdx: 0 });
    check(this.#graph.parsePtr(chain, inputs, outputs), `set up the filters ${chain}`);
    check(this.#graph.configSync(), `set up the filters ${chain}`);
  }

  add(frame: Frame | null): void {
    if (frame) {
      // The graph refuses pictures whose tags differ from what it was set up for; untagged pictures carry none.
      frame.colorRange = avColourRange(this.#properties.range);
      if (isYuv(this.#properties)) frame.colorSpace = avColourSpace(this.#properties.matrix);
    }
    const result = this.#source.buffersrcAddFrameSync(frame);
    if (result < 0 && result !== AVERROR_EOF) throw ffmpegFailure('filter a picture', result);
  }

  take(frame: Frame): boolean {
    const result = this.#sink.buffersinkGetFrameSync(frame);
    if (result === AVERROR_EAGAIN || result === AVERROR_EOF) return false;
    check(result, 'filter a picture');
    return true;
  }

  close(): void {
    this.#graph.free();
  }

  #create(name: 'buffer' | 'buffersink', as: string, args: string | null): FilterContext {
    const filter = Filter.getByName(name);
    const context = filter && this.#graph.createFilter(filter, as, args);
    if (!context) throw ffmpegFailure(`create the filter ${name} with ${args ?? 'nothing'}`, -22);
    return context;
  }
}
