import { PROVIDERS, type Provider } from '../config/provider-names.js';
import { matrixFromCode, matrixToCode } from '../frames/picture-format.js';
import { SharedArena, type ArenaRegion } from '../frames/shared-arena.js';
import type { FrameColour } from './frame-view.js';
import { fitScratchBytes, gridFloats } from './grid-solver.js';
import type { GridGeometry } from './grid-geometry.js';
import type { Size } from './working-size.js';
import type { WorkingPicture } from './working-picture.js';

/** What the network's thread needs to join the exchange; sent to it as worker data. */
export interface ExchangeHandle {
  readonly region: ArenaRegion;
  /** Size of the pictures that are left: the working size, or that of whole pictures. */
  readonly working: Size;
  /** For whole pictures: bytes of the largest tile of one. Null where the network sees a working picture at once. */
  readonly tileBytes: number | null;
  /** Nodes of the grid that is fitted; none for whole pictures. */
  readonly columns: number;
  readonly rows: number;
  readonly bins: number;
}

/** The exchange is idle, a picture waits for the network, its answer waits to be taken, or the network has failed. */
export type ExchangeState = 'idle' | 'asked' | 'answered' | 'failed';

const STATES = ['idle', 'asked', 'answered', 'failed'] as const satisfies readonly ExchangeState[];

// Control words: changes (waited on), state, quit, matrix, range, microseconds of the last answer; provider, microseconds of a run.
const CHANGES = 0;
const STATE = 1;
const QUIT = 2;
const MATRIX = 3;
const RANGE = 4;
const MICROSECONDS = 5;
const PROVIDER = 6;
const RUN_MICROSECONDS = 7;
/** Of the words taken as 64-bit floats: when the last answer was there. */
const ANSWERED_AT = 4;

/**
 * The place in shared memory where the frame's thread leaves a working picture and the network's thread leaves the sums
 * of a grid. Exactly one of them owns the buffers at a time, as the state says.
 */
export class NetworkExchange {
  /** The picture, f32 planes of code values, by address; one after the other. */
  readonly y: number;
  readonly u: number;
  readonly v: number;
  /** The network's answer as planes, likewise; and the picture, or a tile of it, as RGB and as Lab, for the network's thread only. */
  readonly targetY: number;
  readonly targetU: number;
  readonly targetV: number;
  readonly rgb: number;
  readonly lab: number;
  /** Sums of a bilateral grid over picture and answer. */
  readonly sums: number;
  readonly sumsBytes: number;
  /** Scratch of fitGrid; for the network's thread only. */
  readonly fitScratch: number;
  readonly #words: Int32Array;
  readonly #times: Float64Array;
  readonly #bytes: Uint8Array;
  readonly #plane: number;

  constructor(handle: ExchangeHandle) {
    const arena = new SharedArena(handle.region);
    const words = arena.allocate(64);
    this.#words = arena.int32(words, 16);
    this.#times = new Float64Array(arena.memory.buffer, words, 8);
    this.#plane = handle.working.width * handle.working.height * 4;
    this.y = arena.allocate(3 * this.#plane);
    this.u = this.y + this.#plane;
    this.v = this.u + this.#plane;
    this.targetY = arena.allocate(3 * this.#plane);
    this.targetU = this.targetY + this.#plane;
    this.targetV = this.targetU + this.#plane;
    const tile = handle.tileBytes ?? 3 * this.#plane;
    this.rgb = arena.allocate(tile);
    this.lab = arena.allocate(tile);
    this.sumsBytes = handle.columns * handle.rows * handle.bins * 64;
    this.sums = arena.allocate(this.sumsBytes);
    this.fitScratch = arena.allocate(fitScratchBytes(handle));
    this.#bytes = new Uint8Array(arena.memory.buffer);
  }

  /** Bytes of shared memory that an exchange takes. geometry: of the grid that is fitted. */
  static bytes(working: Size, geometry: GridGeometry): number {
    return working.width * working.height * 4 * 12 + gridFloats(geometry) * 4 + fitScratchBytes(geometry) + 2048;
  }

  /** The same for whole pictures, of which no grid is fitted. */
  static nativeBytes(picture: Size, tileBytes: number): number {
    return picture.width * picture.height * 4 * 6 + 2 * tileBytes + 2048;
  }

  get state(): ExchangeState {
    return STATES[Atomics.load(this.#words, STATE)] ?? 'failed';
  }

  /** Milliseconds that the last answer took. */
  get milliseconds(): number {
    return Atomics.load(this.#words, MICROSECONDS) / 1000;
  }

  /** When the last answer was there, in milliseconds since 1970 by the clock that `performance` has. */
  get answeredAt(): number {
    return this.#times[ANSWERED_AT] ?? 0;
  }

  /** What the network runs on. */
  get provider(): Provider {
    return PROVIDERS[Atomics.load(this.#words, PROVIDER)] ?? 'cpu';
  }

  /** Milliseconds of one run there, measured when it began to. */
  get runMilliseconds(): number {
    return Atomics.load(this.#words, RUN_MICROSECONDS) / 1000;
  }

  /** Network's thread: says what the network runs on from now on. */
  setProvider(provider: Provider, milliseconds: number): void {
    Atomics.store(this.#words, PROVIDER, PROVIDERS.indexOf(provider));
    Atomics.store(this.#words, RUN_MICROSECONDS, Math.round(milliseconds * 1000));
  }

  /** Frame's thread: leaves a picture for the network. Only when idle. */
  ask(picture: WorkingPicture, colour: FrameColour): void {
    picture.fillChroma();
    this.#bytes.copyWithin(this.y, picture.y, picture.y + this.#plane);
    this.#bytes.copyWithin(this.u, picture.u, picture.u + this.#plane);
    this.#bytes.copyWithin(this.v, picture.v, picture.v + this.#plane);
    this.askFilled(colour);
  }

  /** The same, where the picture has been written to its planes. */
  askFilled(colour: FrameColour): void {
    this.#words[MATRIX] = matrixToCode(colour.matrix);
    this.#words[RANGE] = colour.range === 'full' ? 1 : 0;
    this.#move('asked');
  }

  /** Frame's thread: gives the buffers back after taking the sums, or the planes. */
  taken(): void {
    this.#move('idle');
  }

  /** Network's thread: says that the answer is there. */
  answer(milliseconds: number): void {
    Atomics.store(this.#words, MICROSECONDS, Math.round(milliseconds * 1000));
    this.#times[ANSWERED_AT] = performance.timeOrigin + performance.now();
    this.#move('answered');
  }

  /** Network's thread: says that it has given up. */
  fail(): void {
    this.#move('failed');
  }

  /** Colour of the picture that was left. */
  get colour(): FrameColour {
    return { matrix: matrixFromCode(this.#words[MATRIX] ?? 0), range: this.#words[RANGE] === 1 ? 'full' : 'limited' };
  }

  /** Asks the network's thread to end after the run it is in. */
  quit(): void {
    Atomics.store(this.#words, QUIT, 1);
    this.#ring();
  }

  get quitting(): boolean {
    return Atomics.load(this.#words, QUIT) === 1;
  }

  /** Blocks until the state is not `state`, the exchange is quitting, or the time is over; returns the state. */
  waitWhile(state: ExchangeState, milliseconds: number): ExchangeState {
    const deadline = performance.now() + milliseconds;
    for (;;) {
      const seen = Atomics.load(this.#words, CHANGES);
      const now = this.state;
      const left = deadline - performance.now();
      if (now !== state || this.quitting || left <= 0) return now;
      Atomics.wait(this.#words, CHANGES, seen, Math.min(left, 60_000));
    }
  }

  #move(to: ExchangeState): void {
    Atomics.store(this.#words, STATE, STATES.indexOf(to));
    this.#ring();
  }

  #ring(): void {
    Atomics.add(this.#words, CHANGES, 1);
    Atomics.notify(this.#words, CHANGES);
  }
}
