import { Queue, QueueEvents, type Job } from 'bullmq';
import { existsSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { packageVersion } from '../../config/package-version.js';
import { modelsOf } from '../../config/recipe.js';
import { AfterglowError } from '../../errors/afterglow-error.js';
import { findCard } from '../../inference/model-library.js';
import { FilmJob } from '../job/film-job.js';
import type { PoolEvents, SegmentRunner } from '../job/worker-pool.js';
import type { Segment } from '../segment/segment.js';
import {
  JOB_NAME,
  ORDER_FORMAT,
  QUEUE_NAME,
  readFailure,
  segmentProgressSchema,
  segmentResultSchema,
  type SegmentOrder,
} from './queue-messages.js';
import type { OfferedJob, SharedFolder } from './shared-folder.js';

/** How long nobody may take anything before that is told, and how often it is looked at, in milliseconds. */
const SILENCE = 30_000;
/** How often the queue itself is asked how the segments are: events are lost while Redis is away. */
const LOOK = 3_000;
/** How long cleaning up may take at the end, in milliseconds. */
const PARTING = 5_000;
/** A segment that fails is tried so often, after 2, 4, 8 and 16 seconds, by whoever takes it. */
const TRIES = { attempts: 5, backoff: { type: 'exponential', delay: 2000 } } as const;
/** Seconds for which the queue remembers what nobody has asked for. */
const MEMORY = { age: 24 * 3600 } as const;
/** Segments that the queue is told of at a time. */
const BATCH = 200;

/** What makes parts by putting segments on a queue. notice: takes what people should know while they wait. */
export function queuedWorkers(redis: Redis, share: SharedFolder, notice: (text: string) => void): SegmentRunner {
  return async (folder, segments, events, signal) => {
    if (segments.length === 0) return;
    const job = FilmJob.open(folder);
    const offered = share.offer(job);
    const dispatch = new SegmentDispatch(redis, share, offered, job, segments, events, notice);
    await dispatch.run(signal);
  };
}

interface Waiting {
  readonly segment: Segment;
  /** Pictures that were told of so far. */
  pictures: number;
  /** Whether the queue is being asked about it. */
  isAsked: boolean;
  /** Whether this run has put it there, and not one before. */
  isOrdered: boolean;
}

/** Puts a film's segments on the queue and follows them until all parts are there. */
class SegmentDispatch {
  readonly #redis: Redis;
  readonly #share: SharedFolder;
  readonly #offered: OfferedJob;
  readonly #job: FilmJob;
  readonly #events: PoolEvents;
  readonly #notice: (text: string) => void;
  readonly #queue: Queue;
  readonly #queueEvents: QueueEvents;
  /** What is not finished yet, by the job's name on the queue. */
  readonly #waiting: Map<string, Waiting>;
  readonly #finished: Promise<void>;
  #finish: () => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;
  #heard = performance.now();
  #hasTold = false;
  #isAway = false;
  readonly #over = new AbortController();

  constructor(
    redis: Redis,
    share: SharedFolder,
    offered: OfferedJob,
    job: FilmJob,
    segments: readonly Segment[],
    events: PoolEvents,
    notice: (text: string) => void,
  ) {
    this.#redis = redis;
    this.#share = share;
    this.#offered = offered;
    this.#job = job;
    this.#events = events;
    this.#notice = notice;
    this.#queue = new Queue(QUEUE_NAME, { connection: redis });
    this.#queueEvents = new QueueEvents(QUEUE_NAME, { connection: redis });
    this.#waiting = new Map(
      segments.map((segment) => [
        `${offered.job}-${segment.index}`,
        { segment, pictures: 0, isAsked: false, isOrdered: false },
      ]),
    );
    this.#finished = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    // It may fail before it is waited for.
    this.#finished.catch(() => undefined);
  }

  /** Resolves when all parts are there, or `signal` has ended the work. Throws AfterglowError. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = (): void => this.#finish();
    signal.addEventListener('abort', stop, { once: true });
    const away = (): void => this.#connection(true);
    const back = (): void => this.#connection(false);
    this.#redis.on('close', away);
    this.#redis.on('ready', back);
    const timer = setInterval(() => void this.#lookAtAll(), LOOK);
    try {
      this.#follow();
      await Promise.race([this.#finished, this.#begin()]);
      await this.#finished;
    } finally {
      this.#over.abort();
      clearInterval(timer);
      signal.removeEventListener('abort', stop);
      this.#redis.off('close', away);
      this.#redis.off('ready', back);
      await this.#part();
    }
  }

  async #begin(): Promise<void> {
    await this.#queueEvents.waitUntilReady();
    await this.#lookAtAll();
  }

  #follow(): void {
    // Errors of the connection are told of by its closing.
    this.#queue.on('error', () => undefined);
    this.#queueEvents.on('error', () => undefined);
    this.#queueEvents.on('active', ({ jobId }) => this.#hear(jobId));
    this.#queueEvents.on('progress', ({ jobId, data }) => {
      const known = segmentProgressSchema.safeParse(data);
      if (known.success) this.#count(jobId, known.data.pictures);
    });
    this.#queueEvents.on('completed', ({ jobId }) => void this.#look(jobId));
    this.#queueEvents.on('failed', ({ jobId }) => void this.#look(jobId));
    this.#queueEvents.on('stalled', ({ jobId }) => this.#count(jobId, 0));
  }

  /** Brings the count of a segment's pictures to where its worker is. */
  #count(id: string, pictures: number): void {
    const waiting = this.#hear(id);
    if (!waiting) return;
    const { segment } = waiting;
    if (pictures < waiting.pictures) {
      this.#events.onRetry(segment);
      waiting.pictures = 0;
    }
    const wanted = Math.min(pictures, segment.end - segment.first);
    for (; waiting.pictures < wanted; waiting.pictures++) this.#events.onPicture(segment);
  }

  #hear(id: string): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting) [this.#heard, this.#hasTold] = [performance.now(), false];
    return waiting;
  }

  async #lookAtAll(): Promise<void> {
    const ids = [...this.#waiting.keys()];
    for (let i = 0; i < ids.length && !this.#over.signal.aborted; i += BATCH) {
      await Promise.all(ids.slice(i, i + BATCH).map((id) => this.#look(id)));
    }
    await this.#lookForWorkers();
  }

  /** Asks the queue how a segment is, and does what follows from it. */
  async #look(id: string): Promise<void> {
    const waiting = this.#waiting.get(id);
    if (!waiting || waiting.isAsked || this.#over.signal.aborted) return;
    waiting.isAsked = true;
    try {
      await this.#settle(id, waiting);
    } catch (error) {
      this.#fail(AfterglowError.from(error));
    } finally {
      waiting.isAsked = false;
    }
  }

  async #settle(id: string, waiting: Waiting): Promise<void> {
    const job = (await this.#queue.getJob(id)) as Job | undefined;
    const state = job ? await job.getState() : 'unknown';
    const part = this.#job.partFile(waiting.segment);
    if (!job || state === 'unknown') {
      // Never put there, or the queue has forgotten it.
      if (!existsSync(part)) await this.#order(id, waiting);
      else this.#done(id, waiting, 0);
      return;
    }
    if (state === 'completed') {
      const result = segmentResultSchema.safeParse(job.returnvalue);
      await this.#share.untilSeen(part, this.#over.signal);
      await job.remove();
      this.#hear(id);
      this.#done(id, waiting, result.success ? result.data.missing : 0);
    } else if (state === 'failed') {
      const failure = readFailure(job.failedReason, job.processedBy ?? 'unknown');
      await job.remove();
      // What failed in an earlier run is tried anew.
      if (waiting.isOrdered) throw describe(waiting.segment, failure);
      await this.#order(id, waiting);
    }
  }

  #done(id: string, waiting: Waiting, missing: number): void {
    if (this.#over.signal.aborted || !this.#waiting.has(id)) return;
    const { segment } = waiting;
    const pictures = segment.end - segment.first;
    this.#count(id, pictures);
    this.#waiting.delete(id);
    this.#events.onDone(segment, { pictures, missing });
    if (this.#waiting.size === 0) this.#finish();
  }

  async #order(id: string, waiting: Waiting): Promise<void> {
    if (this.#over.signal.aborted) return;
    const { recipe } = this.#job.settings;
    const order: SegmentOrder = {
      format: ORDER_FORMAT,
      ...this.#offered,
      segment: waiting.segment.index,
      version: packageVersion,
      models: Object.fromEntries(modelsOf(recipe).map((name) => [name, findCard(name).sha256])),
    };
    waiting.isOrdered = true;
    await this.#queue.add(JOB_NAME, order, { jobId: id, removeOnComplete: MEMORY, removeOnFail: MEMORY, ...TRIES });
  }

  async #lookForWorkers(): Promise<void> {
    if (this.#hasTold || this.#over.signal.aborted || this.#isAway || performance.now() - this.#heard < SILENCE) return;
    this.#hasTold = true;
    // Some Redis services do not tell who is connected.
    const workers = await this.#queue.getWorkersCount().catch(() => 0);
    if (workers > 0) {
      // They are at work for others.
      this.#hasTold = false;
      return;
    }
    this.#notice('no worker is connected: start "afterglow worker" with the same Redis on some machine');
  }

  #connection(isAway: boolean): void {
    if (this.#isAway === isAway || this.#over.signal.aborted) return;
    this.#isAway = isAway;
    this.#notice(isAway ? 'the Redis is away; waiting for it' : 'the Redis is back');
  }

  /** Takes what nobody has begun off the queue, and leaves it. What is in work is finished and kept. */
  async #part(): Promise<void> {
    const leave = async (): Promise<void> => {
      const ids = [...this.#waiting.keys()];
      for (let i = 0; i < ids.length; i += BATCH) {
        await Promise.all(ids.slice(i, i + BATCH).map((id) => this.#queue.remove(id).catch(() => 0)));
      }
      await this.#queueEvents.close();
      await this.#queue.close();
    };
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      leave().catch(() => undefined),
      new Promise((resolve) => (timer = setTimeout(resolve, PARTING))),
    ]);
    clearTimeout(timer);
  }
}

function describe(
  segment: Segment,
  { worker, message, remedy }: { readonly worker: string; readonly message: string; readonly remedy: string },
): AfterglowError {
  return new AfterglowError(
    'queue-failed',
    `pictures ${segment.first} to ${segment.end - 1} (shot ${segment.shot + 1}) failed on worker ${worker}: ${message}`,
    { remedy },
  );
}
