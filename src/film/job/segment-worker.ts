import { AfterglowError } from '../../errors/afterglow-error.js';
import { silenceFfmpeg } from '../../media/ffmpeg-log.js';
import { FilmJob } from './film-job.js';
import { openSharedJob } from '../queue/shared-job.js';
import { SegmentTask } from './segment-task.js';
import type { WorkerOrder, WorkerReport } from './worker-messages.js';

// A process of its own for each core: a hostile file or a fault of a codec takes one segment's work with it, no more.

let task: SegmentTask | null = null;

function tell(report: WorkerReport): void {
  // A caller that is gone is no error here: the process ends with the channel.
  process.send?.(report, undefined, undefined, () => undefined);
}

async function obey(order: WorkerOrder): Promise<void> {
  switch (order.kind) {
    case 'open': {
      const { folder, root, places } = order;
      const job = root === null ? FilmJob.open(folder) : openSharedJob({ folder, root });
      task = await SegmentTask.open(job, { places, moved: ({ message }) => console.error(`afterglow: ${message}`) });
      tell({ kind: 'ready' });
      return;
    }
    case 'segment': {
      if (!task) throw new Error('a segment was ordered before the job was opened');
      const { segment } = order;
      const result = await task.run(segment, () => tell({ kind: 'picture', segment: segment.index }));
      tell({ kind: 'done', segment: segment.index, ...result });
      return;
    }
    case 'quit':
      await task?.close();
      process.disconnect();
  }
}

silenceFfmpeg();
let last: Promise<void> = Promise.resolve();
process.on('message', (order: WorkerOrder) => {
  last = last
    .then(() => obey(order))
    .catch((error: unknown) => tell({ kind: 'failed', error: AfterglowError.from(error).toReport() }));
});
// These reach the whole group; the parent decides what to do about them.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit());
