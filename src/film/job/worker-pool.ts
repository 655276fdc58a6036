import type { NetworkPlaces } from '../../enhance/recipe-networks.js';
import { AfterglowError } from '../../errors/afterglow-error.js';
import type { Segment } from '../segment/segment.js';
import type { SegmentResult } from './segment-task.js';
import { WorkerDied, WorkerProcess } from './worker-process.js';

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
 * Processes segments of the job in a folder, on this machine or others. Resolves early where `signal` ends the work.
 * Throws AfterglowError when a segment fails.
 */
export type SegmentRunner = (
  folder: string,
  segments: readonly Segment[],
  events: PoolEvents,
  signal: AbortSignal,
) => Promise<void>;

/** Processes segments in some processes of this machine. places: where networks run; by default on the CPU. */
export function localWorkers(processes: number, places: NetworkPlaces = {}): SegmentRunner {
  return (folder, segments, events, signal) => runSegments(folder, segments, { processes, places }, events, signal);
}

/**
 * Processes segments in several processes of this machine, each on one core.
 *
 * folder: of the job; processes: how many at a time; places: where networks run; signal: ends the work. Throws AfterglowError when a segment fails, or
 * its process dies three times.
 */
async function runSegments(
  folder: string,
  segments: readonly Segment[],
  { processes, places }: { readonly processes: number; readonly places: NetworkPlaces },
  events: PoolEvents,
  signal: AbortSignal,
): Promise<void> {
  const waiting = [...segments];
  const tries = new Map<Segment, number>();
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const isOver = (): boolean => either.aborted;
  /** The first fault: those that follow are of processes that were ended because of it. */
  let fault: unknown = null;
  const work = async (): Promise<void> => {
    let worker: WorkerProcess | null = null;
    try {
      for (let segment = waiting.shift(); segment; segment = waiting.shift()) {
        const current = segment;
        try {
          worker ??= await WorkerProcess.start(folder, either, places);
          if (isOver()) return;
          events.onDone(current, await worker.run(current, () => events.onPicture(current)));
        } catch (error) {
          const count = (tries.get(current) ?? 0) + 1;
          tries.set(current, count);
          if (isOver()) return;
          if (!(error instanceof WorkerDied) || count >= TRIES) throw describe(error, current);
          events.onRetry(current);
          waiting.unshift(current);
          worker = null;
        }
      }
    } catch (error) {
      fault ??= error;
      stop.abort();
    } finally {
      await worker?.quit();
    }
  };
  await Promise.all(Array.from({ length: Math.min(processes, segments.length) }, work));
  if (fault !== null && !signal.aborted) throw AfterglowError.from(fault);
}

function describe(error: unknown, segment: Segment): AfterglowError {
  if (!(error instanceof WorkerDied)) return AfterglowError.from(error);
  return new AfterglowError(
    'stream-crashed',
    `pictures ${segment.first} to ${segment.end - 1} (shot ${segment.shot + 1}) could not be processed: ${error.message}, ${TRIES} times`,
    { remedy: 'free some memory, or report it with the film; the same command goes on where it stopped', cause: error },
  );
}
