import type { FrameView } from '../../enhance/frame-view.js';
import { AfterglowError } from '../../errors/afterglow-error.js';
import { SharedArena } from '../../frames/shared-arena.js';
import { FilmEncoder, filmFrameOver } from '../../media/film-encoder.js';
import { filmBytes, type FilmFormat } from '../../media/film-format.js';
import { FilmPartWriter } from '../../media/film-part.js';
import { FilmSource } from '../../media/film-source.js';
import type { FilmAnalysis } from '../analysis/film-analysis.js';
import { FilmPictureStore } from '../segment/picture-store.js';
import { ReferenceColours } from '../segment/reference-colours.js';
import type { Segment } from '../segment/segment.js';
import { SegmentProcessor, type SegmentNetworks } from '../segment/segment-processor.js';
import { sideBySide, sideBySideFormat } from './side-by-side.js';
import type { FilmJob } from './film-job.js';

/** What came of a segment. */
export interface SegmentResult {
  readonly pictures: number;
  /** Pictures that could not be decoded; the one before stands in their place. */
  readonly missing: number;
}

/** Makes parts of a film from segments, one at a time. The same segment gives the same bits in any process. */
export class SegmentTask {
  readonly #job: FilmJob;
  readonly #analysis: FilmAnalysis;
  readonly #source: FilmSource;
  readonly #processor: SegmentProcessor;
  readonly #times: readonly bigint[];
  readonly #outputTimes: readonly bigint[];
  readonly #references = new Map<number, ReferenceColours>();

  private constructor(job: FilmJob, analysis: FilmAnalysis, source: FilmSource, processor: SegmentProcessor) {
    this.#job = job;
    this.#analysis = analysis;
    this.#source = source;
    this.#processor = processor;
    this.#times = analysis.times.map(BigInt);
    this.#outputTimes = outputTimesOf(analysis, job.settings.stretch !== null);
  }

  /** Opens the film and loads the networks. Throws AfterglowError. */
  static async open(job: FilmJob, networks: SegmentNetworks): Promise<SegmentTask> {
    const analysis = job.readAnalysis();
    if (!analysis) {
      throw new AfterglowError('input-invalid', `the job in ${job.folder} has no analysis yet`, {
        remedy: 'run afterglow process with the film first',
      });
    }
    const source = FilmSource.open(job.input, analysis.fields, analysis.fieldOrder);
    const { recipe, strength, mask } = job.settings;
    const { format, frameRate } = analysis;
    const processor = await SegmentProcessor.open({ recipe, strength, format, frameRate, mask }, networks);
    return new SegmentTask(job, analysis, source, processor);
  }

  /** Makes a segment's part. onPicture: called for each finished picture. Throws AfterglowError. */
  async run(segment: Segment, onPicture: () => void): Promise<SegmentResult> {
    const { codec, crf, preset, compare } = this.#job.settings;
    const { format, timeBase, frameRate } = this.#analysis;
    const shown = compare ? sideBySideFormat(format) : format;
    const encoder = new FilmEncoder({ codec, crf, preset, format: shown, timeBase, frameRate });
    const file = this.#job.partFile(segment);
    const part = new FilmPartWriter(file, encoder.context);
    const pair = compare ? SharedArena.create(filmBytes(shown) + 128) : null;
    const pairAt = pair?.allocate(filmBytes(shown)) ?? 0;
    try {
      const store = new FilmPictureStore(this.#source, this.#times);
      const write = (number: number, address: number, original: FrameView): void => {
        const memory = pair?.memory ?? this.#processor.memory;
        if (pair) {
          const done = new Uint8Array(this.#processor.memory.buffer, address, filmBytes(format));
          sideBySide(
            originalBytes(this.#processor.memory, original, format),
            done,
            format,
            pair.bytes(pairAt, filmBytes(shown)),
          );
        }
        const frame = filmFrameOver(memory, pair ? pairAt : address, filmBytes(shown), shown);
        encoder.encode(frame, this.#outputTimes[number] ?? 0n, (packet) => part.write(packet));
        frame.free();
        onPicture();
      };
      await this.#processor.run(segment, store, await this.#reference(segment), { write });
      encoder.finish((packet) => part.write(packet));
      await part.finish();
      return { pictures: part.pictures, missing: store.missing };
    } catch (error) {
      await part.abandon();
      throw error;
    } finally {
      encoder.close();
    }
  }

  async close(): Promise<void> {
    await this.#processor.close();
    this.#source.close();
  }

  async #reference(segment: Segment): Promise<ReferenceColours | null> {
    const wanted = this.#job.settings.references.find(({ shot }) => shot === segment.shot + 1);
    if (!wanted) return null;
    const known = this.#references.get(wanted.shot) ?? (await ReferenceColours.read(wanted.file));
    this.#references.set(wanted.shot, known);
    return known;
  }
}

/** Presentation times that the pictures go out with; a sample begins at 0. */
export function outputTimesOf(analysis: FilmAnalysis, isSample: boolean): bigint[] {
  const times = analysis.outputTimes ?? analysis.times;
  const shift = isSample ? (times[0] ?? 0) : 0;
  return times.map((time) => BigInt(time - shift));
}

/** Bytes of the picture as it came; of 10 bits, made from its 8-bit copy. */
function originalBytes(memory: WebAssembly.Memory, original: FrameView, format: FilmFormat): Uint8Array {
  const samples = (format.width * format.height * 3) / 2;
  const eight = new Uint8Array(memory.buffer, original.y, samples);
  if (format.depth === 8) return eight;
  return new Uint8Array(Uint16Array.from(eight, (level) => level << 2).buffer);
}
