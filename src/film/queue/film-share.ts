import type { FilmJob } from '../job/film-job.js';

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

/** What callers and workers share: a folder that all of them mount, or storage that they copy to and from. */
export interface FilmShare {
  /** The share in words. */
  readonly name: string;
  /** For the caller, before anything is done: throws AfterglowError `config-invalid` for a file that workers could not see. */
  accepts(file: string): void;
  /** For the caller: makes a job known to workers. Throws AfterglowError. */
  offer(job: FilmJob): Promise<OfferedJob>;
  /** For the caller: waits until a finished part is in the job's folder. Throws AfterglowError `output-invalid`. */
  collect(offered: OfferedJob, part: string): Promise<void>;
  /** For the caller: the film is put together, or given up. */
  withdraw(offered: OfferedJob): Promise<void>;
  /** For a worker: the job's files on this machine. Throws AfterglowError. */
  open(offered: OfferedJob): Promise<OpenedJob>;
  /** For a worker: a part is finished. Throws AfterglowError `output-invalid`. */
  deliver(offered: OfferedJob, part: string): Promise<void>;
}
