/** The time for which a process accounts for its source's pictures, by the steady clock in milliseconds. */
export interface SeenSpan {
  /** When the source was first connected; 0 before. */
  readonly from: number;
  /** When the last picture was due; 0 before the first. */
  readonly to: number;
}

/** What a stream's process has seen of its source, in shared memory; written by the source's thread. */
export class SourceMarks {
  readonly buffer: SharedArrayBuffer;
  readonly #marks: Float64Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(16)) {
    this.buffer = buffer;
    this.#marks = new Float64Array(buffer);
  }

  /** The source was connected; only the first time counts. */
  connected(at: number): void {
    if (this.#marks[0] === 0) this.#marks[0] = at;
  }

  /** A picture came that was due at a moment. */
  picture(due: number): void {
    this.#marks[1] = due;
  }

  /** The span up to now. */
  read(): SeenSpan {
    return { from: this.#marks[0] ?? 0, to: this.#marks[1] ?? 0 };
  }
}
