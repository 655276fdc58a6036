import { Worker } from 'node:worker_threads';
import { CrewPlan } from './crew-plan.js';
import type { CrewWorkerData } from './crew-worker.js';
import { loadKernels, type Kernels } from './kernel-module.js';

/** Kernels that work on parts of a picture, each of which has its own results: the order in which they come does not matter. */
export const CREW_KERNELS = [
  'denoisePlane',
  'smoothPlane',
  'sliceLuma8',
  'sliceLuma16',
  'sliceChroma8',
  'sliceChroma16',
  'sliceRgb8',
  'sliceRgb16',
] as const satisfies readonly (keyof Kernels)[];

export type CrewKernel = (typeof CREW_KERNELS)[number];

/** Parts for each thread: one that ends early then has another to go on with. */
const PARTS_PER_THREAD = 2;

/** In how many parts a picture is shared among so many threads. */
export function partsFor(threads: number): number {
  return threads === 1 ? 1 : threads * PARTS_PER_THREAD;
}

/** How long a part of a picture may take, in milliseconds, before its thread is taken for dead. */
const LONGEST_TASK = 20_000;

/** The compiled thread, from here or, when tests run the sources, from dist/. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/src/kernels/crew-worker.js' : './crew-worker.js',
  import.meta.url,
);

/**
 * Threads that run kernels on parts of a picture in a memory that they share, beside the thread that asks for it. Without helpers
 * that one does all by itself.
 */
export class KernelCrew {
  /** The caller's own kernels, over the same memory. */
  readonly kernels: Kernels;
  readonly #plan = new CrewPlan();
  readonly #workers: readonly Worker[];
  readonly #gone: Promise<unknown>;
  #tasks = 0;

  /** helpers: threads besides the caller's. They join when they have started; nobody waits for them. */
  constructor(memory: WebAssembly.Memory, helpers: number) {
    this.kernels = loadKernels(memory);
    const data: CrewWorkerData = { memory, plan: this.#plan.buffer };
    this.#workers = Array.from({ length: helpers }, () => new Worker(WORKER, { workerData: data }));
    for (const worker of this.#workers) worker.unref();
    this.#gone = Promise.all(
      this.#workers.map((worker) => new Promise<void>((resolve) => worker.once('exit', () => resolve()))),
    );
  }

  /** Threads that work on a picture: the helpers and the caller. */
  get size(): number {
    return this.#workers.length + 1;
  }

  /** Adds a part to be done by the next `run`; with its own scratch, as several are done at a time. */
  add(kernel: CrewKernel, ...numbers: readonly number[]): void {
    if (this.#workers.length === 0) {
      runKernel(this.kernels, kernel, numbers);
      return;
    }
    this.#plan.add(CREW_KERNELS.indexOf(kernel), numbers);
    this.#tasks++;
  }

  /** Does all that was added, and returns when it is done. */
  run(): void {
    const tasks = this.#tasks;
    if (tasks === 0) return;
    this.#tasks = 0;
    this.#plan.begin();
    workOff(this.#plan, this.kernels);
    if (!this.#plan.waitUntilDone(tasks, LONGEST_TASK)) throw new Error('a thread that works on pictures has died');
  }

  /** Ends the helpers. */
  async close(): Promise<void> {
    // Else the process might end here, where nothing else keeps it.
    for (const worker of this.#workers) worker.ref();
    this.#plan.quit();
    await this.#gone;
  }
}

/** Takes tasks of a plan and does them, until there are none. */
export function workOff(plan: CrewPlan, kernels: Kernels): void {
  for (let task = plan.take(); task >= 0; task = plan.take()) {
    const kernel = CREW_KERNELS[plan.kernelOf(task)];
    try {
      if (kernel) runKernel(kernels, kernel, plan.numbersOf(task));
    } finally {
      plan.done();
    }
  }
}

function runKernel(kernels: Kernels, name: CrewKernel, numbers: ArrayLike<number>): void {
  const table = kernels as unknown as Readonly<Record<CrewKernel, (...numbers: readonly number[]) => void>>;
  Reflect.apply(table[name], undefined, numbers);
}
