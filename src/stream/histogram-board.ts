/** What a stream keeps histograms of, in milliseconds a picture. Each is written by one thread and read by any. */
export const HISTOGRAMS = ['age', 'downsample', 'denoise', 'network', 'grid', 'slice', 'encode'] as const;

/** Name of a histogram. age: from coming in to being encoded; network: one run; the others: stages of a picture. */
export type HistogramName = (typeof HISTOGRAMS)[number];

/** Upper bounds of the buckets, in milliseconds; one more bucket takes what is above. */
export const BUCKET_BOUNDS = [1, 2, 5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 500, 1000, 2000, 5000] as const;

/** Counts of values in each bucket, one more than there are bounds, and the sum of the values. */
export interface HistogramValues {
  readonly counts: readonly number[];
  readonly sum: number;
}

const BUCKETS = BUCKET_BOUNDS.length + 1;
const WORDS = BUCKETS + 1;

/** Histograms in shared memory. */
export class HistogramBoard {
  readonly buffer: SharedArrayBuffer;
  readonly #values: Float64Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(HISTOGRAMS.length * WORDS * 8)) {
    this.buffer = buffer;
    this.#values = new Float64Array(buffer);
  }

  /** Counts one value, in milliseconds; only from the thread that the histogram belongs to. */
  observe(name: HistogramName, milliseconds: number): void {
    const start = HISTOGRAMS.indexOf(name) * WORDS;
    let bucket = 0;
    while (bucket < BUCKET_BOUNDS.length && milliseconds > (BUCKET_BOUNDS[bucket] ?? 0)) bucket++;
    this.#values[start + bucket] = (this.#values[start + bucket] ?? 0) + 1;
    this.#values[start + BUCKETS] = (this.#values[start + BUCKETS] ?? 0) + milliseconds;
  }

  /** All histograms now. */
  read(): Readonly<Record<HistogramName, HistogramValues>> {
    const of = (name: HistogramName): HistogramValues => {
      const start = HISTOGRAMS.indexOf(name) * WORDS;
      const values = this.#values.subarray(start, start + WORDS);
      return { counts: Array.from(values.subarray(0, BUCKETS)), sum: values[BUCKETS] ?? 0 };
    };
    return Object.fromEntries(HISTOGRAMS.map((name) => [name, of(name)])) as Record<HistogramName, HistogramValues>;
  }
}

/** The value below which a share (0..1) of the counted ones lie, by linear interpolation within its bucket; 0 for none. */
export function quantile(counts: readonly number[], share: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (const [i, count] of counts.entries()) {
    if (count > 0 && below + count >= share * total) {
      const lower = BUCKET_BOUNDS[i - 1] ?? 0;
      const upper = BUCKET_BOUNDS[i] ?? lower;
      return lower + ((upper - lower) * (share * total - below)) / count;
    }
    below += count;
  }
  return 0;
}
