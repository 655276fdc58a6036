import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import type { Provider } from '../config/provider-names.js';
import type { GateConfig } from '../config/stream-schema.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { toWallClock } from '../frames/steady-clock.js';
import type { TraceBoard } from '../frames/trace-board.js';
import { withoutProvider } from '../inference/placement.js';
import { encodeJpeg } from '../media/jpeg-encoder.js';
import { WHIP_DESCRIPTION } from '../media/whip-description.js';
import { ControlBlock } from './control-block.js';
import { CounterBoard } from './counter-board.js';
import { HistogramBoard } from './histogram-board.js';
import { makingFrom, RecordingThread } from './recording/recording-thread.js';
import { SourceMarks } from './source-marks.js';
import { emptyStandby, hasStandby, standbyFrom } from './standby-source.js';
import {
  RENDITIONS,
  type ExtraRendition,
  type GateState,
  type GovernorState,
  type NamedRecipe,
  type Rendition,
  type RtpAnchor,
  type SnapshotView,
  type SourceInfo,
  type StreamEvent,
  type StreamOptions,
  type StreamState,
  type StreamStats,
} from './stream-messages.js';
import { StreamPipeline, startThread } from './stream-pipeline.js';
import type { CommonWorkerData, EnhanceMessage, OutputMessage, SourceMessage, SourceStart, SourceWorkerData } from './worker-messages.js'; // prettier-ignore

/** How often figures are sent, in milliseconds. */
const STATS_EVERY = 500;

/** One stream in its process: starts its threads, joins them by shared memory, and tells how they do. */
export class StreamSession {
  readonly #options: StreamOptions;
  readonly #tell: (event: StreamEvent) => void;
  readonly #control = new ControlBlock();
  readonly #counters = new CounterBoard();
  readonly #histograms = new HistogramBoard();
  readonly #marks = new SourceMarks();
  readonly #recording: RecordingThread | null;
  readonly #anchors: Partial<Record<Rendition, RtpAnchor>> = {};
  #recipe: NamedRecipe;
  #gate: GateConfig;
  #source: { readonly worker: Worker; readonly gone: Promise<void> } | null = null;
  #pipeline: StreamPipeline | null = null;
  /** Pictures that pipelines before this one lost. */
  #overtakenBefore = { source: 0, output: 0 };
  /** Pipelines are made one after the other. */
  #building: Promise<void> = Promise.resolve();
  #state: StreamState = { kind: 'starting' };
  #awaySince = 0;
  #governor: GovernorState = { level: 0, reason: '', networkRate: null, workingSize: null, native: null, frameStep: 1 };
  #gateState: GateState = { open: true, luminance: null };
  #networkMilliseconds: number | null = null;
  #provider: Provider | null = null;
  #noise: number | null = null;
  /** Steady clock. */
  #lastArrival = 0;
  #encoder = '';
  readonly #trace: TraceBoard | null;
  #ended: (() => void) | null = null;
  #isEnding = false;

  /** trace: where the time of each picture is traced, or null. */
  constructor(options: StreamOptions, tell: (event: StreamEvent) => void, trace: TraceBoard | null = null) {
    this.#options = options;
    this.#trace = trace;
    this.#tell = tell;
    this.#recipe = options.recipe;
    this.#gate = options.gate;
    this.#control.strength = options.strength;
    const making = makingFrom(options.recipe, options.strength);
    this.#recording = RecordingThread.start(options, making, (level, message) => this.#log(level, message));
  }

  /** Starts the stream; resolves when it has ended, failed or been stopped and its threads are gone. */
  async run(): Promise<void> {
    const timer = setInterval(() => this.#tell({ kind: 'stats', stats: this.stats() }), STATS_EVERY);
    const ended = new Promise<void>((resolve) => (this.#ended = resolve));
    this.#setState({ kind: 'starting' });
    this.#startSource();
    await ended;
    await this.#endThreads();
    clearInterval(timer);
    this.#tell({ kind: 'stats', stats: this.stats() });
    this.#tell({ kind: 'state', state: this.#state });
  }

  /** Ends the stream. */
  stop(): void {
    this.#ended?.();
  }

  /** 0 shows the picture as it came, 1 the pipeline's full effect; acts on the next picture. */
  setStrength(value: number): void {
    this.#control.strength = value;
    this.#tellMaking();
  }

  /** Which renditions are wanted besides the enhanced one. */
  setWanted(renditions: readonly ExtraRendition[]): void {
    this.#control.setWanted(renditions);
  }

  /** When the stream is enhanced from now on. */
  setGate(gate: GateConfig): void {
    this.#gate = gate;
    this.#pipeline?.command({ kind: 'gate', gate });
  }

  /** Another pipeline; told by an event `recipe` when it is at work. */
  setRecipe(recipe: NamedRecipe): void {
    if (this.#pipeline?.plan.enhances) {
      this.#pipeline.command({ kind: 'recipe', recipe });
      return;
    }
    this.#recipe = recipe;
    this.#tell({ kind: 'recipe', name: recipe.name, error: null });
  }

  /** CPU cores that are this stream's fair share. */
  setShare(cores: number): void {
    this.#control.fairCores = cores;
  }

  /** Takes a picture; told by an event `snapshot` or `snapshot-failed`. */
  takeSnapshot(request: number, view: SnapshotView): void {
    if (this.#pipeline?.plan.enhances) this.#pipeline.command({ kind: 'snapshot', request, view });
    else this.#failSnapshot(request);
  }

  /** Figures up to now. */
  stats(): StreamStats {
    const { sourceRing, outputRing } = this.#pipeline ?? {};
    const before = this.#overtakenBefore;
    return {
      counters: this.#counters.read(),
      histograms: this.#histograms.read(),
      overtaken: {
        source: before.source + (sourceRing?.overtaken ?? 0),
        output: before.output + (outputRing?.overtaken ?? 0),
      },
      networkMilliseconds: this.#networkMilliseconds,
      provider: this.#provider,
      noise: this.#noise,
      anchors: this.#wallAnchors(),
      encoder: this.#encoder,
      governor: this.#governor,
      gate: this.#gateState,
      recording: this.#recording?.state ?? { kind: 'off', error: null, bytes: 0, lost: 0 },
      seen: this.#marks.read(),
      lastArrival: this.#lastArrival === 0 ? 0 : toWallClock(this.#lastArrival),
      memoryBytes: process.memoryUsage.rss(),
    };
  }

  #startSource(): void {
    const { input, transport, regions, loop, maxPixels, exact } = this.#options;
    const whipDescription = path.join(this.#options.hlsFolder, WHIP_DESCRIPTION);
    const recording = this.#recording?.tap('original') ?? null;
    const data: SourceWorkerData = { ...this.#common(), input, whipDescription, transport, regions, loop, maxPixels, exact, recording }; // prettier-ignore
    const worker = startThread('source', data, recording ? [recording.port] : []);
    this.#source = { worker, gone: new Promise((resolve) => worker.once('exit', () => resolve())) };
    worker.on('error', (error) => this.#fail(error));
    worker.on('message', (message: SourceMessage) => {
      switch (message.kind) {
        case 'opened':
          this.#inTurn(() => this.#serve(message.source));
          break;
        case 'lost':
          this.#lost(message);
          break;
        case 'ended':
          // The threads behind finish what is on its way; the encoder's `finished` ends the stream.
          this.#log('info', 'the file has come to its end');
          break;
        case 'note':
          this.#log('info', message.message);
          break;
        case 'failed':
          this.#fail(AfterglowError.fromReport(message.error));
          break;
      }
    });
  }

  /** Finds a place for what the source brings: the pipeline that there is, or another if that does not fit. */
  async #serve(source: SourceInfo): Promise<void> {
    const present = this.#pipeline;
    const fits = present?.fits(source) ?? false;
    if (present && !fits && present.plan.enhances) this.#log('info', `the source has changed: ${describe(source)}`);
    const pipeline = present && fits ? present : await this.#replace(source);
    if (this.#isEnding) return;
    const start: SourceStart = {
      memory: pipeline.memory,
      ring: pipeline.sourceRing.handle,
      audio: pipeline.takeAudio(),
    };
    this.#source?.worker.postMessage(start, start.audio ? [start.audio.port] : []);
    if (!fits) for (const note of source.notes) this.#log('info', `pictures are ${note}`);
    this.#setState({ kind: 'live', source });
  }

  async #replace(source: SourceInfo): Promise<StreamPipeline> {
    const beginsPlain = !this.#options.exact && (this.#pipeline !== null || hasStandby(this.#options.hlsFolder));
    const pipeline = this.#plan({ source, enhances: true, beginsPlain });
    // The one before shows its last picture until this one can take over.
    await pipeline.startEnhancing();
    await this.#retire();
    this.#pipeline = pipeline;
    // What was changed while it was being made.
    const { recipe, gate } = pipeline.plan;
    if (recipe !== this.#recipe) pipeline.command({ kind: 'recipe', recipe: this.#recipe });
    if (gate !== this.#gate) pipeline.command({ kind: 'gate', gate: this.#gate });
    await pipeline.startOutput(this.#recording?.tap('enhanced') ?? null);
    return pipeline;
  }

  async #retire(): Promise<void> {
    const last = this.#pipeline;
    if (!last) return;
    this.#pipeline = null;
    await last.stop();
    this.#overtakenBefore = {
      source: this.#overtakenBefore.source + last.sourceRing.overtaken,
      output: this.#overtakenBefore.output + last.outputRing.overtaken,
    };
  }

  /** Until the source can be opened for the first time viewers see the last picture of the process before, or a grey. */
  async #standBy(): Promise<void> {
    if (this.#pipeline || this.#isEnding || this.#options.exact) return;
    const { format, lastPicture, taken } = standbyFrom(this.#options.hlsFolder) ?? emptyStandby();
    const source: SourceInfo = {
      ...format,
      frameRate: 5,
      codec: '',
      container: '',
      sound: false,
      notes: [],
      format,
    };
    const pipeline = this.#plan({ source, enhances: false, lastPicture, lastPictureTaken: taken });
    this.#pipeline = pipeline;
    await pipeline.startOutput(null);
  }

  #plan(
    plan: Pick<StreamPipeline['plan'], 'source' | 'enhances'> &
      Partial<Pick<StreamPipeline['plan'], 'beginsPlain' | 'lastPicture' | 'lastPictureTaken'>>,
  ): StreamPipeline {
    const pipeline: StreamPipeline = new StreamPipeline({
      options: this.#options,
      common: this.#common(),
      recipe: this.#recipe,
      gate: this.#gate,
      beginsPlain: false,
      lastPicture: null,
      lastPictureTaken: null,
      ...plan,
      hear: {
        enhance: (message) => this.#hearEnhance(message),
        output: (message) => this.#hearOutput(message, pipeline),
        failed: (error) => this.#fail(error),
      },
    });
    return pipeline;
  }

  #hearEnhance(message: EnhanceMessage): void {
    switch (message.kind) {
      case 'ready':
        this.#networkMilliseconds = message.networkMilliseconds;
        this.#provider = message.provider;
        break;
      case 'moved': {
        const { from, message: sentence } = message.move;
        // A pipeline that is made later does not try it again.
        this.#recipe = { ...this.#recipe, placements: withoutProvider(this.#recipe.placements, from) };
        this.#log('warn', sentence);
        break;
      }
      case 'state':
        this.#governor = message.governor;
        this.#gateState = message.gate;
        this.#networkMilliseconds = message.networkMilliseconds;
        this.#provider = message.provider;
        this.#noise = message.noise;
        this.#lastArrival = message.lastArrival || this.#lastArrival;
        break;
      case 'recipe':
        if (!message.error) this.#recipe = message.recipe;
        this.#tellMaking();
        this.#tell({ kind: 'recipe', name: message.recipe.name, error: message.error });
        break;
      case 'snapshot':
        this.#sendSnapshot(message);
        break;
      case 'note':
        this.#log('info', message.message);
        break;
      case 'failed':
        this.#fail(AfterglowError.fromReport(message.error));
        break;
    }
  }

  #hearOutput(message: OutputMessage, from: StreamPipeline): void {
    switch (message.kind) {
      case 'ready':
        this.#encoder = message.encoder;
        if (message.rtpPort !== null) this.#tell({ kind: 'rtp', port: message.rtpPort });
        break;
      case 'anchor':
        this.#anchors[message.rendition] = message.anchor;
        break;
      case 'note':
        this.#log('warn', message.message);
        break;
      case 'finished':
        if (from.isStopping) break;
        if (this.#state.kind !== 'failed') this.#state = { kind: 'ended' };
        this.#ended?.();
        break;
      case 'failed':
        this.#fail(AfterglowError.fromReport(message.error));
        break;
    }
  }

  #sendSnapshot({ request, picture, arrival }: Extract<EnhanceMessage, { kind: 'snapshot' }>): void {
    if (!picture) {
      this.#failSnapshot(request);
      return;
    }
    try {
      const jpeg = encodeJpeg(picture.bytes, picture.format);
      this.#tell({ kind: 'snapshot', request, jpeg, taken: toWallClock(arrival) });
    } catch (error) {
      this.#tell({ kind: 'snapshot-failed', request, error: AfterglowError.from(error).toReport() });
    }
  }

  #failSnapshot(request: number): void {
    const error = new AfterglowError('input-lost', `the stream ${this.#options.id} has no picture yet`, {
      remedy: 'ask again when it is live',
      retryable: true,
    });
    this.#tell({ kind: 'snapshot-failed', request, error: error.toReport() });
  }

  /** Anchors with their moments by the time of day. */
  #wallAnchors(): Partial<Record<Rendition, RtpAnchor>> {
    const anchors: Partial<Record<Rendition, RtpAnchor>> = {};
    for (const rendition of RENDITIONS) {
      const anchor = this.#anchors[rendition];
      if (anchor) anchors[rendition] = { ...anchor, arrival: toWallClock(anchor.arrival) };
    }
    return anchors;
  }

  #common(): CommonWorkerData {
    return {
      control: this.#control.buffer,
      counters: this.#counters.buffer,
      histograms: this.#histograms.buffer,
      marks: this.#marks.buffer,
      trace: this.#trace?.buffer ?? null,
    };
  }

  #lost(message: Extract<SourceMessage, { kind: 'lost' }>): void {
    if (this.#state.kind !== 'reconnecting') this.#awaySince = Date.now();
    const { error, retryInMs } = message;
    this.#setState({ kind: 'reconnecting', error, since: this.#awaySince, retryInMs });
    if (!this.#pipeline) this.#inTurn(() => this.#standBy());
  }

  /** Does something once everything before it is done; what it throws is the stream's failure. */
  #inTurn(work: () => Promise<void>): void {
    this.#building = this.#building
      .then(() => (this.#isEnding ? undefined : work()))
      .catch((error: unknown) => this.#fail(error));
  }

  #fail(thrown: unknown): void {
    if (this.#state.kind === 'failed') return;
    const error = AfterglowError.from(thrown);
    if (error.code === 'internal' && thrown instanceof Error) this.#log('debug', thrown.stack ?? thrown.message);
    this.#setState({ kind: 'failed', error: error.toReport() });
    this.#ended?.();
  }

  async #endThreads(): Promise<void> {
    this.#isEnding = true;
    this.#control.stop();
    await Promise.race([this.#building, this.#source?.gone]);
    await Promise.all([this.#pipeline?.stop(), this.#source?.gone]);
    await this.#recording?.finish();
  }

  #tellMaking(): void {
    this.#recording?.setMaking(makingFrom(this.#recipe, this.#control.strength));
  }

  #setState(state: StreamState): void {
    this.#state = state;
    this.#tell({ kind: 'state', state });
  }

  #log(level: 'debug' | 'info' | 'warn', message: string): void {
    this.#tell({ kind: 'log', level, message });
  }
}

function describe({ width, height, frameRate, codec, sound }: SourceInfo): string {
  return `${width}x${height} at ${frameRate.toFixed(2)} pictures a second, ${codec}, ${sound ? 'with' : 'without'} sound`;
}
