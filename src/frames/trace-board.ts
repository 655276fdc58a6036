/** What is traced of a picture's way, and the thread that does it. */
export const TRACE_SPANS = {
  decode: 'source',
  downsample: 'enhance',
  denoise: 'enhance',
  'network-wait': 'enhance',
  grid: 'enhance',
  slice: 'enhance',
  network: 'network',
  encode: 'output',
  send: 'output',
} as const;

/** Name of a traced span. */
export type TraceSpanName = keyof typeof TRACE_SPANS;

/** A piece of work on one picture. */
export interface TraceSpan {
  readonly name: TraceSpanName;
  /** The picture's time on the stream's time line, in seconds. */
  readonly time: number;
  /** By the clock of the thread that made the board, in milliseconds. */
  readonly start: number;
  readonly milliseconds: number;
}

const NAMES = Object.keys(TRACE_SPANS) as readonly TraceSpanName[];
/** Spans that there is room for: some twenty minutes of a camera. */
const CAPACITY = 1 << 18;
const FIELDS = 4;

/**
 * Spans of work on pictures, written by all threads of a stream into shared memory without allocating. What comes after
 * it is full is lost.
 */
export class TraceBoard {
  readonly buffer: SharedArrayBuffer;
  readonly #count: Int32Array;
  readonly #spans: Float64Array;
  /** Each thread's clock begins when the thread does; spans are written by that of the process's start. */
  readonly #clock = performance.timeOrigin;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(8 + CAPACITY * FIELDS * 8)) {
    this.buffer = buffer;
    this.#count = new Int32Array(buffer, 0, 1);
    this.#spans = new Float64Array(buffer, 8);
  }

  /** Writes a span that ends now. start: `performance.now()` of the calling thread. time: the picture's, in seconds. */
  add(name: TraceSpanName, time: number, start: number): void {
    this.addPast(name, time, start, performance.now() - start);
  }

  /** Writes a span that is over. */
  addPast(name: TraceSpanName, time: number, start: number, milliseconds: number): void {
    const index = Atomics.add(this.#count, 0, 1);
    if (index >= CAPACITY) return;
    const at = index * FIELDS;
    this.#spans[at] = NAMES.indexOf(name);
    this.#spans[at + 1] = time;
    this.#spans[at + 2] = this.#clock + start;
    this.#spans[at + 3] = milliseconds;
  }

  /** All spans so far, in the order of their starts. */
  read(): TraceSpan[] {
    const count = Math.min(CAPACITY, Atomics.load(this.#count, 0));
    const spans = Array.from({ length: count }, (_, i): TraceSpan => {
      const [name = 0, time = 0, start = 0, milliseconds = 0] = this.#spans.subarray(i * FIELDS, (i + 1) * FIELDS);
      return { name: NAMES[name] ?? 'decode', time, start: start - this.#clock, milliseconds };
    });
    return spans.sort((a, b) => a.start - b.start);
  }
}
