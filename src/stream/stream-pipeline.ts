import { availableParallelism } from 'node:os';
import { MessageChannel, Worker, type Transferable } from 'node:worker_threads';
import type { GateConfig } from '../config/stream-schema.js';
import { Enhancer } from '../enhance/enhancer.js';
import type { Size } from '../enhance/working-size.js';
import { FrameRing, type FrameRingHandle } from '../frames/frame-ring.js';
import { SoundRing } from '../frames/sound-ring.js';
import { SharedArena } from '../frames/shared-arena.js';
import type { StoredPicture } from '../media/last-picture.js';
import type { RecordingTapData } from './recording/recording-messages.js';
import { ControlBlock } from './control-block.js';
import { halfSize } from './extra-pictures.js';
import { helperCount } from './helper-count.js';
import type { NamedRecipe, SourceInfo, StreamOptions } from './stream-messages.js';
import type {
  CommonWorkerData,
  EnhanceCommand,
  EnhanceMessage,
  EnhanceWorkerData,
  ExtraRings,
  OutputCommand,
  OutputMessage,
  OutputWorkerData,
  SourceStart,
} from './worker-messages.js';

/** Pictures in each ring: one being written, one being read, and what bursts need. */
const SOURCE_SLOTS = 5;
const OUTPUT_SLOTS = 4;
const EXTRA_SLOTS = 3;

/** What a pipeline is made for. */
export interface PipelinePlan {
  readonly options: StreamOptions;
  readonly common: CommonWorkerData;
  /** The source's pictures and sound. */
  readonly source: SourceInfo;
  /** As they are set now. */
  readonly recipe: NamedRecipe;
  readonly gate: GateConfig;
  /** Whether there is a source at all; without one the last picture alone is shown. */
  readonly enhances: boolean;
  /** Whether viewers wait already: they get the picture as it is until the network is loaded. */
  readonly beginsPlain: boolean;
  readonly lastPicture: StoredPicture | null;
  /** When that picture was taken, in milliseconds since 1970; null if unknown. */
  readonly lastPictureTaken: number | null;
  /** What the threads say. */
  readonly hear: {
    readonly enhance: (message: EnhanceMessage) => void;
    readonly output: (message: OutputMessage) => void;
    readonly failed: (error: unknown) => void;
  };
}

/** The threads behind the source, with the memory that joins them, for pictures of one format. */
export class StreamPipeline {
  readonly plan: PipelinePlan;
  /** Where the source's pictures go. */
  readonly memory: WebAssembly.Memory;
  readonly sourceRing: FrameRing;
  readonly outputRing: FrameRing;
  readonly #extras: ExtraRings;
  readonly #arena: SharedArena;
  readonly #enhancerBytes: number;
  readonly #helpers: number;
  readonly #audio = new MessageChannel();
  readonly #soundRing = new SoundRing();
  readonly #pictures = new MessageChannel();
  readonly #commands = new MessageChannel();
  readonly #workers = new Set<{ readonly worker: Worker; readonly gone: Promise<void> }>();
  #output: Worker | null = null;
  #audioTaken = false;
  #isStopping = false;

  /** Throws AfterglowError where the model has no right card, RangeError where there is no memory. */
  constructor(plan: PipelinePlan) {
    this.plan = plan;
    const { width, height } = plan.source.format;
    const { exact } = plan.options;
    const helpers = helperCount(
      { width, height },
      new ControlBlock(plan.common.control).fairCores || availableParallelism(),
    );
    this.#helpers = helpers;
    const mode = exact ? 'exact' : 'live';
    this.#enhancerBytes = plan.enhances
      ? Enhancer.bytes({ recipe: plan.recipe.recipe, picture: { width, height }, mode, helpers })
      : 0;
    const half = halfSize({ width, height });
    this.#arena = SharedArena.create(
      FrameRing.bytes(width, height, SOURCE_SLOTS) +
        FrameRing.bytes(width, height, OUTPUT_SLOTS) +
        FrameRing.bytes(width * 2, height, EXTRA_SLOTS) +
        FrameRing.bytes(half.width, half.height, EXTRA_SLOTS) +
        this.#enhancerBytes +
        4096,
      true,
    );
    this.memory = this.#arena.memory;
    const policy = exact ? 'back-pressure' : 'newest-wins';
    this.sourceRing = FrameRing.create(this.#arena, { width, height, slots: SOURCE_SLOTS, policy });
    this.outputRing = FrameRing.create(this.#arena, { width, height, slots: OUTPUT_SLOTS, policy: 'back-pressure' });
    const extra = (size: Size): FrameRingHandle =>
      FrameRing.create(this.#arena, { ...size, slots: EXTRA_SLOTS, policy: 'newest-wins' }).handle;
    this.#extras = { compare: extra({ width: width * 2, height }), small: extra(half) };
  }

  /** Whether it is being stopped, and what its threads say has no meaning any more. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Whether another source's pictures and sound can go through it. */
  fits(source: SourceInfo): boolean {
    const { format, sound, frameRate } = this.plan.source;
    const rates = source.frameRate / frameRate;
    return (
      this.plan.enhances &&
      source.sound === sound &&
      source.format.width === format.width &&
      source.format.height === format.height &&
      source.format.matrix === format.matrix &&
      source.format.range === format.range &&
      // The rate counts for the bitrate alone.
      rates > 0.6 &&
      rates < 1.7
    );
  }

  /** Loads the network, or begins to. Resolves when pictures may come. */
  startEnhancing(): Promise<void> {
    const { options, common, recipe, gate, source, hear } = this.plan;
    const data: EnhanceWorkerData = {
      ...common,
      region: this.#arena.carve(this.#enhancerBytes),
      source: this.sourceRing.handle,
      output: this.outputRing.handle,
      extras: this.#extras,
      recipe,
      gate,
      regions: options.regions,
      latency: options.latency,
      format: source.format,
      exact: options.exact,
      beginsPlain: this.plan.beginsPlain,
      helpers: this.#helpers,
      pictures: this.#pictures.port1,
      commands: this.#commands.port2,
    };
    const worker = this.#spawn('enhance', data, [data.pictures, data.commands]);
    return new Promise((resolve) => {
      worker.on('message', (message: EnhanceMessage) => {
        if (message.kind === 'ready') resolve();
        hear.enhance(message);
      });
    });
  }

  /** Opens the encoder, HLS and RTP. recording: where it goes besides, or null. Resolves when they are ready. */
  startOutput(recording: RecordingTapData | null): Promise<void> {
    const { options, common, source, lastPicture, lastPictureTaken, hear } = this.plan;
    const data: OutputWorkerData = {
      ...common,
      memory: this.memory,
      output: this.outputRing.handle,
      extras: this.#extras,
      lastPicture,
      lastPictureTaken,
      placeholders: !options.exact,
      format: source.format,
      frameRate: source.frameRate,
      encoder: options.encoder,
      sound: source.sound,
      hlsFolder: options.hlsFolder,
      rtpPort: options.rtpPort,
      pictures: this.#pictures.port2,
      audio: this.#audio.port2,
      soundRing: this.#soundRing.buffer,
      recording,
    };
    const worker = this.#spawn('output', data, [data.pictures, data.audio, ...(recording ? [recording.port] : [])]);
    this.#output = worker;
    return new Promise((resolve) => {
      worker.on('message', (message: OutputMessage) => {
        if (message.kind === 'ready') resolve();
        hear.output(message);
      });
    });
  }

  /** Where sound goes, once: a port belongs to one thread. Null when it has been taken. */
  takeAudio(): SourceStart['audio'] {
    if (this.#audioTaken) return null;
    this.#audioTaken = true;
    return { port: this.#audio.port1, ring: this.#soundRing.buffer };
  }

  /** Tells the enhancing thread something; it acts on it with its next picture. */
  command(command: EnhanceCommand): void {
    this.#commands.port1.postMessage(command);
  }

  /** Ends the threads, each in its own time: none may be terminated while native code runs in it. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.sourceRing.close();
    this.#output?.postMessage({ kind: 'finish' } satisfies OutputCommand);
    await Promise.all([...this.#workers].map(({ gone }) => gone));
    this.#commands.port1.close();
    if (!this.#audioTaken) this.#audio.port1.close();
  }

  #spawn(name: 'enhance' | 'output', data: object, transfer: readonly Transferable[]): Worker {
    const worker = startThread(name, data, transfer);
    worker.on('error', (error) => this.plan.hear.failed(error));
    this.#workers.add({ worker, gone: new Promise((resolve) => worker.once('exit', () => resolve())) });
    return worker;
  }
}

/** Starts one of the stream's threads. */
export function startThread(
  name: 'source' | 'enhance' | 'output',
  data: object,
  transfer: readonly Transferable[] = [],
): Worker {
  return new Worker(new URL(`./${name}-worker.js`, import.meta.url), {
    workerData: data,
    transferList: [...transfer],
    name: `afterglow-${name}`,
  });
}
