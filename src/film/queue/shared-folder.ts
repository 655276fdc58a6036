import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AfterglowError } from '../../errors/afterglow-error.js';
import type { FilmJob } from '../job/film-job.js';
import { filesOf, placeBelow, readSharedJob, resolveBelow, writeSharedJob } from './shared-job.js';

/** How long a network file system may take to show what another machine has written, in milliseconds. */
const PATIENCE = 70_000;

/** A job as it is named on the queue. */
export interface OfferedJob {
  /** Identity of the job. */
  readonly job: string;
  /** Its folder from the root, with slashes. */
  readonly folder: string;
}

/** Where a job's files are on the machine of a worker. */
export interface OpenedJob {
  /** Folder of the job, and the one that none of its files may be outside of. */
  readonly folder: string;
  readonly root: string;
}

/** A folder that callers and workers all mount, each where it likes. */
export class SharedFolder {
  /** The folder as this machine has it. */
  readonly name: string;
  readonly #root: string;

  /** Throws AfterglowError `config-invalid` where there is no such folder. */
  constructor(root: string) {
    this.#root = path.resolve(root);
    this.name = this.#root;
    if (!existsSync(this.#root) || !statSync(this.#root).isDirectory()) {
      throw new AfterglowError('config-invalid', `--root ${root} is not a folder`, {
        remedy: 'name the folder that callers and workers share',
      });
    }
  }

  /** For the caller, before anything is done: throws AfterglowError `config-invalid` for what workers could not see. */
  accepts(file: string): void {
    // What is not there yet is looked for where it will be.
    let there = path.resolve(file);
    while (!existsSync(there)) there = path.dirname(there);
    if (there === path.resolve(file) || realpathSync(there) !== realpathSync(this.#root)) this.#placeOf(there);
  }

  /** For the caller: makes a job known to workers. Throws AfterglowError. */
  offer(job: FilmJob): OfferedJob {
    const files = Object.fromEntries(filesOf(job).map((file) => [file, this.#placeOf(file)]));
    const id = readSharedJob(job.folder)?.job ?? randomUUID();
    writeSharedJob(job.folder, { job: id, files });
    return { job: id, folder: this.#placeOf(job.folder) };
  }

  /** For the caller: waits until a finished part is to be seen here, or `signal`. Throws AfterglowError `output-invalid`. */
  async untilSeen(part: string, signal: AbortSignal): Promise<void> {
    const folder = path.dirname(part);
    const start = performance.now();
    // Network file systems look anew for what they remember as missing when its folder is listed.
    while (!readdirSync(folder).includes(path.basename(part))) {
      if (performance.now() - start > PATIENCE) throw this.#missing(part);
      await delay(200, undefined, { signal });
    }
  }

  #missing(part: string): AfterglowError {
    return new AfterglowError('output-invalid', `the part was made, but there is no ${part}`, {
      remedy: 'check that callers and workers share the same folder',
      retryable: true,
    });
  }

  /** For a worker: the job's folder on this machine. Throws AfterglowError for what is outside of the root. */
  open({ folder }: OfferedJob): OpenedJob {
    return { folder: resolveBelow(this.#root, folder), root: this.#root };
  }

  #placeOf(file: string): string {
    const place = placeBelow(this.#root, file);
    if (place !== null) return place;
    throw new AfterglowError('config-invalid', `${file} is not below the root ${this.#root}, which workers see alone`, {
      remedy: 'move it there, or name a folder above it with --root',
    });
  }
}
