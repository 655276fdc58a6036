import {
  matrixFromCode,
  matrixToCode,
  planeLayout,
  type ColourMatrix,
  type ColourRange,
  type PlaneLayout,
} from './picture-format.js';
import { alignUp, type SharedArena } from './shared-arena.js';

/** What happens to a writer that finds the ring full: overtake the oldest unread picture, or wait for the reader. */
export type FullRingPolicy = 'newest-wins' | 'back-pressure';

/** Everything another thread needs to join a ring; may be sent by postMessage together with its memory. */
export interface FrameRingHandle {
  readonly address: number;
  readonly slots: number;
  readonly width: number;
  readonly height: number;
  readonly policy: FullRingPolicy;
}

/** What travels with a picture. */
export interface FrameInfo {
  /** Presentation timestamp in ticks of the stream's time base. */
  readonly pts: bigint;
  /** When the picture came in, in milliseconds since 1970. */
  readonly arrival: number;
  readonly matrix: ColourMatrix;
  readonly range: ColourRange;
}

/** A slot that the caller holds: to be published or released by the same thread. */
export interface HeldSlot extends FrameInfo {
  readonly index: number;
  /** Number of the picture in its ring, counted from 1; gaps are pictures that were overtaken. */
  readonly sequence: number;
  /** Address of the I420 picture. */
  readonly address: number;
}

const FREE = 0;
const WRITING = 1;
const READY = 2;
const READING = 3;

// Ring header, in 32-bit words: changes (also the word threads wait on), last sequence, closed, overtaken.
const CHANGES = 0;
const SEQUENCE = 1;
const CLOSED = 2;
const OVERTAKEN = 3;
const RING_HEADER_BYTES = 64;

// Slot header, in 32-bit words; pts and arrival are 64 bits wide.
const STATE = 0;
const SLOT_SEQUENCE = 1;
const MATRIX = 2;
const RANGE = 3;
const PTS_BYTE = 16;
const ARRIVAL_BYTE = 24;
const SLOT_HEADER_BYTES = 64;

/**
 * A ring of I420 pictures in shared memory, from one writing thread to one reading thread.
 *
 * A slot goes free, writing, ready, reading, free; each step is one atomic operation, and pictures are neither copied
 * nor allocated. Every picture that is published is either read or counted in `overtaken`.
 */
export class FrameRing {
  readonly layout: PlaneLayout;
  readonly handle: FrameRingHandle;
  readonly #words: Int32Array;
  readonly #pts: BigInt64Array;
  readonly #arrival: Float64Array;
  readonly #slotBytes: number;

  private constructor(memory: WebAssembly.Memory, handle: FrameRingHandle) {
    this.handle = handle;
    this.layout = planeLayout(handle.width, handle.height);
    const headers = RING_HEADER_BYTES + handle.slots * SLOT_HEADER_BYTES;
    this.#words = new Int32Array(memory.buffer, handle.address, headers / 4);
    this.#pts = new BigInt64Array(memory.buffer, handle.address, headers / 8);
    this.#arrival = new Float64Array(memory.buffer, handle.address, headers / 8);
    this.#slotBytes = FrameRing.#bytesOfSlot(handle.width, handle.height);
  }

  /** Bytes of shared memory that a ring takes. */
  static bytes(width: number, height: number, slots: number): number {
    return alignUp(RING_HEADER_BYTES + slots * SLOT_HEADER_BYTES) + slots * FrameRing.#bytesOfSlot(width, height);
  }

  // Kernels store whole vectors, so a picture's last row may be followed by a few bytes of a vector's rest.
  static #bytesOfSlot(width: number, height: number): number {
    return alignUp(planeLayout(width, height).bytes + 64);
  }

  /** A new ring in an arena. */
  static create(arena: SharedArena, options: Omit<FrameRingHandle, 'address'>): FrameRing {
    const { width, height, slots, policy } = options;
    const address = arena.allocate(FrameRing.bytes(width, height, slots));
    return new FrameRing(arena.memory, { address, width, height, slots, policy });
  }

  /** The ring behind a handle, from another thread. */
  static join(memory: WebAssembly.Memory, handle: FrameRingHandle): FrameRing {
    return new FrameRing(memory, handle);
  }

  /** Address of a slot's picture. */
  address(slot: number): number {
    const { address, slots } = this.handle;
    return address + alignUp(RING_HEADER_BYTES + slots * SLOT_HEADER_BYTES) + slot * this.#slotBytes;
  }

  /** Pictures that were published and then overtaken by newer ones before anybody read them. */
  get overtaken(): number {
    return Atomics.load(this.#words, OVERTAKEN);
  }

  /** Pictures published so far. */
  get published(): number {
    return Atomics.load(this.#words, SEQUENCE);
  }

  /** Whether the writer has said that no more pictures come. */
  get closed(): boolean {
    return Atomics.load(this.#words, CLOSED) === 1;
  }

  /**
   * Takes a slot to write to, or -1 if there is none within the time. With `newest-wins` the oldest unread picture is
   * overtaken when no slot is free, so that -1 only means that the reader holds every slot.
   */
  acquireWrite(waitMs: number): number {
    const deadline = performance.now() + waitMs;
    for (;;) {
      const seen = Atomics.load(this.#words, CHANGES);
      for (let slot = 0; slot < this.handle.slots; slot++) {
        if (this.#move(slot, FREE, WRITING)) return slot;
      }
      if (this.handle.policy === 'newest-wins') {
        const oldest = this.#oldestReady();
        if (oldest >= 0) {
          if (!this.#move(oldest, READY, WRITING)) continue;
          Atomics.add(this.#words, OVERTAKEN, 1);
          return oldest;
        }
      }
      if (!this.#waitForChange(seen, deadline)) return -1;
    }
  }

  /** Gives a written slot to the reader. */
  publish(slot: number, info: FrameInfo): void {
    const word = this.#word(slot);
    this.#words[word + MATRIX] = matrixToCode(info.matrix);
    this.#words[word + RANGE] = info.range === 'full' ? 1 : 0;
    this.#pts[(word * 4 + PTS_BYTE) / 8] = info.pts;
    this.#arrival[(word * 4 + ARRIVAL_BYTE) / 8] = info.arrival;
    this.#words[word + SLOT_SEQUENCE] = Atomics.add(this.#words, SEQUENCE, 1) + 1;
    Atomics.store(this.#words, word + STATE, READY);
    this.#changed();
  }

  /**
   * Takes the oldest unread picture, or null if none comes within the time or the ring is closed and empty.
   *
   * backlog: with `newest-wins`, how many pictures may wait behind the one that is taken; older ones are overtaken.
   */
  acquireRead(waitMs: number, backlog = Infinity): HeldSlot | null {
    const deadline = performance.now() + waitMs;
    for (;;) {
      const seen = Atomics.load(this.#words, CHANGES);
      const closed = this.closed;
      const oldest = this.#oldestReady();
      if (oldest >= 0) {
        if (!this.#move(oldest, READY, READING)) continue;
        if (this.#readyCount() > backlog) {
          Atomics.add(this.#words, OVERTAKEN, 1);
          this.release(oldest);
          continue;
        }
        return this.#held(oldest);
      }
      if (closed || !this.#waitForChange(seen, deadline)) return null;
    }
  }

  /** Gives a slot back, read or unwritten. */
  release(slot: number): void {
    Atomics.store(this.#words, this.#word(slot) + STATE, FREE);
    this.#changed();
  }

  /** Says that no more pictures come; a reader gets null once the ring is empty. */
  close(): void {
    Atomics.store(this.#words, CLOSED, 1);
    this.#changed();
  }

  #held(slot: number): HeldSlot {
    const word = this.#word(slot);
    return {
      index: slot,
      sequence: this.#words[word + SLOT_SEQUENCE] ?? 0,
      address: this.address(slot),
      pts: this.#pts[(word * 4 + PTS_BYTE) / 8] ?? 0n,
      arrival: this.#arrival[(word * 4 + ARRIVAL_BYTE) / 8] ?? 0,
      matrix: matrixFromCode(this.#words[word + MATRIX] ?? 0),
      range: this.#words[word + RANGE] === 1 ? 'full' : 'limited',
    };
  }

  #word(slot: number): number {
    return (RING_HEADER_BYTES + slot * SLOT_HEADER_BYTES) / 4;
  }

  #move(slot: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.#words, this.#word(slot) + STATE, from, to) === from;
  }

  #oldestReady(): number {
    let oldest = -1;
    let sequence = 0;
    for (let slot = 0; slot < this.handle.slots; slot++) {
      const word = this.#word(slot);
      if (Atomics.load(this.#words, word + STATE) !== READY) continue;
      const candidate = this.#words[word + SLOT_SEQUENCE] ?? 0;
      // The difference is right even after the counter has wrapped around.
      if (oldest < 0 || ((candidate - sequence) | 0) < 0) {
        oldest = slot;
        sequence = candidate;
      }
    }
    return oldest;
  }

  #readyCount(): number {
    let count = 0;
    for (let slot = 0; slot < this.handle.slots; slot++) {
      if (Atomics.load(this.#words, this.#word(slot) + STATE) === READY) count++;
    }
    return count;
  }

  #changed(): void {
    Atomics.add(this.#words, CHANGES, 1);
    Atomics.notify(this.#words, CHANGES);
  }

  #waitForChange(seen: number, deadline: number): boolean {
    const left = deadline - performance.now();
    if (left <= 0) return false;
    Atomics.wait(this.#words, CHANGES, seen, left);
    return true;
  }
}
