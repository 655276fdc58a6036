/** Tasks of one plan, at the most, and numbers that one of them takes. */
export const MOST_TASKS = 64;
export const MOST_NUMBERS = 20;

const STATE = 0;
const DONE = 1;
const QUIT = 2;
const WORDS = 4;
/** The state is a number of the plan, how many tasks it has, and how many are taken, in one word that changes as a whole. */
const TAKEN = 0xff;
const TASKS_SHIFT = 8;
const PLAN_SHIFT = 16;

/**
 * What a crew's threads have to do, in memory that they share: a list of tasks, each of which is taken by whichever thread comes first.
 * One thread writes plans, all take tasks.
 */
export class CrewPlan {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #kernels: Int32Array;
  readonly #counts: Int32Array;
  readonly #numbers: Float64Array;
  #tasks = 0;

  constructor(buffer?: SharedArrayBuffer) {
    const bytes = WORDS * 4 + MOST_TASKS * 8 + MOST_TASKS * MOST_NUMBERS * 8;
    this.buffer = buffer ?? new SharedArrayBuffer(bytes);
    this.#words = new Int32Array(this.buffer, 0, WORDS);
    this.#kernels = new Int32Array(this.buffer, WORDS * 4, MOST_TASKS);
    this.#counts = new Int32Array(this.buffer, WORDS * 4 + MOST_TASKS * 4, MOST_TASKS);
    this.#numbers = new Float64Array(this.buffer, WORDS * 4 + MOST_TASKS * 8, MOST_TASKS * MOST_NUMBERS);
  }

  /** Adds a task to the next plan. kernel: its place in a list that all threads have; numbers: its arguments. */
  add(kernel: number, numbers: readonly number[]): void {
    const task = this.#tasks++;
    if (task >= MOST_TASKS || numbers.length > MOST_NUMBERS) throw new RangeError('the plan has no room for this task');
    this.#kernels[task] = kernel;
    this.#counts[task] = numbers.length;
    this.#numbers.set(numbers, task * MOST_NUMBERS);
  }

  /** Lets the threads begin with what was added. Only once the plan before is done. */
  begin(): void {
    const plan = ((Atomics.load(this.#words, STATE) >>> PLAN_SHIFT) + 1) & 0x7fff;
    Atomics.store(this.#words, DONE, 0);
    Atomics.store(this.#words, STATE, (plan << PLAN_SHIFT) | (this.#tasks << TASKS_SHIFT));
    Atomics.notify(this.#words, STATE);
    this.#tasks = 0;
  }

  /** Takes a task that nobody has taken; -1 where there is none. */
  take(): number {
    for (;;) {
      const state = Atomics.load(this.#words, STATE);
      const taken = state & TAKEN;
      if (taken >= ((state >> TASKS_SHIFT) & TAKEN)) return -1;
      if (Atomics.compareExchange(this.#words, STATE, state, state + 1) === state) return taken;
    }
  }

  /** A task's kernel and its arguments; the array is used again for the next one. */
  kernelOf(task: number): number {
    return this.#kernels[task] ?? 0;
  }

  numbersOf(task: number): Float64Array {
    const start = task * MOST_NUMBERS;
    return this.#numbers.subarray(start, start + (this.#counts[task] ?? 0));
  }

  /** Says that a task is done. */
  done(): void {
    Atomics.add(this.#words, DONE, 1);
    Atomics.notify(this.#words, DONE);
  }

  /** Blocks until so many tasks are done. False if that takes longer than `milliseconds`. */
  waitUntilDone(tasks: number, milliseconds: number): boolean {
    const deadline = performance.now() + milliseconds;
    for (;;) {
      const done = Atomics.load(this.#words, DONE);
      if (done >= tasks) return true;
      const left = deadline - performance.now();
      if (left <= 0) return false;
      Atomics.wait(this.#words, DONE, done, left);
    }
  }

  /** Blocks until there is a plan with a task to be taken, or the crew is to end; true for the former. */
  waitForTasks(): boolean {
    for (;;) {
      if (Atomics.load(this.#words, QUIT) === 1) return false;
      const state = Atomics.load(this.#words, STATE);
      if ((state & TAKEN) < ((state >> TASKS_SHIFT) & TAKEN)) return true;
      Atomics.wait(this.#words, STATE, state);
    }
  }

  /** Ends the threads that wait for tasks. */
  quit(): void {
    Atomics.store(this.#words, QUIT, 1);
    // A plan without tasks, so that the state is another one for those who are about to wait.
    this.begin();
  }
}
