import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import { AfterglowError } from '../errors/afterglow-error.js';
import { NativeGarbage } from '../frames/native-garbage.js';
import { INPUT_CHANNELS, OUTPUT_CHANNELS, type ModelCard } from './model-card.js';
import { findModel, type Model } from './model-library.js';
import { ONE_THREAD, type Placement, type Placements, type ProviderMove } from './placement.js';
import { inItsTurn } from './run-lock.js';

/** Width and height of a network's input, in pixels. */
export interface InputSize {
  readonly width: number;
  readonly height: number;
}

/** How a network is run. */
export interface SessionOptions {
  /** Where it may run; one thread of the CPU by default. */
  readonly placements?: Placements;
  /** Called when it goes on elsewhere, since a place does not take it or has failed. */
  readonly moved?: (move: ProviderMove) => void;
}

// What goes wrong is thrown, too, and told in a line of our own.
env.logLevel = 'fatal';

/** Longest part of a provider's own words that a message holds. */
const LONGEST_CAUSE = 200;

/**
 * A network ready to run at one size. Not for concurrent calls: one run at a time. Where a provider fails, it goes on with the
 * next place, with the picture that was asked for.
 */
export class NetworkSession {
  readonly model: Model;
  readonly #placements: Placements;
  readonly #moved: (move: ProviderMove) => void;
  readonly #channels: number;
  readonly #outputChannels: number;
  readonly #garbage = new NativeGarbage();
  #at = 0;
  #session: InferenceSession | null = null;
  #size: InputSize;
  #input: Float32Array;
  #feeds: Record<string, Tensor>;

  private constructor(model: Model, size: InputSize, { placements, moved }: SessionOptions) {
    this.model = model;
    this.#placements = placements ?? ONE_THREAD;
    this.#moved = moved ?? (() => undefined);
    this.#channels = INPUT_CHANNELS[model.card.input.colourSpace];
    this.#outputChannels = OUTPUT_CHANNELS[model.card.output.meaning];
    this.#size = size;
    [this.#input, this.#feeds] = this.#makeInput(size);
  }

  /** Loads a model by name for pictures of one size. Throws AfterglowError `model-missing` or `model-broken`. */
  static async open(
    name: string,
    size: InputSize,
    options: SessionOptions & { readonly folder?: string } = {},
  ): Promise<NetworkSession> {
    return NetworkSession.load(findModel(name, options.folder), size, options);
  }

  /** Loads a network that is at hand with its card, for `open` and for models not yet installed. Throws as `open` does. */
  static async load(model: Model, size: InputSize, options: SessionOptions = {}): Promise<NetworkSession> {
    const network = new NetworkSession(model, size, options);
    // The first run plans memory and compiles; do it before anybody waits, and find a wrong shape now.
    await network.#settle(0);
    return network;
  }

  /** Where it runs at this moment. */
  get placement(): Placement {
    return this.#placements[this.#at] ?? this.#placements[0];
  }

  get width(): number {
    return this.#size.width;
  }

  get height(): number {
    return this.#size.height;
  }

  /** Input planes [channels, height, width] in the card's colour space; to be filled before `run`. */
  get input(): Float32Array {
    return this.#input;
  }

  /** Changes the size of the pictures; `input` is another array from then on. Not while a run is under way. */
  resize(size: InputSize): void {
    if (size.width === this.#size.width && size.height === this.#size.height) return;
    this.#size = size;
    [this.#input, this.#feeds] = this.#makeInput(size);
  }

  /**
   * Runs the network on `input`. The result is planes [channels, height, width] of the card's output meaning, valid until
   * the next run. Blocks the calling thread while it computes. Throws AfterglowError `model-broken`.
   */
  async run(): Promise<Float32Array> {
    try {
      return await this.#runHere();
    } catch (error) {
      if (this.#at + 1 >= this.#placements.length) throw error;
      await this.#leave();
      this.#tellMove('has failed', error);
      return this.#settle(this.#at + 1);
    }
  }

  /** Frees the network's memory. Not while a run is under way. */
  async close(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    if (session) await inItsTurn(this.placement.provider, () => session.release());
  }

  /** Loads the network at the first place, from this one on, that takes it, and runs it there. */
  async #settle(from: number): Promise<Float32Array> {
    this.#at = from;
    try {
      this.#session = await createSession(this.model, this.placement);
    } catch (cause) {
      const error = brokenModel(this.model, `cannot be loaded on provider ${this.placement.provider}`, cause);
      return this.#settleAfter(from, 'does not take it', error);
    }
    const fault = contractFault(this.model.card, this.#session);
    if (fault !== null) {
      await this.close();
      throw brokenModel(this.model, fault);
    }
    try {
      return await this.#runHere();
    } catch (error) {
      await this.#leave();
      return this.#settleAfter(from, 'has failed', error);
    }
  }

  #settleAfter(place: number, what: string, error: unknown): Promise<Float32Array> {
    if (place + 1 >= this.#placements.length) throw error;
    this.#tellMove(what, error);
    return this.#settle(place + 1);
  }

  /** Gives up a place that has failed. */
  async #leave(): Promise<void> {
    try {
      await this.close();
    } catch {
      // It has failed before.
    }
  }

  #tellMove(what: string, thrown: unknown): void {
    const from = this.placement.provider;
    const to = this.#placements[this.#at + 1]?.provider ?? 'cpu';
    const cause = causeOf(thrown);
    const message = `the network ${this.model.card.name} goes on with ${to}: ${from} ${what} (${cause})`;
    this.#moved({ from, to, message });
  }

  async #runHere(): Promise<Float32Array> {
    const { width, height } = this.#size;
    const session = this.#session;
    if (!session) throw brokenModel(this.model, 'is not loaded any more');
    let outputs: InferenceSession.OnnxValueMapType;
    try {
      outputs = await inItsTurn(this.placement.provider, () => session.run(this.#feeds));
    } catch (cause) {
      throw brokenModel(this.model, `fails on a ${width}x${height} picture (field "input.multiple")`, cause);
    }
    const output = outputs[this.model.card.output.name];
    if (output?.type !== 'float32') throw brokenModel(this.model, 'does not give 32-bit floats (field "output")');
    const wanted = [1, this.#outputChannels, height, width];
    if (output.dims.length !== 4 || wanted.some((length, axis) => output.dims[axis] !== length)) {
      throw brokenModel(
        this.model,
        `gives ${output.dims.join('x')} for a ${width}x${height} picture and not ${wanted.join('x')} (field "output.meaning")`,
      );
    }
    const result = output.data as Float32Array;
    // The runtime gives each result in memory of its own, even where it is handed a place for it.
    this.#garbage.replaced(result.byteLength);
    return result;
  }

  #makeInput({ width, height }: InputSize): [Float32Array, Record<string, Tensor>] {
    // The runtime refuses tensors in shared memory, so this is a buffer of its own.
    const input = new Float32Array(this.#channels * width * height);
    return [input, { [this.model.card.input.name]: new Tensor('float32', input, [1, this.#channels, height, width]) }];
  }
}

function createSession(model: Model, { provider, device, threads }: Placement): Promise<InferenceSession> {
  const chosen = device !== null && (provider === 'cuda' || provider === 'dml') ? { name: provider, deviceId: device } : provider; // prettier-ignore
  return inItsTurn(provider, () =>
    InferenceSession.create(model.file, {
      executionProviders: [chosen],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 4,
    }),
  );
}

/** The runtime's own words about what was thrown, which may be many, as part of a line. */
export function causeOf(thrown: unknown): string {
  const { cause } = AfterglowError.from(thrown);
  const text = cause instanceof Error ? cause.message : AfterglowError.from(thrown).message;
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST_CAUSE ? `${line.slice(0, LONGEST_CAUSE)}…` : line;
}

/** In what the file's declarations contradict the card, or null. What they leave open, the first run finds. */
function contractFault(card: ModelCard, session: InferenceSession): string | null {
  const { input, output } = card;
  const given = session.inputMetadata.find(({ name }) => name === input.name);
  if (!given) return `has no input "${input.name}" (field "input.name"; it has ${session.inputNames.join(', ')})`;
  if (session.inputNames.length > 1) return 'has more than one input (field "input.name")';
  const taken = session.outputMetadata.find(({ name }) => name === output.name);
  if (!taken) return `has no output "${output.name}" (field "output.name"; it has ${session.outputNames.join(', ')})`;
  if (!given.isTensor || given.type !== 'float32') return 'does not take 32-bit floats (field "input")';
  if (!taken.isTensor || taken.type !== 'float32') return 'does not give 32-bit floats (field "output")';
  const shown = `[${given.shape.join(', ')}]`;
  if (given.shape.length !== 4) return `takes ${shown} and not four axes (field "input.shape")`;
  for (const [axis, wanted] of input.shape.entries()) {
    const length = given.shape[axis];
    // A name, or a length of nothing, is an axis left open.
    if (typeof length !== 'number' || length <= 0 || length === wanted) continue;
    return `takes ${shown} and not [${input.shape.join(', ')}] (field "input.shape")`;
  }
  const channels = taken.shape[1];
  const wanted = OUTPUT_CHANNELS[output.meaning];
  if (taken.shape.length !== 4) return `gives [${taken.shape.join(', ')}] and not four axes (field "output.meaning")`;
  if (typeof channels === 'number' && channels > 0 && channels !== wanted) {
    return `gives ${channels} channels and not ${wanted} for ${output.meaning} (field "output.meaning")`;
  }
  return null;
}

function brokenModel(model: Model, what: string, cause?: unknown): AfterglowError {
  return new AfterglowError('model-broken', `the network ${model.file} ${what}`, {
    remedy: 'restore the file or correct its card',
    cause,
  });
}
