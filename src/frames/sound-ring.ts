/** Samples that a ring holds, a power of two: five seconds of stereo at 48 kHz. */
const CAPACITY = 1 << 19;
const HEADER_BYTES = 64;

/**
 * A ring of sound samples in shared memory, from one writing thread to one reading thread. Sound is a third of a megabyte
 * a second: sent as messages, it would pile up as garbage until a collection comes by.
 *
 * Where pieces lie is told by messages; the reader gives them back in the same order.
 */
export class SoundRing {
  readonly buffer: SharedArrayBuffer;
  readonly #samples: Float32Array<SharedArrayBuffer>;
  /** Position up to which the reader has given everything back, modulo 2^32. */
  readonly #released: Int32Array<SharedArrayBuffer>;
  /** Position at which the next piece is written; the writer's alone. */
  #next = 0;

  /** Without a buffer, a new ring; else the one that the buffer is of. */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(HEADER_BYTES + CAPACITY * 4)) {
    this.buffer = buffer;
    this.#released = new Int32Array(buffer, 0, 1);
    this.#samples = new Float32Array(buffer, HEADER_BYTES, CAPACITY);
  }

  /** Writes a piece; returns its position, or -1 where there is no room. */
  write(samples: Float32Array): number {
    const { length } = samples;
    const offset = this.#next % CAPACITY;
    // A piece lies in one; what is left before the ring's end is passed over.
    const at = offset + length > CAPACITY ? this.#next + CAPACITY - offset : this.#next;
    const held = (at + length - Atomics.load(this.#released, 0)) >>> 0;
    if (held > CAPACITY) return -1;
    this.#samples.set(samples, at % CAPACITY);
    this.#next = (at + length) >>> 0;
    return at >>> 0;
  }

  /** The piece at a position, until it is given back. */
  read(at: number, length: number): Float32Array<SharedArrayBuffer> {
    const offset = at % CAPACITY;
    return this.#samples.subarray(offset, offset + length);
  }

  /** Gives a piece back, and all before it. */
  release(at: number, length: number): void {
    Atomics.store(this.#released, 0, (at + length) | 0);
  }
}
