/** What a stream counts. Each counter is written by one thread and read by any. */
export const COUNTERS = [
  /** Pictures that were decoded. */
  'decoded',
  /** Packets that could not be decoded. */
  'damaged',
  /** Decoded pictures that were dropped because every slot was being read. */
  'droppedNoSlot',
  /** Decoded pictures that the governor left out. */
  'droppedGovernor',
  /** Pictures that the source would have sent while it was away: seconds away times its rate. */
  'missedAway',
  /** Pictures that are missing from the sequence of a source that sends by UDP. */
  'missedNetwork',
  /** Pictures that showed the last one, dimmed, while the source was away. */
  'placeholders',
  /** Times the source was connected again. */
  'reconnects',
  /** Pictures that went through the pipeline. */
  'enhanced',
  /** Answers of the network. */
  'answers',
  /** Cuts found. */
  'cuts',
  /** Milliseconds spent in each stage, in all. */
  'downsampleMs',
  'denoiseMs',
  'networkMs',
  'gridMs',
  'sliceMs',
  /** Milliseconds spent encoding, in all. */
  'encodeMs',
  /** Pictures that were encoded. */
  'encoded',
  /** Bytes of encoded video. */
  'bytes',
  /** Key frames, and how many of them viewers asked for. */
  'keyFrames',
  'askedKeyFrames',
  /** Sum over encoded pictures of the milliseconds from coming in to being encoded. */
  'ageMs',
] as const;

/** Name of a counter. */
export type Counter = (typeof COUNTERS)[number];

/** Values of all counters at one moment. */
export type CounterValues = Readonly<Record<Counter, number>>;

/** Counters in shared memory. */
export class CounterBoard {
  readonly buffer: SharedArrayBuffer;
  readonly #values: Float64Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(COUNTERS.length * 8)) {
    this.buffer = buffer;
    this.#values = new Float64Array(buffer);
  }

  /** Adds to a counter; only from the thread that it belongs to. */
  add(counter: Counter, amount = 1): void {
    const index = COUNTERS.indexOf(counter);
    this.#values[index] = (this.#values[index] ?? 0) + amount;
  }

  /** Sets a counter; only from the thread that it belongs to. */
  set(counter: Counter, value: number): void {
    this.#values[COUNTERS.indexOf(counter)] = value;
  }

  /** All counters now. */
  read(): CounterValues {
    return Object.fromEntries(COUNTERS.map((name, i) => [name, this.#values[i] ?? 0])) as CounterValues;
  }
}
