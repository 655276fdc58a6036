import path from 'node:path';
import { makeFolder } from '../config/new-folder.js';
import type { NetworkPlaces } from '../enhance/recipe-networks.js';
import { localWorkers, type SegmentRunner } from '../film/job/worker-pool.js';
import { SharedFolder } from '../film/queue/shared-folder.js';
import { AfterglowError } from '../errors/afterglow-error.js';

/** Flags that say who does the work on a film. */
export interface WorkerFlags {
  readonly output: string;
  readonly workers?: string;
  readonly root?: string;
}

/** Who makes the parts of a film. */
export interface FilmWorkers {
  readonly run: SegmentRunner;
  close(): void;
}

/**
 * Processes of this machine, or workers on others. files: what these must see; processes: how many on this machine, and
 * places: where networks run on it.
 * Throws AfterglowError where Redis does not answer, or workers could not see a file.
 */
export async function filmWorkers(
  { output, workers, root }: WorkerFlags,
  files: readonly string[],
  processes: number,
  places: () => Promise<NetworkPlaces>,
): Promise<FilmWorkers> {
  if (workers === undefined) {
    if (root !== undefined) {
      throw new AfterglowError('config-invalid', '--root is for work on several machines, and there is no --workers', {
        remedy: 'add --workers redis://host:6379, or leave --root out',
      });
    }
    return { run: localWorkers(processes, await places()), close: () => undefined };
  }
  // Not before it is needed: BullMQ takes a quarter of a second to load.
  const { RedisAddress } = await import('../film/queue/redis-address.js');
  const { queuedWorkers } = await import('../film/queue/segment-dispatch.js');
  const address = RedisAddress.parse(workers);
  if (root === undefined) makeFolder(path.dirname(path.resolve(output)));
  const share = new SharedFolder(root ?? path.dirname(path.resolve(output)));
  for (const file of files) share.accepts(file);
  const redis = await address.connect();
  redis.on('error', () => undefined);
  const notice = (text: string): void => void process.stderr.write(`afterglow: ${text} (${address.text})\n`);
  return { run: queuedWorkers(redis, share, notice), close: () => redis.disconnect() };
}
