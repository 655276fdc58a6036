import { MessageChannel, Worker, type Transferable } from 'node:worker_threads';
import { Enhancer } from '../enhance/enhancer.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { FrameRing } from '../frames/frame-ring.js';
import { SharedArena } from '../frames/shared-arena.js';
import { ControlBlock } from './control-block.js';
import { CounterBoard } from './counter-board.js';
import { HistogramBoard } from './histogram-board.js';
import { makingFrom, RecordingThread } from './recording/recording-thread.js';
import type {
  Rendition,
  RtpAnchor,
  SourceInfo,
  StreamEvent,
  StreamOptions,
  StreamState,
  StreamStats,
} from './stream-messages.js';
import type {
  EnhanceMessage,
  EnhanceWorkerData,
  OutputMessage,
  OutputWorkerData,
  SourceMessage,
  SourceStart,
  SourceWorkerData,
} from './worker-messages.js';

/** Pictures in each ring: one being written, one being read, and what bursts need. */
const SOURCE_SLOTS = 5;
const OUTPUT_SLOTS = 4;
const COMPARE_SLOTS = 3;
/** How often figures are sent, in milliseconds. */
const STATS_EVERY = 500;

/** One stream in its process: starts its threads, joins them by shared memory, and tells how they do. */
export class StreamSession {
  readonly #options: StreamOptions;
  readonly #tell: (event: StreamEvent) => void;
  readonly #control = new ControlBlock();
  readonly #counters = new CounterBoard();
  readonly #histograms = new HistogramBoard();
  readonly #workers = new Map<'source' | 'enhance' | 'output', Worker>();
  readonly #recording: RecordingThread | null;
  readonly #anchors: Partial<Record<Rendition, RtpAnchor>> = {};
  #rings: { readonly source: FrameRing; readonly output: FrameRing } | null = null;
  #state: StreamState = { kind: 'starting' };
  #source: SourceInfo | null = null;
  #awaySince = 0;
  #networkMilliseconds: number | null = null;
  #noise: number | null = null;
  #encoder = '';
  #timer: NodeJS.Timeout | null = null;
  #ended: (() => void) | null = null;

  constructor(options: StreamOptions, tell: (event: StreamEvent) => void) {
    this.#options = options;
    this.#tell = tell;
    this.#control.strength = options.strength;
    const making = makingFrom(options.recipe, options.strength);
    this.#recording = RecordingThread.start(options.id, options.recording, making, (level, message) =>
      this.#log(level, message),
    );
  }

  /** Starts the stream; resolves when it has ended, failed or been stopped and its threads are gone. */
  async run(): Promise<void> {
    this.#timer = setInterval(() => this.#tell({ kind: 'stats', stats: this.stats() }), STATS_EVERY);
    const ended = new Promise<void>((resolve) => (this.#ended = resolve));
    this.#setState({ kind: 'starting' });
    this.#startSource();
    await ended;
    await this.#endThreads();
    clearInterval(this.#timer);
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
    this.#recording?.setMaking(makingFrom(this.#options.recipe, value));
  }

  /** Turns the side-by-side rendition on or off. */
  setCompare(on: boolean): void {
    this.#control.compare = on;
  }

  /** Figures up to now. */
  stats(): StreamStats {
    return {
      counters: this.#counters.read(),
      histograms: this.#histograms.read(),
      overtaken: { source: this.#rings?.source.overtaken ?? 0, output: this.#rings?.output.overtaken ?? 0 },
      networkMilliseconds: this.#networkMilliseconds,
      noise: this.#noise,
      anchors: { ...this.#anchors },
      encoder: this.#encoder,
      governor: { level: 0, reason: '', networkRate: null, workingSize: null, frameStep: 1 },
      gate: { open: true, luminance: null },
      recording: this.#recording?.state ?? { kind: 'off', error: null, bytes: 0, lost: 0 },
      lastArrival: 0,
      memoryBytes: process.memoryUsage.rss(),
    };
  }

  #startSource(): void {
    const { input, loop, maxPixels, exact } = this.#options;
    const audio = new MessageChannel();
    const recording = this.#recording?.tap('original') ?? null;
    const data: SourceWorkerData = { ...this.#common(), input, loop, maxPixels, exact, audio: audio.port1, recording };
    const worker = this.#spawn('source', data, [audio.port1, ...(recording ? [recording.port] : [])]);
    worker.on('message', (message: SourceMessage) => {
      switch (message.kind) {
        case 'opened':
          this.#source = message.source;
          this.#startRest(worker, message.source, audio.port2).catch((error: unknown) => this.#fail(error));
          break;
        case 'live':
          if (this.#source) this.#setState({ kind: 'live', source: this.#source });
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

  async #startRest(source: Worker, info: SourceInfo, audio: MessageChannel['port2']): Promise<void> {
    const { format } = info;
    const { width, height } = format;
    const { exact } = this.#options;
    const { recipe } = this.#options.recipe;
    const enhancer = { recipe, picture: { width, height }, mode: exact ? 'exact' : 'live' } as const;
    const enhancerBytes = Enhancer.bytes(enhancer);
    const arena = SharedArena.create(
      FrameRing.bytes(width, height, SOURCE_SLOTS) +
        FrameRing.bytes(width, height, OUTPUT_SLOTS) +
        FrameRing.bytes(width * 2, height, COMPARE_SLOTS) +
        enhancerBytes +
        4096,
    );
    const policy = exact ? 'back-pressure' : 'newest-wins';
    const sourceRing = FrameRing.create(arena, { width, height, slots: SOURCE_SLOTS, policy });
    const outputRing = FrameRing.create(arena, { width, height, slots: OUTPUT_SLOTS, policy: 'back-pressure' });
    const compareRing = FrameRing.create(arena, {
      width: width * 2,
      height,
      slots: COMPARE_SLOTS,
      policy: 'newest-wins',
    });
    this.#rings = { source: sourceRing, output: outputRing };
    const pictures = new MessageChannel();

    const output: OutputWorkerData = {
      ...this.#common(),
      memory: arena.memory,
      output: outputRing.handle,
      compare: compareRing.handle,
      format,
      frameRate: info.frameRate,
      encoder: this.#options.encoder,
      sound: info.sound,
      hlsFolder: this.#options.hlsFolder,
      rtpPort: this.#options.rtpPort,
      pictures: pictures.port2,
      audio,
      recording: this.#recording?.tap('enhanced') ?? null,
    };
    const enhance: EnhanceWorkerData = {
      ...this.#common(),
      region: arena.carve(enhancerBytes),
      source: sourceRing.handle,
      output: outputRing.handle,
      compare: compareRing.handle,
      recipe,
      format,
      exact,
      pictures: pictures.port1,
    };
    await Promise.all([this.#startOutput(output, audio), this.#startEnhance(enhance)]);
    const start: SourceStart = { memory: arena.memory, ring: sourceRing.handle };
    source.postMessage(start);
    for (const note of info.notes) this.#log('info', `pictures are ${note}`);
    this.#setState({ kind: 'live', source: info });
  }

  #startOutput(data: OutputWorkerData, audio: MessageChannel['port2']): Promise<void> {
    const worker = this.#spawn('output', data, [
      data.pictures,
      audio,
      ...(data.recording ? [data.recording.port] : []),
    ]);
    return new Promise((resolve) => {
      worker.on('message', (message: OutputMessage) => {
        switch (message.kind) {
          case 'ready':
            this.#encoder = message.encoder;
            if (message.rtpPort !== null) this.#tell({ kind: 'rtp', port: message.rtpPort });
            resolve();
            break;
          case 'anchor':
            this.#anchors[message.rendition] = message.anchor;
            break;
          case 'note':
            this.#log('warn', message.message);
            break;
          case 'finished':
            if (this.#state.kind !== 'failed') this.#state = { kind: 'ended' };
            this.#ended?.();
            break;
          case 'failed':
            this.#fail(AfterglowError.fromReport(message.error));
            break;
        }
      });
    });
  }

  #startEnhance(data: EnhanceWorkerData): Promise<void> {
    const worker = this.#spawn('enhance', data, [data.pictures]);
    return new Promise((resolve) => {
      worker.on('message', (message: EnhanceMessage) => {
        switch (message.kind) {
          case 'ready':
            this.#networkMilliseconds = message.networkMilliseconds;
            resolve();
            break;
          case 'noise':
            this.#noise = message.deviation;
            break;
          case 'failed':
            this.#fail(AfterglowError.fromReport(message.error));
            break;
        }
      });
    });
  }

  #spawn(name: 'source' | 'enhance' | 'output', data: object, transfer: readonly Transferable[]): Worker {
    const worker = new Worker(new URL(`./${name}-worker.js`, import.meta.url), {
      workerData: data,
      transferList: [...transfer],
      name: `afterglow-${name}`,
    });
    this.#workers.set(name, worker);
    worker.on('error', (error) => this.#fail(error));
    worker.once('exit', () => this.#workers.delete(name));
    return worker;
  }

  #common(): {
    readonly control: SharedArrayBuffer;
    readonly counters: SharedArrayBuffer;
    readonly histograms: SharedArrayBuffer;
  } {
    return { control: this.#control.buffer, counters: this.#counters.buffer, histograms: this.#histograms.buffer };
  }

  #lost(message: Extract<SourceMessage, { kind: 'lost' }>): void {
    if (this.#state.kind !== 'reconnecting') this.#awaySince = Date.now();
    const { error, retryInMs } = message;
    this.#setState({ kind: 'reconnecting', error, since: this.#awaySince, retryInMs });
  }

  #fail(thrown: unknown): void {
    if (this.#state.kind === 'failed') return;
    const error = AfterglowError.from(thrown);
    if (error.code === 'internal' && thrown instanceof Error) this.#log('debug', thrown.stack ?? thrown.message);
    this.#setState({ kind: 'failed', error: error.toReport() });
    this.#ended?.();
  }

  /** Ends the threads, each in its own time: none may be terminated while native code runs in it. */
  async #endThreads(): Promise<void> {
    this.#control.stop();
    const threads = [...this.#workers.values()];
    const gone = threads.map((worker) => new Promise<void>((resolve) => worker.once('exit', () => resolve())));
    this.#workers.get('output')?.postMessage({ kind: 'finish' });
    await Promise.all(gone);
    await this.#recording?.finish();
  }

  #setState(state: StreamState): void {
    this.#state = state;
    this.#tell({ kind: 'state', state });
  }

  #log(level: 'debug' | 'info' | 'warn', message: string): void {
    this.#tell({ kind: 'log', level, message });
  }
}
