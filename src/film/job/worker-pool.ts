import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AfterglowError } from '../../errors/afterglow-error.js';
import type { Segment } from '../segment/segment.js';
import type { SegmentResult } from './segment-task.js';
import type { WorkerOrder, WorkerReport } from './worker-messages.js';

const PROCESS = fileURLToPath(new URL('./segment-worker.js', import.meta.url));
/** How often a segment is tried whose process has died. */
const TRIES = 3;

/** What a pool tells of its work. */
export interface PoolEvents {
  /** A picture of a segment is finished. */
  readonly onPicture: (segment: Segment) => void;
  /** A segment must be done again: its pictures count no longer. */
  readonly onRetry: (segment: Segment) => void;
  readonly onDone: (segment: Segment, result: SegmentResult) => void;
}

/**
 * Processes segments in several processes of this machine, each on one core.
 *
 * folder: of the job; processes: how many at a time; signal: ends the work. Throws AfterglowError when a segment fails, or
 * its process dies three times.
 */
export async function runSegments(
  folder: string,
  segments: readonly Segment[],
  processes: number,
  events: PoolEvents,
  signal: AbortSignal,
): Promise<void> {
  const waiting = [...segments];
  const tries = new Map<Segment, number>();
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const isOver = (): boolean => either.aborted;
  const work = async (): Promise<void> => {
    let worker: Worker | null = null;
    try {
      for (let segment = waiting.shift(); segment; segment = waiting.shift()) {
        worker ??= await Worker.start(folder, either);
        const current = segment;
        if (isOver()) return;
        try {
          events.onDone(current, await worker.run(current, () => events.onPicture(current)));
        } catch (error) {
          const count = (tries.get(current) ?? 0) + 1;
          tries.set(current, count);
          if (!(error instanceof WorkerDied) || count >= TRIES || isOver()) throw describe(error, current);
          events.onRetry(current);
          waiting.unshift(current);
          worker = null;
        }
      }
    } catch (error) {
      stop.abort();
      throw error;
    } finally {
      await worker?.quit();
    }
  };
  const results = await Promise.allSettled(Array.from({ length: Math.min(processes, segments.length) }, work));
  if (signal.aborted) return;
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

/** A worker process ended while it was at work. */
class WorkerDied extends Error {}

/** One process that makes parts. */
class Worker {
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

  static async start(folder: string, signal: AbortSignal): Promise<Worker> {
    const child = fork(PROCESS, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const worker = new Worker(child, signal);
    await worker.#ask({ kind: 'open', folder }, (report) => (report.kind === 'ready' ? true : null));
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

function describe(error: unknown, segment: Segment): AfterglowError {
  if (!(error instanceof WorkerDied)) return AfterglowError.from(error);
  return new AfterglowError(
    'stream-crashed',
    `pictures ${segment.first} to ${segment.end - 1} (shot ${segment.shot + 1}) could not be processed: ${error.message}, ${TRIES} times`,
    { remedy: 'free some memory, or report it with the film; the same command goes on where it stopped', cause: error },
  );
}
