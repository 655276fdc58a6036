import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../../config/new-folder.js';
import { recipeSchema } from '../../config/recipe.js';
import { AfterglowError } from '../../errors/afterglow-error.js';
import { FILM_CODECS } from '../../media/film-encoder.js';
import { filmAnalysisSchema, type FilmAnalysis } from '../analysis/film-analysis.js';
import { cutIntoSegments, type Segment } from '../segment/segment.js';

/**
 * A film is cut into this many segments at least, where they do not come out too short: several processes share the work,
 * but each segment needs a second or two of what is before and after it.
 */
const SEGMENTS = 8;
const SEGMENT_LENGTHS = { shortest: 120, longest: 600 } as const;

/** All that the result depends on, besides the film itself. */
export const filmSettingsSchema = z.object({
  recipe: recipeSchema,
  /** 0 leaves the film as it is, 1 is the recipe's full effect. */
  strength: z.number().min(0).max(1),
  codec: z.enum(FILM_CODECS),
  crf: z.number().min(0).max(51),
  preset: z.string(),
  /** Whether original and result stand beside each other. */
  compare: z.boolean(),
  /** The part of the film that is wanted, or null for all of it. */
  stretch: z.object({ start: z.number(), seconds: z.number() }).nullable(),
  /** Pictures whose colours steer a shot, by the shot's number from 1. */
  references: z.array(z.object({ shot: z.number().int().positive(), file: z.string() })),
  /** Picture of what is always to be filled in, such as a logo. */
  mask: z.string().nullable(),
  /** Program that made it; another version might make other bits. */
  version: z.string(),
});
/** All that the result depends on, besides the film itself. */
export type FilmSettings = z.output<typeof filmSettingsSchema>;

const jobSchema = z.object({
  input: z.string(),
  inputBytes: z.number(),
  inputModified: z.number(),
  settings: filmSettingsSchema,
});

/**
 * The folder in which the work on a film is kept until it is done: what was found out, and the parts that are finished.
 * The same command takes it up again.
 */
export class FilmJob {
  readonly folder: string;
  readonly input: string;
  readonly settings: FilmSettings;

  private constructor(folder: string, input: string, settings: FilmSettings) {
    this.folder = folder;
    this.input = input;
    this.settings = settings;
  }

  /** Folder of the job for an output. */
  static folderFor(output: string): string {
    return `${output}.afterglow`;
  }

  /**
   * Takes up the job of an output, or begins one. restart: throw away what is there.
   *
   * Throws AfterglowError `input-changed` where the folder is of another film or of other settings.
   */
  static begin(input: string, output: string, settings: FilmSettings, restart: boolean): FilmJob {
    const folder = FilmJob.folderFor(output);
    const absolute = path.resolve(input);
    const { size, mtimeMs } = statSync(absolute);
    const wanted = { input: absolute, inputBytes: size, inputModified: mtimeMs, settings };
    if (restart) rmSync(folder, { recursive: true, force: true });
    if (existsSync(path.join(folder, 'job.json'))) {
      const found = readJob(folder);
      // As it reads back from a file, where some numbers are written shorter.
      if (JSON.stringify(found) !== JSON.stringify(jobSchema.parse(JSON.parse(JSON.stringify(wanted))))) {
        throw new AfterglowError('input-changed', `${folder} holds the work on ${describeDifference(found, wanted)}`, {
          remedy: 'give the same command as then to go on, or --restart to throw that work away',
        });
      }
    } else {
      makeFolder(path.join(folder, 'parts'));
      writeWhole(path.join(folder, 'job.json'), JSON.stringify(wanted, null, 2));
    }
    return new FilmJob(folder, absolute, settings);
  }

  /**
   * Opens a job that another process has begun. locate: where on this machine a file is that the job names. Throws
   * AfterglowError `input-invalid`.
   */
  static open(folder: string, locate = (file: string): string => file): FilmJob {
    const { input, settings } = readJob(folder);
    const references = settings.references.map(({ shot, file }) => ({ shot, file: locate(file) }));
    const mask = settings.mask === null ? null : locate(settings.mask);
    return new FilmJob(folder, locate(input), { ...settings, references, mask });
  }

  /** What the look through the film has found, or null before it. */
  readAnalysis(): FilmAnalysis | null {
    const file = path.join(this.folder, 'analysis.json');
    return existsSync(file) ? filmAnalysisSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : null;
  }

  writeAnalysis(analysis: FilmAnalysis): void {
    writeWhole(path.join(this.folder, 'analysis.json'), JSON.stringify(analysis));
  }

  /** The finished part of a segment. */
  partFile(segment: Segment): string {
    return path.join(this.folder, 'parts', `${String(segment.index).padStart(6, '0')}.nut`);
  }

  /** Whether a segment is finished. */
  isDone(segment: Segment): boolean {
    return existsSync(this.partFile(segment));
  }

  /** Throws the job's folder away. */
  remove(): void {
    // A worker that was thought dead may still write in it.
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The segments of a film: by the film alone, so that any machine cuts it alike. */
export function segmentsOf(analysis: FilmAnalysis): Segment[] {
  const { shortest, longest } = SEGMENT_LENGTHS;
  const length = Math.min(longest, Math.max(shortest, Math.ceil(analysis.times.length / SEGMENTS)));
  return cutIntoSegments(analysis.shots, length);
}

function readJob(folder: string): z.output<typeof jobSchema> {
  const file = path.join(folder, 'job.json');
  try {
    return jobSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new AfterglowError('input-invalid', `${file} is missing or damaged`, {
      remedy: 'give --restart to begin anew',
      cause,
    });
  }
}

function describeDifference(found: z.output<typeof jobSchema>, wanted: z.output<typeof jobSchema>): string {
  if (found.input !== wanted.input) return `another film, ${found.input}`;
  if (found.inputBytes !== wanted.inputBytes || found.inputModified !== wanted.inputModified) {
    return 'this film, which has changed since';
  }
  const names = (Object.keys(found.settings) as (keyof FilmSettings)[]).filter(
    (name) => JSON.stringify(found.settings[name]) !== JSON.stringify(wanted.settings[name]),
  );
  return `this film with other settings (${names.join(', ')})`;
}

/** Writes a file such that it is there whole or not at all. */
function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.tmp`, text);
  renameSync(`${file}.tmp`, file);
}
