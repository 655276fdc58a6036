import { existsSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { AfterglowError } from '../../errors/afterglow-error.js';
import { FilmJob } from '../job/film-job.js';

/** What a worker reads or writes in a job's folder. */
const WORKED_ON = ['job.json', 'analysis.json', 'workers.json', 'parts'] as const;

const sharedJobSchema = z.object({
  job: z.uuid(),
  /** From each path in job.json, which is one of the caller's machine, to the same file's path from the root. */
  files: z.record(z.string(), z.string()),
});
/** What a job's folder says to workers of other machines, in workers.json. */
export type SharedJob = z.output<typeof sharedJobSchema>;

/** Reads a folder's workers.json; null where it is not there. Throws AfterglowError `input-invalid`. */
export function readSharedJob(folder: string): SharedJob | null {
  const file = path.join(folder, 'workers.json');
  if (!existsSync(file)) return null;
  try {
    return sharedJobSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new AfterglowError('input-invalid', `${file} is damaged`, {
      remedy: 'give afterglow process --restart to begin anew',
      cause,
    });
  }
}

/** Writes a folder's workers.json, such that it is there whole or not at all. */
export function writeSharedJob(folder: string, shared: SharedJob): void {
  const file = path.join(folder, 'workers.json');
  writeFileSync(`${file}.tmp`, JSON.stringify(shared, null, 2));
  renameSync(`${file}.tmp`, file);
}

/** All paths of a job's settings that workers read from. */
export function filesOf(job: FilmJob): string[] {
  const { references, mask } = job.settings;
  return [job.input, ...references.map(({ file }) => file), ...(mask === null ? [] : [mask])];
}

/**
 * Opens a job on the machine of a worker. No file of it may be outside of the root, by whatever links: folder and files
 * were named by another machine.
 *
 * Throws AfterglowError `input-invalid` for what is outside, `input-not-found` for what is not there (yet).
 */
export function openSharedJob({ folder, root }: { readonly folder: string; readonly root: string }): FilmJob {
  const inRoot = path.relative(realpathSync(root), folder).split(path.sep).join('/');
  for (const name of WORKED_ON) resolveBelow(root, `${inRoot}/${name}`);
  const shared = readSharedJob(folder);
  return FilmJob.open(folder, (file) => {
    const place = shared?.files[file];
    if (place === undefined) {
      throw new AfterglowError('input-invalid', `${folder} does not say where ${file} is below the root`, {
        remedy: 'give afterglow process --restart to begin anew',
      });
    }
    return resolveBelow(root, place);
  });
}

/**
 * The real path of what lies below a root. Throws AfterglowError `input-invalid` for what does not, by its name or by a
 * link, and `input-not-found` for what is not there.
 */
export function resolveBelow(root: string, place: string): string {
  const parts = place.split('/');
  if (place.includes('\0') || place.includes('\\') || path.isAbsolute(place) || parts.includes('..')) {
    throw outside(root, place);
  }
  let real: string;
  const home = realpathSync(root);
  try {
    real = realpathSync(path.join(home, ...parts));
  } catch (cause) {
    throw new AfterglowError('input-not-found', `${place} is not below the root ${root}`, {
      remedy: 'check that callers and workers share the same folder, and that --root names it',
      retryable: true,
      cause,
    });
  }
  if (real !== home && !real.startsWith(home.endsWith(path.sep) ? home : home + path.sep)) throw outside(root, place);
  return real;
}

/** A file's path from a root, with slashes, or null for one outside of it. Both must be there. */
export function placeBelow(root: string, file: string): string | null {
  const place = path.relative(realpathSync(root), realpathSync(file));
  if (place === '' || place.startsWith('..') || path.isAbsolute(place)) return null;
  return place.split(path.sep).join('/');
}

function outside(root: string, place: string): AfterglowError {
  return new AfterglowError('input-invalid', `${JSON.stringify(place)} leads out of the root ${root}`, {
    remedy: 'look who else writes to this Redis and to the shared folder',
  });
}
