import { isMainThread, parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { silenceFfmpeg } from '../../media/ffmpeg-log.js';
import { RecordingArchive } from './recording-archive.js';
import { volumeFull } from './recording-error.js';
import { RecordingGauge } from './recording-gauge.js';
import type { RecordingCommand, RecordingReport, RecordingWorkerData, TapMessage } from './recording-messages.js';
import { RECORDING_KINDS, type RecordingKind } from './recording-name.js';
import { Recorder } from './recorder.js';

/** How often figures are told, and how often the index is written and old files are looked for, in milliseconds. */
const TELL_EVERY = 500;
const INDEX_EVERY = 10_000;

/** The thread that writes recordings: a slow, hanging or full disk stops nothing but this. */
class RecordingService {
  readonly #data: RecordingWorkerData;
  readonly #port: MessagePort;
  readonly #recorders: Readonly<Record<RecordingKind, Recorder>>;
  readonly #taps = new Map<MessagePort, { readonly recorder: Recorder; readonly gauge: RecordingGauge }>();
  readonly #timers: readonly NodeJS.Timeout[];
  #archive: RecordingArchive | null = null;

  constructor(data: RecordingWorkerData, port: MessagePort) {
    this.#data = data;
    this.#port = port;
    const recorder = (kind: RecordingKind): Recorder =>
      new Recorder(kind, data.making, {
        streamId: data.streamId,
        options: data.options,
        archive: () => (this.#archive ??= RecordingArchive.enter(data.options)),
        told: (error) => this.#tell({ kind: 'state', recording: kind, error: error?.toReport() ?? null }),
      });
    this.#recorders = { original: recorder('original'), enhanced: recorder('enhanced') };
    this.#timers = [setInterval(() => this.#tellFigures(), TELL_EVERY), setInterval(() => this.#keep(), INDEX_EVERY)];
    // An index of before a power cut is set right even while no picture comes.
    this.#keep();
  }

  command(command: RecordingCommand): void {
    switch (command.kind) {
      case 'tap':
        this.#listen(command);
        break;
      case 'making':
        for (const kind of RECORDING_KINDS) this.#recorders[kind].setMaking(command.making);
        break;
      case 'finish':
        this.#finish();
        break;
    }
  }

  #listen({ recording, port, gauge }: Extract<RecordingCommand, { kind: 'tap' }>): void {
    const tap = { recorder: this.#recorders[recording], gauge: new RecordingGauge(gauge) };
    this.#taps.set(port, tap);
    port.on('message', (message: TapMessage) => this.#take(tap, message));
    port.once('close', () => this.#taps.delete(port));
  }

  #take(tap: { readonly recorder: Recorder; readonly gauge: RecordingGauge }, message: TapMessage): void {
    if (message.kind === 'packet') tap.gauge.took(message.data.length);
    tap.recorder.take(message);
  }

  /** Writes the index, deletes old files, and pauses where the volume has too little room. */
  #keep(): void {
    const recorders = RECORDING_KINDS.map((kind) => this.#recorders[kind]);
    try {
      // After a fault the folder may be another one: what is in it is looked at anew.
      this.#archive ??= RecordingArchive.enter(this.#data.options);
      for (const recorder of recorders) recorder.note();
      const hasRoom = this.#archive.makeRoom();
      this.#archive.save();
      if (!hasRoom) throw volumeFull(this.#data.options.folder, this.#data.options.minFreeBytes);
    } catch (error) {
      for (const recorder of recorders) if (recorder.isWriting) recorder.pause(error);
      this.#archive = null;
    }
  }

  #finish(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const [port, tap] of this.#taps) {
      for (let waiting = receiveMessageOnPort(port); waiting; waiting = receiveMessageOnPort(port)) {
        this.#take(tap, waiting.message as TapMessage);
      }
      port.close();
    }
    for (const kind of RECORDING_KINDS) this.#recorders[kind].finish();
    this.#tellFigures();
    this.#port.close();
  }

  #tellFigures(): void {
    const recorders = RECORDING_KINDS.map((kind) => this.#recorders[kind]);
    const sum = (of: (recorder: Recorder) => number): number => recorders.reduce((all, one) => all + of(one), 0);
    this.#tell({ kind: 'figures', bytes: sum(({ bytes }) => bytes), lost: sum(({ lost }) => lost) });
  }

  #tell(report: RecordingReport): void {
    this.#port.postMessage(report);
  }
}

if (!isMainThread && parentPort) {
  silenceFfmpeg();
  const service = new RecordingService(workerData as RecordingWorkerData, parentPort);
  parentPort.on('message', (command: RecordingCommand) => service.command(command));
}
