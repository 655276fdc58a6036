import os from 'node:os';
import { existsSync } from 'node:fs';
import { UnrecoverableError, WaitingError, Worker, type Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { packageVersion } from '../../config/package-version.js';
import type { Recipe } from '../../config/recipe.js';
import type { NetworkPlaces } from '../../enhance/recipe-networks.js';
import { AfterglowError } from '../../errors/afterglow-error.js';
import { findCard } from '../../inference/model-library.js';
import { segmentsOf, type FilmJob } from '../job/film-job.js';
import type { SegmentResult } from '../job/segment-task.js';
import { WorkerDied } from '../job/worker-process.js';
import type { Segment } from '../segment/segment.js';
import { parseOrder, QUEUE_NAME, writeFailure, type SegmentOrder, type SegmentProgress } from './queue-messages.js';
import { SegmentSlots } from './segment-slots.js';
import type { SharedFolder } from './shared-folder.js';
import { openSharedJob, readSharedJob } from './shared-job.js';

/** How long a worker may be silent before others take its segment, and how often they look, in milliseconds. */
const LOCK = 20_000;
const LOOK = 5_000;
/** How often a segment is taken up again whose worker fell silent. */
const TRIES = 5;
/** How often progress is told, in milliseconds. */
const PACE = 500;

/** What happens to a worker, for its log. */
export type WorkerEvent =
  | { readonly kind: 'taken'; readonly folder: string; readonly segment: number; readonly pictures: number }
  | { readonly kind: 'done'; readonly folder: string; readonly segment: number; readonly seconds: number }
  | { readonly kind: 'handed-back'; readonly folder: string; readonly segment: number }
  /** error: why; retried: whether the queue gives it to somebody again. */
  | { readonly kind: 'failed'; readonly order: string; readonly error: AfterglowError; readonly retried: boolean }
  /** Redis is away, or back. */
  | { readonly kind: 'connection'; readonly away: boolean; readonly reason: string };

/** Takes segments of films off the queue and makes their parts in processes of this machine. */
export class QueueWorker {
  /** What callers call this worker: its machine and process. */
  readonly name = `${os.hostname()}:${process.pid}`;
  readonly #share: SharedFolder;
  readonly #onEvent: (event: WorkerEvent) => void;
  readonly #slots = new SegmentSlots();
  readonly #placesOf: (recipe: Recipe) => Promise<NetworkPlaces>;
  readonly #worker: Worker;
  readonly #handBack = new AbortController();
  #isAway = false;

  /** processes: segments at a time, each in a process of its own; placesOf: where a recipe's networks run here. */
  constructor(
    redis: Redis,
    share: SharedFolder,
    processes: number,
    placesOf: (recipe: Recipe) => Promise<NetworkPlaces>,
    onEvent: (event: WorkerEvent) => void,
  ) {
    this.#share = share;
    this.#placesOf = placesOf;
    this.#onEvent = onEvent;
    // All that computes runs in other processes: the lock is renewed in this one, which nothing may block.
    this.#worker = new Worker(QUEUE_NAME, (job, token, signal) => this.#process(job, token ?? '', signal), {
      connection: redis,
      name: this.name.replaceAll(/[^\w.-]/g, '-'),
      concurrency: processes,
      lockDuration: LOCK,
      stalledInterval: LOOK,
      maxStalledCount: TRIES,
    });
    this.#worker.on('lockRenewalFailed', (jobs) => {
      // Somebody else has been given the segment meanwhile.
      for (const job of jobs) this.#worker.cancelJob(job, 'lost');
    });
    this.#worker.on('error', (error) => this.#hearError(error));
    redis.on('ready', () => this.#connection(false, ''));
    redis.on('close', () => this.#connection(true, 'the connection is closed'));
  }

  /** Takes no more segments, and waits until those in work are finished. */
  async finish(): Promise<void> {
    await this.#worker.close();
    await this.#slots.close();
  }

  /** Gives the segments in work back to the queue; `finish` then has little to wait for. */
  handBack(): void {
    this.#handBack.abort();
  }

  async #process(job: Job, token: string, lost?: AbortSignal): Promise<SegmentResult & { readonly worker: string }> {
    const stop = AbortSignal.any([this.#handBack.signal, ...(lost ? [lost] : [])]);
    try {
      const order = parseOrder(job.data);
      const tell = (progress: SegmentProgress): void => void job.updateProgress(progress).catch(() => undefined);
      return { ...(await this.#make(order, tell, stop)), worker: this.name };
    } catch (error) {
      if (this.#handBack.signal.aborted) {
        await job.moveToWait(token);
        const { folder = '', segment = 0 } = job.data as Partial<SegmentOrder>;
        this.#onEvent({ kind: 'handed-back', folder, segment });
        throw new WaitingError();
      }
      const known = describe(error);
      const retried = known.retryable && job.attemptsMade + 1 < (job.opts.attempts ?? 1);
      this.#onEvent({ kind: 'failed', order: orderInWords(job.data), error: known, retried });
      const text = writeFailure(this.name, known);
      throw known.retryable ? new Error(text) : new UnrecoverableError(text);
    }
  }

  async #make(
    order: SegmentOrder,
    tell: (progress: SegmentProgress) => void,
    stop: AbortSignal,
  ): Promise<SegmentResult> {
    checkVersions(order);
    const opened = this.#share.open(order);
    const job = openSharedJob(opened);
    if (readSharedJob(opened.folder)?.job !== order.job) {
      throw new AfterglowError('input-changed', `${order.folder} has been begun anew since this was ordered`, {
        remedy: 'nothing is to be done',
      });
    }
    const segment = segmentOf(job, order);
    const length = segment.end - segment.first;
    const part = job.partFile(segment);
    const begun = performance.now();
    this.#onEvent({ kind: 'taken', folder: order.folder, segment: segment.index, pictures: length });
    let result: SegmentResult = { pictures: length, missing: 0 };
    // A worker that was thought dead may have finished it after all.
    if (!existsSync(part)) {
      const pace = bounded(tell, this.name);
      pace(0);
      let pictures = 0;
      result = await this.#slots.run(
        order.job,
        { ...opened, places: await this.#placesOf(job.settings.recipe) },
        segment,
        () => pace(++pictures),
        stop,
      );
    }
    const seconds = (performance.now() - begun) / 1000;
    this.#onEvent({ kind: 'done', folder: order.folder, segment: segment.index, seconds });
    return { pictures: result.pictures, missing: result.missing };
  }

  #hearError(error: Error): void {
    // What BullMQ says of a lock that is lost is of no more use than that the segment is done by somebody else.
    if (!/lock/i.test(error.message)) this.#connection(true, error.message);
  }

  #connection(away: boolean, reason: string): void {
    if (this.#isAway === away || this.#worker.closing) return;
    this.#isAway = away;
    this.#onEvent({ kind: 'connection', away, reason });
  }
}

/** Throws AfterglowError where this machine would make other bits than the caller's. */
function checkVersions(order: SegmentOrder): void {
  if (order.version !== packageVersion) {
    throw new AfterglowError('queue-failed', `this worker is of version ${packageVersion}, not ${order.version}`, {
      remedy: 'install the same version of Afterglow on all machines',
      retryable: true,
    });
  }
  for (const [name, hash] of Object.entries(order.models)) {
    if (findCard(name).sha256 === hash) continue;
    throw new AfterglowError('model-broken', `this worker has another model ${name} than the caller`, {
      remedy: 'put the same models on all machines',
      retryable: true,
    });
  }
}

function segmentOf(job: FilmJob, order: SegmentOrder): Segment {
  const analysis = job.readAnalysis();
  const segment = analysis ? segmentsOf(analysis)[order.segment] : undefined;
  if (segment) return segment;
  throw new AfterglowError('input-invalid', `${order.folder} has no segment ${order.segment}`, {
    remedy: 'look who else writes to this Redis',
  });
}

/** Passes progress on at a bounded pace. */
function bounded(tell: (progress: SegmentProgress) => void, worker: string): (pictures: number) => void {
  let last = -Infinity;
  return (pictures) => {
    const now = performance.now();
    if (now - last < PACE) return;
    last = now;
    tell({ worker, pictures });
  };
}

/** Whatever was thrown; what this machine alone may lack, another may have. */
function describe(error: unknown): AfterglowError {
  if (error instanceof WorkerDied) {
    return new AfterglowError('stream-crashed', error.message, {
      remedy: 'free some memory there, or report it with the film; the same command goes on where it stopped',
      retryable: true,
    });
  }
  const known = AfterglowError.from(error);
  if (known.code !== 'model-missing' && known.code !== 'model-broken') return known;
  return new AfterglowError(known.code, known.message, { remedy: known.remedy, retryable: true });
}

/** What somebody has put on the queue, for the log, whatever it is. */
function orderInWords(data: unknown): string {
  return JSON.stringify(data).slice(0, 300);
}
