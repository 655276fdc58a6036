import { existsSync } from 'node:fs';
import { makeFolder } from '../../config/new-folder.js';
import path from 'node:path';
import { AfterglowError } from '../../errors/afterglow-error.js';
import { assembleFilm, FILM_ENDINGS, filmContainer, unfitTracks } from '../../media/film-muxer.js';
import { analyseFilm, type FilmAnalysis } from '../analysis/film-analysis.js';
import { FilmJob, segmentsOf, type FilmSettings } from './film-job.js';
import { outputTimesOf } from './segment-task.js';
import { sideBySideFormat } from './side-by-side.js';
import type { SegmentRunner } from './worker-pool.js';

/** A film to process. */
export interface FilmOrder {
  readonly input: string;
  readonly output: string;
  readonly settings: FilmSettings;
  readonly overwrite: boolean;
  /** Whether work that is there is thrown away. */
  readonly restart: boolean;
  /** Makes the parts: processes of this machine, or workers on others. */
  readonly workers: SegmentRunner;
  /** What made the film; goes into its metadata. */
  readonly software: string;
}

/** How far the work is. */
export type FilmProgress =
  | { readonly phase: 'analyse'; readonly pictures: number; readonly seconds: number }
  | { readonly phase: 'found'; readonly analysis: FilmAnalysis; readonly done: number }
  | {
      readonly phase: 'process';
      readonly done: number;
      readonly total: number;
      readonly shot: number;
      readonly shots: number;
    }
  | { readonly phase: 'assemble'; readonly done: number; readonly total: number };

/** What came of a film. */
export interface FilmResult {
  readonly pictures: number;
  readonly shots: number;
  /** Pictures that could not be decoded; the one before stands in their place. */
  readonly missing: number;
  readonly notes: readonly string[];
}

/**
 * Processes a film: looks through it, brings its segments through the stages in several processes, and puts the parts and
 * all other tracks together. What is done is kept until the end; after an interruption the same call goes on.
 *
 * Returns null where `signal` has ended the work. Throws AfterglowError.
 */
export async function processFilm(
  order: FilmOrder,
  onProgress: (progress: FilmProgress) => void,
  signal: AbortSignal,
): Promise<FilmResult | null> {
  const { input, output, settings } = order;
  checkOrder(order);
  makeFolder(path.dirname(path.resolve(output)));
  const job = FilmJob.begin(input, output, settings, order.restart);
  let analysis = job.readAnalysis();
  if (!analysis) {
    analysis = analyseFilm(job.input, settings.stretch, (pictures, seconds) =>
      onProgress({ phase: 'analyse', pictures, seconds }),
    );
    if (analysis.times.length === 0) {
      job.remove();
      throw new AfterglowError('input-invalid', `${input} has no pictures in the wanted part`, {
        remedy: 'check --preview and --at against the length of the film',
      });
    }
    job.writeAnalysis(analysis);
  }
  const segments = segmentsOf(analysis);
  const total = analysis.times.length;
  let done = segments.reduce((sum, segment) => sum + (job.isDone(segment) ? segment.end - segment.first : 0), 0);
  onProgress({ phase: 'found', analysis, done });
  let missing = 0;
  const counts = new Map<number, number>();
  const shots = analysis.shots.length;
  await order.workers(
    job.folder,
    segments.filter((segment) => !job.isDone(segment)),
    {
      onPicture: (segment) => {
        done++;
        counts.set(segment.index, (counts.get(segment.index) ?? 0) + 1);
        onProgress({ phase: 'process', done, total, shot: segment.shot + 1, shots });
      },
      onRetry: (segment) => {
        done -= counts.get(segment.index) ?? 0;
        counts.delete(segment.index);
      },
      onDone: (_, result) => {
        missing += result.missing;
      },
    },
    signal,
  );
  if (signal.aborted) return null;
  let written = 0;
  const remarks = await assembleFilm(
    {
      original: job.input,
      output,
      parts: segments.map((segment) => job.partFile(segment)),
      times: outputTimesOf(analysis, settings.stretch !== null),
      timeBase: analysis.timeBase,
      frameRate: analysis.frameRate,
      format: settings.compare ? sideBySideFormat(analysis.format) : analysis.format,
      software: order.software,
      withOtherTracks: settings.stretch === null,
    },
    () => onProgress({ phase: 'assemble', done: ++written, total }),
  );
  job.remove();
  return { pictures: total, shots, missing, notes: [...analysis.notes, ...remarks] };
}

/** Finds what would fail after hours, before anything is done. */
function checkOrder({ input, output, settings, overwrite }: FilmOrder): void {
  const container = filmContainer(output);
  if (container === null) {
    throw new AfterglowError('output-invalid', `${output} does not end in the name of a container for films`, {
      remedy: `choose one of ${FILM_ENDINGS}`,
    });
  }
  if (!existsSync(input)) {
    throw new AfterglowError('input-not-found', `${input} does not exist`, { remedy: 'check the path' });
  }
  if (path.resolve(input) === path.resolve(output)) {
    throw new AfterglowError('output-invalid', `${output} is the film itself`, { remedy: 'choose another output' });
  }
  if (existsSync(output) && !overwrite) {
    throw new AfterglowError('output-exists', `${output} exists already`, {
      remedy: 'choose another output, or give --overwrite to replace it',
    });
  }
  if (settings.codec === 'prores' && container === 'mp4') {
    throw new AfterglowError('output-invalid', `ProRes cannot be kept in ${output}`, { remedy: 'choose .mov or .mkv' });
  }
  if (settings.codec === 'ffv1' && container !== 'matroska') {
    throw new AfterglowError('output-invalid', `FFV1 cannot be kept in ${output}`, { remedy: 'choose .mkv' });
  }
  if (settings.stretch !== null) return;
  const unfit = unfitTracks(input, output);
  if (unfit.length > 0) {
    throw new AfterglowError('output-invalid', `${output} cannot hold ${unfit.join(' and ')} of ${input}`, {
      remedy: 'choose an output that ends in .mkv',
    });
  }
}
