import { randomUUID } from 'node:crypto';
import { existsSync, renameSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { InferenceConfig } from '../config/inference-schema.js';
import { loadRecipe } from '../config/recipe.js';
import type { FilmsConfig } from '../config/schema.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { FilmJob } from '../film/job/film-job.js';
import type { FilmCodec } from '../media/film-encoder.js';
import { formatOf } from '../stills/picture-format.js';
import { ItemStore } from './item-store.js';
import type { RoomItem, RoomJob, RoomOrder } from './room-item.js';
import { RoomProcess } from './room-process.js';

/** Endings that a file may keep: FFmpeg looks at what is in it, and refuses what is no file of these kinds. */
const FILM_ENDINGS =
  /^\.(mp4|m4v|mov|mkv|webm|avi|mpg|mpeg|ts|m2ts|mts|mxf|vob|ogv|ogg|wmv|asf|flv|dv|3gp|nut|y4m|gif|h264|hevc)$/;
const ENDING_OF: Readonly<Record<FilmCodec, string>> = { h264: '.mp4', h265: '.mp4', prores: '.mov', ffv1: '.mkv' };
/** The process for pictures and for looking at uploads stays this long, so that the next one is answered at once. */
const QUICK_IDLE = 300_000;
/** Jobs that may wait or be worked on at a time. */
const MOST_WAITING = 50;
/** Jobs of one item. */
const MOST_JOBS = 100;
/** Name of the JPEG that shows an item, and of the folder with pictures of its shots. */
export const VIEW_FILE = 'view.jpg';
export const SHOTS_FOLDER = 'shots';

const DAY = 86_400_000;
/** How often it is looked whether something has been kept for long enough, in milliseconds. */
const TIDY_EVERY = 3_600_000;

/** Films and pictures that people bring, and what is made of them. One film is worked on at a time. */
export class FilmRoom {
  readonly store: ItemStore;
  readonly #config: FilmsConfig;
  readonly #inference: InferenceConfig;
  readonly #items = new Map<string, RoomItem>();
  /** Pictures, and looks at what was uploaded: these are waited for. */
  readonly #quick = new RoomProcess(QUICK_IDLE);
  readonly #slow = new RoomProcess(0);
  readonly #looks: string[] = [];
  readonly #tidy: NodeJS.Timeout;
  #closed = false;

  /** Takes up what is in the folder: work that was interrupted goes on. */
  constructor(config: FilmsConfig, inference: InferenceConfig) {
    this.#config = config;
    this.#inference = inference;
    this.store = new ItemStore(config.folder);
    for (const item of this.store.load()) {
      const jobs = item.jobs.map((job) => (job.state.kind === 'working' ? { ...job, state: WAITING } : job));
      this.#items.set(item.id, { ...item, jobs });
      if (!item.facts && !item.error) this.#looks.push(item.id);
    }
    this.#tidy = setInterval(() => this.#removeOld(), TIDY_EVERY);
    this.#tidy.unref();
    this.#removeOld();
    this.#next();
  }

  /** All items, the newest first. */
  get items(): readonly RoomItem[] {
    return [...this.#items.values()].reverse();
  }

  /** An item by its id. Throws AfterglowError `film-unknown`. */
  find(id: string): RoomItem {
    const item = this.#items.get(id);
    if (item) return item;
    throw new AfterglowError('film-unknown', 'there is no such film or picture', {
      remedy: 'GET /api/films lists those there are',
    });
  }

  /** A job of an item. Throws AfterglowError `film-unknown`. */
  job(id: string, jobId: string): RoomJob {
    const job = this.find(id).jobs.find((one) => one.id === jobId);
    if (job) return job;
    throw new AfterglowError('film-unknown', 'there is no such job', {
      remedy: 'GET /api/films lists those there are',
    });
  }

  /** The ending that a file of this name is kept with. Throws AfterglowError `input-unsupported`. */
  endingFor(name: string): string {
    const ending = path.extname(name).toLowerCase();
    if (FILM_ENDINGS.test(ending) || formatOf(name) !== null) return ending;
    throw new AfterglowError('input-unsupported', `a file of this kind (${ending || 'no ending'}) is not known`, {
      remedy: 'bring a film such as .mp4, .mov or .mkv, or a picture as .jpg, .png, .webp or .tif',
    });
  }

  /** Whether there is room for an upload. Throws AfterglowError `film-limit`. */
  accepts(bytes: number): void {
    const { maxUploadGigabytes, maxGigabytes } = this.#config;
    if (bytes > maxUploadGigabytes * 1e9) {
      throw new AfterglowError('film-limit', `the file is larger than ${maxUploadGigabytes} GB`, {
        remedy: 'bring a shorter piece, or raise films.maxUploadGigabytes',
      });
    }
    if (this.store.bytes() + bytes > maxGigabytes * 1e9) {
      throw new AfterglowError('film-limit', `the film room would hold more than ${maxGigabytes} GB`, {
        remedy: 'delete what is not needed any more, or raise films.maxGigabytes',
      });
    }
  }

  /** A file is on its way: what looks at it starts meanwhile. */
  expect(): void {
    if (!this.#closed) this.#quick.prepare();
  }

  /** Takes a file over, which is moved, and looks at it. name: as its owner knows it. Throws AfterglowError. */
  take(id: string, file: string, name: string, bytes: number): RoomItem {
    const kept = `original${this.endingFor(name)}`;
    this.store.begin(id);
    renameSync(file, this.store.pathOf(id, kept));
    const item: RoomItem = {
      id,
      name: shownName(name),
      file: kept,
      bytes,
      uploaded: Date.now(),
      facts: null,
      error: null,
      shots: [],
      jobs: [],
    };
    this.#keep(item);
    this.#looks.push(id);
    this.#next();
    return item;
  }

  /** Asks for something to be made of an item. Throws AfterglowError. */
  order(id: string, order: RoomOrder): RoomJob {
    const item = this.find(id);
    if (!item.facts) {
      throw new AfterglowError('request-invalid', item.error?.message ?? 'the file has not been looked at yet', {
        remedy: item.error?.remedy ?? 'ask again in a moment',
        retryable: item.error === null,
      });
    }
    // Before it waits for an hour to fail.
    loadRecipe(order.pipeline);
    if (item.facts.kind === 'picture' && order.kind === 'sample') {
      throw new AfterglowError('request-invalid', 'there are no samples of pictures', { remedy: 'ask for the whole' });
    }
    const waiting = this.items.flatMap(({ jobs }) => jobs).filter(({ state }) => isOpen(state));
    if (waiting.length >= MOST_WAITING || item.jobs.length >= MOST_JOBS) {
      throw new AfterglowError('film-limit', 'there are too many jobs', {
        remedy: 'wait until some are done, or delete some',
        retryable: true,
      });
    }
    const job: RoomJob = { id: randomUUID(), order, asked: Date.now(), state: WAITING };
    this.#keep({ ...item, jobs: [...item.jobs, job] });
    this.#next();
    return job;
  }

  /** Stops a job, or deletes what an ended one has made. Throws AfterglowError `film-unknown`. */
  removeJob(id: string, jobId: string): void {
    const { state } = this.job(id, jobId);
    if (state.kind === 'working') {
      this.#processOf(this.find(id)).stop();
      return;
    }
    const item = this.find(id);
    this.#keep({ ...item, jobs: item.jobs.filter((job) => job.id !== jobId) });
    for (const ending of [...new Set(Object.values(ENDING_OF)), path.extname(item.file), '.view.jpg']) {
      const file = this.store.pathOf(id, `${jobId}${ending}`);
      rmSync(file, { force: true });
      rmSync(FilmJob.folderFor(file), { recursive: true, force: true });
    }
  }

  /** Deletes an item with all that was made of it. Throws AfterglowError `film-unknown`. */
  remove(id: string): void {
    const item = this.find(id);
    this.#items.delete(id);
    if (item.jobs.some(({ state }) => state.kind === 'working')) this.#processOf(item).close();
    this.store.remove(id);
  }

  /** Ends all work; it goes on at the next start. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#tidy);
    this.#quick.close();
    this.#slow.close();
  }

  #processOf(item: RoomItem): RoomProcess {
    return item.facts?.kind === 'film' ? this.#slow : this.#quick;
  }

  #keep(item: RoomItem): void {
    this.#items.set(item.id, item);
    void this.store.save(item);
  }

  /** Begins what can be begun. */
  #next(): void {
    if (this.#closed) return;
    if (!this.#quick.isBusy) {
      const look = this.#looks.shift();
      if (look !== undefined) void this.#look(look);
      else this.#begin('picture');
    }
    if (!this.#slow.isBusy) this.#begin('film');
  }

  async #look(id: string): Promise<void> {
    const item = this.#items.get(id);
    if (item) {
      try {
        const result = await this.#quick.work({
          kind: 'look',
          input: this.store.pathOf(id, item.file),
          view: this.store.pathOf(id, VIEW_FILE),
          inference: this.#inference,
        });
        if (result?.kind === 'looked') this.#update(id, (now) => ({ ...now, facts: result.facts }));
      } catch (thrown) {
        this.#update(id, (now) => ({ ...now, error: AfterglowError.from(thrown).toReport() }));
      }
    }
    this.#next();
  }

  /** Begins the oldest job that waits. */
  #begin(kind: 'film' | 'picture'): void {
    const [oldest] = [...this.#items.values()]
      .filter((item) => item.facts?.kind === kind)
      .flatMap((item) => item.jobs.filter(({ state }) => state.kind === 'waiting').map((job) => ({ item, job })))
      .sort((a, b) => a.job.asked - b.job.asked);
    if (oldest) void this.#work(oldest.item, oldest.job, kind);
  }

  async #work({ id, file }: RoomItem, { id: jobId, order }: RoomJob, kind: 'film' | 'picture'): Promise<void> {
    const setState = (state: RoomJob['state']): void =>
      this.#update(id, (item) => ({
        ...item,
        jobs: item.jobs.map((job) => (job.id === jobId ? { ...job, state } : job)),
      }));
    const began = performance.now();
    setState({ kind: 'working', phase: 'starting', done: 0, total: 0, shot: 0, shots: 0, secondsLeft: null });
    const input = this.store.pathOf(id, file);
    try {
      const result =
        kind === 'picture'
          ? await this.#quick.work({
              kind,
              input,
              output: this.store.pathOf(id, `${jobId}${path.extname(file)}`),
              view: this.store.pathOf(id, `${jobId}.view.jpg`),
              order,
              inference: this.#inference,
            })
          : await this.#slow.work(
              {
                kind,
                input,
                output: this.store.pathOf(id, `${jobId}${ENDING_OF[order.codec]}`),
                shots: this.store.pathOf(id, SHOTS_FOLDER),
                order,
                inference: this.#inference,
                processes: os.availableParallelism(),
              },
              {
                progress: setState,
                shots: (shots) => this.#update(id, (item) => ({ ...item, shots: [...shots] })),
              },
            );
      const seconds = (performance.now() - began) / 1000;
      if (result?.kind === 'made') setState({ kind: 'done', outcome: { ...result.outcome, seconds } });
      else if (!this.#closed) setState({ kind: 'stopped' });
    } catch (thrown) {
      if (!this.#closed) setState({ kind: 'failed', error: AfterglowError.from(thrown).toReport() });
    }
    this.#next();
  }

  #update(id: string, change: (item: RoomItem) => RoomItem): void {
    const item = this.#items.get(id);
    if (item) this.#keep(change(item));
  }

  #removeOld(): void {
    const { keepDays } = this.#config;
    if (keepDays === 0) return;
    for (const { id, uploaded, jobs } of this.items) {
      const isOpenYet = jobs.some(({ state }) => isOpen(state));
      const last = Math.max(uploaded, ...jobs.map(({ asked }) => asked));
      if (!isOpenYet && Date.now() - last > keepDays * DAY && existsSync(this.store.folder)) this.remove(id);
    }
  }
}

const WAITING: RoomJob['state'] = { kind: 'waiting' };

function isOpen(state: RoomJob['state']): boolean {
  return state.kind === 'waiting' || state.kind === 'working';
}

/** A file's name without a folder and without what no name should hold. */
function shownName(name: string): string {
  const base = name.split(/[\\/]/).at(-1) ?? '';
  // eslint-disable-next-line no-control-regex
  const clean = base.replace(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, '').slice(0, 200);
  return clean === '' ? 'film' : clean;
}
