import { EXTRA_RENDITIONS, type ExtraRendition } from './stream-messages.js';

const CHANGES = 0;
const STOP = 1;
const STRENGTH = 2;
const WANTED = 3;
const AWAY = 4;
const SHARE = 5;
const WORDS = 6;

/** Fractional bits of the strength and of the share. */
const ONE = 1 << 16;

/** What the threads of a stream are told while they run, in shared memory: their loops never wait for a message. */
export class ControlBlock {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(WORDS * 4)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  /** Whether the stream is to end. */
  get stopped(): boolean {
    return Atomics.load(this.#words, STOP) === 1;
  }

  /** Tells all threads to end. */
  stop(): void {
    Atomics.store(this.#words, STOP, 1);
    this.#changed();
  }

  /** 0 shows the picture as it came, 1 the pipeline's full effect. */
  get strength(): number {
    return Atomics.load(this.#words, STRENGTH) / ONE;
  }

  set strength(value: number) {
    Atomics.store(this.#words, STRENGTH, Math.round(Math.min(1, Math.max(0, value)) * ONE));
    this.#changed();
  }

  /** Whether somebody wants a rendition besides the enhanced one. */
  wants(rendition: ExtraRendition): boolean {
    return (Atomics.load(this.#words, WANTED) & bitOf(rendition)) !== 0;
  }

  /** Which renditions are wanted besides the enhanced one. */
  setWanted(renditions: readonly ExtraRendition[]): void {
    Atomics.store(
      this.#words,
      WANTED,
      renditions.reduce((bits, rendition) => bits | bitOf(rendition), 0),
    );
    this.#changed();
  }

  /** Whether the source is away: it has been lost, and no picture has come since. */
  get away(): boolean {
    return Atomics.load(this.#words, AWAY) === 1;
  }

  set away(value: boolean) {
    Atomics.store(this.#words, AWAY, value ? 1 : 0);
    this.#changed();
  }

  /** CPU cores that are this stream's fair share of the machine; 0 until somebody has said. */
  get fairCores(): number {
    return Atomics.load(this.#words, SHARE) / ONE;
  }

  set fairCores(value: number) {
    Atomics.store(this.#words, SHARE, Math.round(value * ONE));
  }

  /** Blocks the calling thread for a time, or until the stream is to end. Returns false if it is. */
  sleep(milliseconds: number): boolean {
    const end = performance.now() + milliseconds;
    for (;;) {
      const seen = Atomics.load(this.#words, CHANGES);
      if (this.stopped) return false;
      const left = end - performance.now();
      if (left <= 0) return true;
      Atomics.wait(this.#words, CHANGES, seen, left);
    }
  }

  #changed(): void {
    Atomics.add(this.#words, CHANGES, 1);
    Atomics.notify(this.#words, CHANGES);
  }
}

function bitOf(rendition: ExtraRendition): number {
  return 1 << EXTRA_RENDITIONS.indexOf(rendition);
}
