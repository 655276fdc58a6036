import os from 'node:os';
import path from 'node:path';
import { SingleBar } from 'cli-progress';
import { packageVersion } from '../config/package-version.js';
import type { Recipe } from '../config/recipe.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import type { FilmSettings } from '../film/job/film-job.js';
import { processFilm, type FilmProgress } from '../film/job/film-run.js';
import { FILM_CODECS, type FilmCodec } from '../media/film-encoder.js';
import { silenceFfmpeg } from '../media/ffmpeg-log.js';
import { filmWorkers } from './film-workers.js';
import { placesByFlag, type ProviderFlag } from './provider-flag.js';
import { numberWithin } from './number-flag.js';

/** Flags of `afterglow process` that concern films. */
export interface FilmFlags extends ProviderFlag {
  readonly output: string;
  readonly pipeline: string;
  readonly codec: string;
  readonly crf: string;
  readonly preset: string;
  readonly preview?: string;
  readonly at?: string;
  readonly compare: boolean;
  readonly reference: readonly string[];
  readonly restart: boolean;
  readonly json: boolean;
  readonly overwrite: boolean;
  readonly jobs?: string;
  readonly mask?: string;
  readonly workers?: string;
  readonly root?: string;
}

const PRESETS = [
  'ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow', 'slower', 'veryslow', 'placebo',
]; // prettier-ignore
const HELP = 'afterglow process --help';
/** How often progress is told, in milliseconds. */
const PACE = 250;

/** Processes a film file. Throws AfterglowError. */
export async function processFilmFile(
  input: string,
  flags: FilmFlags,
  recipe: Recipe,
  strength: number,
  software: string,
): Promise<void> {
  silenceFfmpeg();
  const settings = settingsFrom(flags, recipe, strength);
  const processes = numberWithin(flags.jobs ?? String(os.availableParallelism()), '--jobs', [1, 64], true, HELP);
  const files = [input, flags.output, ...namedFiles(settings)];
  const workers = await filmWorkers(flags, files, processes, () => placesByFlag(recipe, flags, { kind: 'film' }));
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const display = flags.json ? jsonLines() : progressBar();
  try {
    const result = await processFilm(
      {
        input,
        output: flags.output,
        settings,
        overwrite: flags.overwrite,
        restart: flags.restart,
        workers: workers.run,
        software,
      },
      display.show,
      stop.signal,
    );
    display.end();
    if (result === null) {
      if (!flags.json) console.error('stopped; the same command goes on where it stopped');
      process.exitCode = 130;
      return;
    }
    if (flags.json) {
      console.log(JSON.stringify({ phase: 'done', output: flags.output, ...result }));
      return;
    }
    console.log(`wrote ${flags.output}: ${result.pictures} pictures in ${result.shots} shots`);
    for (const note of result.notes) console.log(`  ${note}`);
    if (result.missing > 0)
      console.log(`  ${result.missing} pictures could not be decoded; the one before was repeated`);
  } finally {
    display.end();
    workers.close();
    process.removeListener('SIGINT', interrupt);
    process.removeListener('SIGTERM', interrupt);
  }
}

function settingsFrom(flags: FilmFlags, recipe: Recipe, strength: number): FilmSettings {
  const crf = numberWithin(flags.crf, '--crf', [0, 51], false, HELP);
  if (!PRESETS.includes(flags.preset)) {
    throw new AfterglowError('config-invalid', `--preset ${flags.preset} is not known`, {
      remedy: `choose one of ${PRESETS.join(', ')}`,
    });
  }
  const seconds = flags.preview === undefined ? null : secondsFrom(flags.preview, '--preview');
  const start = secondsFrom(flags.at ?? '0', '--at');
  if (seconds === null && flags.at !== undefined) {
    throw new AfterglowError('config-invalid', '--at says where a sample begins, and there is no --preview', {
      remedy: 'add --preview 10s, or leave --at out',
    });
  }
  return {
    recipe,
    strength,
    codec: codecFrom(flags.codec, flags.output),
    crf,
    preset: flags.preset,
    compare: flags.compare || seconds !== null,
    stretch: seconds === null ? null : { start, seconds },
    references: flags.reference.map(referenceFrom),
    mask: flags.mask === undefined ? null : path.resolve(flags.mask),
    version: packageVersion,
  };
}

/** Files that the settings name. */
function namedFiles({ references, mask }: FilmSettings): string[] {
  return [...references.map(({ file }) => file), ...(mask === null ? [] : [mask])];
}

function codecFrom(name: string, output: string): FilmCodec {
  const found = FILM_CODECS.find((codec) => codec === name);
  if (found) return found;
  throw new AfterglowError('config-invalid', `--codec ${name} is not known (for ${output})`, {
    remedy: `choose one of ${FILM_CODECS.join(', ')}`,
  });
}

/** Seconds of "10", "10s", "1m30s", "1:30" or "0:01:30". Throws AfterglowError `config-invalid`. */
function secondsFrom(text: string, flag: string): number {
  const parts = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?$/.exec(text);
  const clock = /^(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)$/.exec(text);
  const match = clock ?? (text === '' ? null : parts);
  if (match) return Number(match[1] ?? 0) * 3600 + Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0);
  throw new AfterglowError('config-invalid', `${flag} ${text} is not a time`, { remedy: 'write 10s, 1m30s or 1:30' });
}

/** "12=colours.jpg", or a file whose name ends in the shot's number: "shot12.jpg". */
function referenceFrom(text: string): { shot: number; file: string } {
  const named = /^(\d+)=(.+)$/.exec(text);
  const number = named?.[1] ?? /(\d+)$/.exec(path.parse(text).name)?.[1];
  const shot = Number(number ?? 0);
  if (shot >= 1) return { shot, file: path.resolve(named?.[2] ?? text) };
  throw new AfterglowError('config-invalid', `--reference ${text} does not say which shot it is for`, {
    remedy: 'write 12=colours.jpg, or name the file shot12.jpg; shots count from 1',
  });
}

interface Display {
  readonly show: (progress: FilmProgress) => void;
  readonly end: () => void;
}

/** One line of JSON for each step, at a bounded pace. */
function jsonLines(): Display {
  let last = -Infinity;
  let phase = '';
  return {
    show: (progress) => {
      const now = performance.now();
      if (progress.phase === phase && now - last < PACE) return;
      [last, phase] = [now, progress.phase];
      if (progress.phase !== 'found') {
        console.log(JSON.stringify(progress));
        return;
      }
      const { shots, times, frameRate, fields, notes, format } = progress.analysis;
      const { width, height } = format;
      console.log(
        JSON.stringify({
          phase: 'found',
          pictures: times.length,
          done: progress.done,
          width,
          height,
          frameRate,
          fields,
          shots,
          notes,
        }),
      );
    },
    end: () => undefined,
  };
}

/** A bar on a terminal; a line a phase elsewhere. */
function progressBar(): Display {
  const isTerminal = process.stderr.isTTY;
  let bar: SingleBar | null = null;
  let phase = '';
  let started = 0;
  let startedAt = 0;
  const begin = (format: string, total: number, done: number): void => {
    bar?.stop();
    bar = null;
    [started, startedAt] = [done, performance.now()];
    if (!isTerminal) return;
    bar = new SingleBar({ format, barsize: 30, etaBuffer: 200, stream: process.stderr, hideCursor: true, fps: 4 });
    bar.start(total, done, { rate: '-', shot: 1, shots: 1 });
  };
  return {
    show: (progress) => {
      if (progress.phase === 'analyse') {
        if (phase !== 'analyse' && isTerminal) process.stderr.write('  looking through the film ...');
        if (isTerminal && progress.pictures % 100 === 0) {
          process.stderr.write(
            `\r  looking through the film: ${progress.pictures} pictures, ${progress.seconds.toFixed(0)} s`,
          );
        }
      } else if (progress.phase === 'found') {
        const { shots, times, notes } = progress.analysis;
        const again = progress.done > 0 ? `, ${progress.done} done before` : '';
        process.stderr.write(
          `${isTerminal ? '\r\u001b[K' : ''}  ${times.length} pictures in ${shots.length} shots${again}\n`,
        );
        for (const note of notes) process.stderr.write(`  ${note}\n`);
      } else if (progress.phase === 'process') {
        if (phase !== 'process') {
          begin(
            '  {bar} {value} of {total} pictures, {rate} a second, shot {shot} of {shots}, {eta_formatted} left',
            progress.total,
            progress.done,
          );
        }
        const rate = (progress.done - started) / Math.max(0.001, (performance.now() - startedAt) / 1000);
        bar?.update(progress.done, { rate: rate.toFixed(1), shot: progress.shot, shots: progress.shots });
      } else {
        if (phase !== 'assemble')
          begin('  {bar} {value} of {total} pictures put together', progress.total, progress.done);
        bar?.update(progress.done);
      }
      phase = progress.phase;
    },
    end: () => {
      bar?.stop();
      bar = null;
    },
  };
}
