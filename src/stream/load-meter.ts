import { availableParallelism } from 'node:os';
import { cpuMilliseconds } from '../frames/cpu-clock.js';
import { steadyMilliseconds } from '../frames/steady-clock.js';
import type { ControlBlock } from './control-block.js';
import type { CounterBoard } from './counter-board.js';
import type { LoadWindow } from './governor.js';

/** Length of a window, in milliseconds. */
const WINDOW = 1000;

/** Measures a stream's load, window by window. */
export class LoadMeter {
  readonly #counters: CounterBoard;
  readonly #control: ControlBlock;
  readonly #overtaken: () => number;
  #before: ReturnType<LoadMeter['reading']>;

  /** overtaken: how many pictures newer ones have overtaken so far. */
  constructor(counters: CounterBoard, control: ControlBlock, overtaken: () => number) {
    this.#counters = counters;
    this.#control = control;
    this.#overtaken = overtaken;
    this.#before = this.reading();
  }

  /** The window that has just ended, or null if none has since the last call. */
  window(): LoadWindow | null {
    if (steadyMilliseconds() - this.#before.at < WINDOW) return null;
    const [before, now] = [this.#before, this.reading()];
    this.#before = now;
    const encoded = now.encoded - before.encoded;
    return {
      decoded: now.decoded - before.decoded,
      overtaken: now.overtaken - before.overtaken,
      age: encoded > 0 ? (now.ageMs - before.ageMs) / encoded : null,
      cores: (now.cpu - before.cpu) / (now.at - before.at),
      fairCores: this.#control.fairCores || availableParallelism(),
    };
  }

  /** The counts of this moment, times in milliseconds. */
  private reading() {
    const { decoded, encoded, ageMs, droppedNoSlot } = this.#counters.read();
    return {
      at: steadyMilliseconds(),
      decoded,
      encoded,
      ageMs,
      overtaken: this.#overtaken() + droppedNoSlot,
      cpu: cpuMilliseconds(),
    };
  }
}
