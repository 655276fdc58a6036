import { Filter, FilterGraph, FilterInOut, type FilterContext, type Frame, type Rational } from 'node-av/lib';
import { avColourRange, avColourSpace, MATRIX_NAMES } from './colour-tags.js';
import { AVERROR_EAGAIN, AVERROR_EOF, check, ffmpegFailure } from './ffmpeg-error.js';
import type { PictureSource } from './picture-source.js';

function isYuv(source: PictureSource): boolean {
  return source.pixelFormat.startsWith('yuv') || source.pixelFormat.startsWith('nv');
}

/** One filter graph of FFmpeg, from pictures of one kind to pictures of another. */
export class PictureFilter {
  readonly #graph = new FilterGraph();
  readonly #properties: PictureSource;
  readonly #source: FilterContext;
  readonly #sink: FilterContext;

  /** chain: filters as FFmpeg's tools take them. Throws AfterglowError. */
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
    // Deinterlacers count in half ticks; pictures leave with the clock they came with.
    const whole = `${chain},settb=expr=${timeBase.num}/${timeBase.den}`;
    check(this.#graph.parsePtr(whole, inputs, outputs), `set up the filters ${chain}`);
    check(this.#graph.configSync(), `set up the filters ${chain}`);
  }

  /** Gives a picture in, or null at the end. Throws AfterglowError. */
  add(frame: Frame | null): void {
    if (frame) {
      // The graph refuses pictures whose tags differ from what it was set up for; untagged pictures carry none.
      frame.colorRange = avColourRange(this.#properties.range);
      if (isYuv(this.#properties)) frame.colorSpace = avColourSpace(this.#properties.matrix);
    }
    const result = this.#source.buffersrcAddFrameSync(frame);
    if (result < 0 && result !== AVERROR_EOF) throw ffmpegFailure('filter a picture', result);
  }

  /** The next picture that is ready; false if there is none. Throws AfterglowError. */
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
