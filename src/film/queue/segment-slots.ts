import type { NetworkPlaces } from '../../enhance/recipe-networks.js';
import type { SegmentResult } from '../job/segment-task.js';
import { WorkerProcess } from '../job/worker-process.js';
import type { Segment } from '../segment/segment.js';
import type { OpenedJob } from './shared-folder.js';

/** How long a process waits for another segment of its film before it ends, in milliseconds. */
const REST = 30_000;

interface Slot {
  readonly job: string;
  readonly process: WorkerProcess;
  readonly kill: AbortController;
  readonly timer: NodeJS.Timeout;
}

/**
 * Processes that make segments of whichever film is asked for, each one at a time. One that has a film open is used for it
 * again, since loading networks may take longer than a segment.
 */
export class SegmentSlots {
  #resting: Slot[] = [];

  /**
   * Makes a segment's part. job: identity of the film's job, where it is and where its networks run; signal: kills the process that is at it.
   * Throws WorkerDied or AfterglowError.
   */
  async run(
    job: string,
    { folder, root, places }: OpenedJob & { readonly places: NetworkPlaces },
    segment: Segment,
    onPicture: () => void,
    signal: AbortSignal,
  ): Promise<SegmentResult> {
    const known = await this.#wake(job);
    const kill = known?.kill ?? new AbortController();
    const abort = (): void => kill.abort();
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      const process = known?.process ?? (await WorkerProcess.start(folder, kill.signal, places, root));
      const result = await process.run(segment, onPicture);
      const slot: Slot = { job, process, kill, timer: setTimeout(() => void this.#end(slot), REST) };
      this.#resting.push(slot);
      return result;
    } catch (error) {
      // Whatever state it is in, it is not used again.
      kill.abort();
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** Ends the processes that are not at work. */
  async close(): Promise<void> {
    await Promise.all(this.#resting.map((slot) => this.#end(slot)));
  }

  /** A resting process that has the job open, or null; then one that has another open ends and leaves its memory. */
  async #wake(job: string): Promise<Slot | null> {
    const found = this.#resting.find((slot) => slot.job === job);
    if (found) {
      this.#forget(found);
      return found;
    }
    const other = this.#resting[0];
    if (other) await this.#end(other);
    return null;
  }

  async #end(slot: Slot): Promise<void> {
    this.#forget(slot);
    await slot.process.quit();
  }

  #forget(slot: Slot): void {
    clearTimeout(slot.timer);
    this.#resting = this.#resting.filter((other) => other !== slot);
  }
}
