import { InferenceSession, Tensor } from 'onnxruntime-node';
import { AfterglowError } from '../errors/afterglow-error.js';
import { INPUT_CHANNELS, OUTPUT_CHANNELS, type ModelCard } from './model-card.js';
import { findModel, type Model } from './model-library.js';

/** Where a network runs. */
export type Provider = 'cpu' | 'webgpu' | 'cuda';

/** Width and height of a network's input, in pixels. */
interface InputSize {
  readonly width: number;
  readonly height: number;
}

/** A network ready to run at one size. Not for concurrent calls: one run at a time, as the WebGPU provider needs it. */
export class NetworkSession {
  readonly model: Model;
  readonly provider: Provider;
  readonly #session: InferenceSession;
  readonly #channels: number;
  readonly #outputChannels: number;
  #size: InputSize;
  #input: Float32Array;
  #feeds: Record<string, Tensor>;

  private constructor(model: Model, session: InferenceSession, size: InputSize, provider: Provider) {
    this.model = model;
    this.provider = provider;
    this.#session = session;
    this.#channels = INPUT_CHANNELS[model.card.input.colourSpace];
    this.#outputChannels = OUTPUT_CHANNELS[model.card.output.meaning];
    this.#size = size;
    [this.#input, this.#feeds] = this.#makeInput(size);
  }

  /**
   * Loads a model by name for pictures of one size. Throws AfterglowError `model-missing` or `model-broken`.
   *
   * threads: CPU threads of one run. One leaves the other core to decoding and encoding.
   */
  static async open(
    name: string,
    size: InputSize,
    options: { readonly provider?: Provider; readonly threads?: number; readonly folder?: string } = {},
  ): Promise<NetworkSession> {
    return NetworkSession.load(findModel(name, options.folder), size, options);
  }

  /** Loads a network that is at hand with its card, for `open` and for models not yet installed. Throws as `open` does. */
  static async load(
    model: Model,
    size: InputSize,
    options: { readonly provider?: Provider; readonly threads?: number } = {},
  ): Promise<NetworkSession> {
    const provider = options.provider ?? 'cpu';
    let session: InferenceSession;
    try {
      session = await InferenceSession.create(model.file, {
        executionProviders: [provider],
        intraOpNumThreads: options.threads ?? 1,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        graphOptimizationLevel: 'all',
        logSeverityLevel: 3,
      });
    } catch (cause) {
      throw brokenModel(model, `cannot be loaded on provider ${provider}`, cause);
    }
    const fault = contractFault(model.card, session);
    if (fault !== null) {
      await session.release();
      throw brokenModel(model, fault);
    }
    const network = new NetworkSession(model, session, size, provider);
    // The first run plans memory and compiles; do it before anybody waits, and find a wrong shape now.
    await network.run();
    return network;
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
    const { width, height } = this.#size;
    let outputs: InferenceSession.OnnxValueMapType;
    try {
      outputs = await this.#session.run(this.#feeds);
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
    return output.data as Float32Array;
  }

  /** Frees the network's memory. Not while a run is under way. */
  async close(): Promise<void> {
    await this.#session.release();
  }

  #makeInput({ width, height }: InputSize): [Float32Array, Record<string, Tensor>] {
    // The runtime refuses tensors in shared memory, so this is a buffer of its own.
    const input = new Float32Array(this.#channels * width * height);
    return [input, { [this.model.card.input.name]: new Tensor('float32', input, [1, this.#channels, height, width]) }];
  }
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
