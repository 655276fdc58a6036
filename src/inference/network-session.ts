import { InferenceSession, Tensor } from 'onnxruntime-node';
import { AfterglowError } from '../errors/afterglow-error.js';
import { findModel, type Model } from './model-card.js';

/** Where a network runs. */
export type Provider = 'cpu' | 'webgpu' | 'cuda';

/** A network ready to run at one size. Not for concurrent calls: one run at a time, as the WebGPU provider needs it. */
export class NetworkSession {
  readonly model: Model;
  readonly width: number;
  readonly height: number;
  readonly provider: Provider;
  readonly #session: InferenceSession;
  readonly #feeds: Record<string, Tensor>;
  /** Input pixels, planar RGB in 0..1, [3, height, width]; to be filled before `run`. */
  readonly input: Float32Array;

  private constructor(model: Model, session: InferenceSession, width: number, height: number, provider: Provider) {
    this.model = model;
    this.width = width;
    this.height = height;
    this.provider = provider;
    this.#session = session;
    // The runtime refuses tensors in shared memory, so this is a buffer of its own.
    this.input = new Float32Array(3 * width * height);
    this.#feeds = { [model.card.input.name]: new Tensor('float32', this.input, [1, 3, height, width]) };
  }

  /**
   * Loads a model by name for pictures of one size. Throws AfterglowError `model-missing` or `model-broken`.
   *
   * threads: CPU threads of one run. One leaves the other core to decoding and encoding.
   */
  static async open(
    name: string,
    size: { readonly width: number; readonly height: number },
    options: { readonly provider?: Provider; readonly threads?: number; readonly folder?: string } = {},
  ): Promise<NetworkSession> {
    const model = findModel(name, options.folder);
    const provider = options.provider ?? 'cpu';
    const { input, output } = model.card;
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
    if (!session.inputNames.includes(input.name))
      throw brokenModel(model, `has no input "${input.name}" (field "input.name")`);
    if (!session.outputNames.includes(output.name)) {
      throw brokenModel(model, `has no output "${output.name}" (field "output.name")`);
    }
    const network = new NetworkSession(model, session, size.width, size.height, provider);
    // The first run plans memory and compiles; do it before anybody waits, and find a wrong shape now.
    const result = await network.run();
    if (result.length !== 3 * size.width * size.height) {
      throw brokenModel(
        model,
        `gives ${result.length} values for a ${size.width}x${size.height} picture (field "output")`,
      );
    }
    return network;
  }

  /**
   * Runs the network on `input`. The result is planar RGB, [3, height, width], valid until the next run. Blocks the
   * calling thread while it computes. Throws AfterglowError `model-broken`.
   */
  async run(): Promise<Float32Array> {
    let outputs: InferenceSession.OnnxValueMapType;
    try {
      outputs = await this.#session.run(this.#feeds);
    } catch (cause) {
      throw brokenModel(this.model, `failed on a ${this.width}x${this.height} picture`, cause);
    }
    const output = outputs[this.model.card.output.name];
    if (output?.type !== 'float32') throw brokenModel(this.model, 'does not give 32-bit floats (field "output")');
    return output.data as Float32Array;
  }

  /** Frees the network's memory. Not while a run is under way. */
  async close(): Promise<void> {
    await this.#session.release();
  }
}

function brokenModel(model: Model, what: string, cause?: unknown): AfterglowError {
  return new AfterglowError('model-broken', `the network ${model.file} ${what}`, {
    remedy: 'restore the file or correct its card',
    cause,
  });
}
