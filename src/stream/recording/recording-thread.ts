import { MessageChannel, Worker } from 'node:worker_threads';
import type { NamedRecipe, RecordingOptions, RecordingState, StreamOptions } from '../stream-messages.js';
import { AfterglowError, type ErrorReport } from '../../errors/afterglow-error.js';
import { recordingError, recordingFailure } from './recording-error.js';
import { RecordingGauge } from './recording-gauge.js';
import type {
  Making,
  RecordingCommand,
  RecordingReport,
  RecordingTapData,
  RecordingWorkerData,
} from './recording-messages.js';
import type { RecordingKind } from './recording-name.js';

type Log = (level: 'info' | 'warn', message: string) => void;

/** What a recipe's pictures are made by, for their metadata. */
export function makingFrom({ name, recipe }: NamedRecipe, strength: number): Making {
  const network = recipe.stages.find((stage) => stage.stage === 'network');
  return { pipeline: name, model: network?.model ?? null, strength };
}

/** A stream's recording as the rest of its process sees it: a thread of its own that nobody waits for. */
export class RecordingThread {
  readonly #options: RecordingOptions;
  readonly #log: Log;
  readonly #worker: Worker;
  readonly #gone: Promise<void>;
  readonly #gauges: { readonly gauge: RecordingGauge; readonly kind: RecordingKind }[] = [];
  readonly #errors = new Map<RecordingKind, ErrorReport>();
  #figures = { bytes: 0, lost: 0 };
  #broken: ErrorReport | null = null;
  #wasOverflowing = false;

  private constructor(streamId: string, options: RecordingOptions, making: Making, log: Log) {
    this.#options = options;
    this.#log = log;
    const data: RecordingWorkerData = { streamId, options, making };
    this.#worker = new Worker(new URL('./recording-worker.js', import.meta.url), {
      workerData: data,
      name: 'afterglow-recording',
    });
    this.#gone = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
    this.#worker.on('message', (report: RecordingReport) => this.#hear(report));
    this.#worker.on('error', (thrown: unknown) => {
      // The picture goes on; the next start of the stream's process records again.
      this.#broken = recordingError(options.folder, thrown).toReport();
      log('warn', AfterglowError.fromReport(this.#broken).sentence);
    });
  }

  /** Starts the thread where anything is to be recorded; null where nothing is. */
  static start(
    stream: Pick<StreamOptions, 'id' | 'recording' | 'regions'>,
    making: Making,
    log: Log,
  ): RecordingThread | null {
    const { id, recording, regions } = stream;
    // A copy of the camera's packets would show what must stay hidden. The configuration refuses it, and so does this.
    const original = recording?.original === true && regions.private.length === 0;
    if (recording?.original && !original) log('warn', 'the original is not recorded, as it would show private regions');
    if (!recording || (!original && !recording.enhanced)) return null;
    return new RecordingThread(id, { ...recording, original }, making, log);
  }

  /** A new tap for a thread that has packets of a kind; its port is to be transferred. Null where it is not recorded. */
  tap(kind: RecordingKind): RecordingTapData | null {
    if (!this.#options[kind]) return null;
    const { port1, port2 } = new MessageChannel();
    const gauge = new RecordingGauge();
    this.#gauges.push({ gauge, kind });
    const command: RecordingCommand = { kind: 'tap', recording: kind, port: port2, gauge: gauge.buffer };
    this.#worker.postMessage(command, [port2]);
    return { port: port1, gauge: gauge.buffer };
  }

  /** What makes the enhanced pictures from now on. */
  setMaking(making: Making): void {
    this.#worker.postMessage({ kind: 'making', making } satisfies RecordingCommand);
  }

  /** How it goes. */
  get state(): RecordingState {
    const overflowing = this.#gauges.some(({ gauge }) => gauge.overflowing);
    const tooSlow = overflowing ? this.#tooSlow() : null;
    const error = this.#broken ?? tooSlow ?? this.#errors.get('enhanced') ?? this.#errors.get('original') ?? null;
    if (tooSlow && !this.#wasOverflowing) this.#log('warn', AfterglowError.fromReport(tooSlow).sentence);
    if (!overflowing && this.#wasOverflowing) this.#log('info', 'the disk keeps up with the recording again');
    this.#wasOverflowing = overflowing;
    const lost = this.#gauges.reduce((sum, { gauge }) => sum + gauge.lost, this.#figures.lost);
    return { kind: error ? 'paused' : 'recording', error, bytes: this.#figures.bytes, lost };
  }

  /** Ends all files; resolves when the thread is gone. A hanging disk can keep it for ever. */
  async finish(): Promise<void> {
    this.#worker.postMessage({ kind: 'finish' } satisfies RecordingCommand);
    await this.#gone;
  }

  #hear(report: RecordingReport): void {
    switch (report.kind) {
      case 'figures':
        this.#figures = report;
        break;
      case 'note':
        this.#log('info', report.message);
        break;
      case 'state':
        if (report.error) {
          this.#errors.set(report.recording, report.error);
          this.#log('warn', AfterglowError.fromReport(report.error).sentence);
        } else if (this.#errors.delete(report.recording)) {
          this.#log('info', `recording of ${report.recording} pictures goes on`);
        }
        break;
    }
  }

  #tooSlow(): ErrorReport {
    return recordingFailure(
      `recording into ${this.#options.folder} has paused: its disk does not keep up`,
      'use a faster disk, or record less; it goes on by itself',
    ).toReport();
  }
}
