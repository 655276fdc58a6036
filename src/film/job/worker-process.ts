import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { NetworkPlaces } from '../../enhance/recipe-networks.js';
import { AfterglowError } from '../../errors/afterglow-error.js';
import type { Segment } from '../segment/segment.js';
import type { SegmentResult } from './segment-task.js';
import type { WorkerOrder, WorkerReport } from './worker-messages.js';

const PROCESS = fileURLToPath(new URL('./segment-worker.js', import.meta.url));

/** A worker process ended while it was at work. */
export class WorkerDied extends Error {}

/** One process that makes parts of one job. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  #listener: ((report: WorkerReport) => void) | null = null;
  #died: ((error: Error) => void) | null = null;

  private constructor(child: ChildProcess, signal: AbortSignal) {
    this.#child = child;
    child.on('message', (report: WorkerReport) => this.#listener?.(report));
    child.on('exit', (code, killedBy) => {
      this.#died?.(new WorkerDied(`the worker process ended (${killedBy ?? `code ${code ?? '?'}`})`));
    });
    child.on('error', (error) => this.#died?.(new WorkerDied(error.message)));
    signal.addEventListener('abort', () => child.kill('SIGKILL'));
  }

  /**
   * Starts a process and opens a job in it. signal: kills it; places: where its networks run; root: what the job's files may
   * not be outside of, for one from another machine. Throws WorkerDied or AfterglowError.
   */
  static async start(
    folder: string,
    signal: AbortSignal,
    places: NetworkPlaces,
    root: string | null = null,
  ): Promise<WorkerProcess> {
    const child = fork(PROCESS, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const worker = new WorkerProcess(child, signal);
    await worker.#ask({ kind: 'open', folder, root, places }, (report) => (report.kind === 'ready' ? true : null));
    return worker;
  }

  /** Makes a segment's part. Throws WorkerDied or AfterglowError. */
  run(segment: Segment, onPicture: () => void): Promise<SegmentResult> {
    return this.#ask({ kind: 'segment', segment }, (report) => {
      if (report.kind === 'picture') onPicture();
      return report.kind === 'done' ? report : null;
    });
  }

  /** Ends the process and waits until it has ended. */
  async quit(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.connected) child.send({ kind: 'quit' } satisfies WorkerOrder);
    else child.kill('SIGKILL');
    await ended;
  }

  /** Sends an order and waits for the report that `take` makes something of. */
  #ask<Result>(order: WorkerOrder, take: (report: WorkerReport) => Result | null): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#died = reject;
      this.#listener = (report) => {
        if (report.kind === 'failed') {
          const { code, message, remedy, retryable } = report.error;
          reject(new AfterglowError(code, message, { remedy, retryable }));
          return;
        }
        const result = take(report);
        if (result !== null) resolve(result);
      };
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        reject(new WorkerDied('the worker process has ended'));
        return;
      }
      this.#child.send(order, (error) => {
        if (error) reject(new WorkerDied(error.message));
      });
    });
  }
}
