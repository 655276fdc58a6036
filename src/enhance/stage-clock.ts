/** Adds up the time that named stages take, without allocating. */
export class StageClock<Stage extends string> {
  /** Names in the order of `total`. */
  readonly stages: readonly Stage[];
  /** Milliseconds spent in each stage since the clock was made. */
  readonly total: Float64Array;
  /** Called at each lap with its start by `performance.now()` and its length; null for nobody. */
  onLap: ((stage: Stage, start: number, milliseconds: number) => void) | null = null;
  #last = 0;

  constructor(stages: readonly Stage[]) {
    this.stages = stages;
    this.total = new Float64Array(stages.length);
  }

  /** Begins to measure. */
  start(): void {
    this.#last = performance.now();
  }

  /** Counts the time since `start` or the last `lap` to a stage. */
  lap(stage: Stage): void {
    const now = performance.now();
    const index = this.stages.indexOf(stage);
    this.total[index] = (this.total[index] ?? 0) + now - this.#last;
    this.onLap?.(stage, this.#last, now - this.#last);
    this.#last = now;
  }
}
