import { AfterglowError } from '../errors/afterglow-error.js';
import type { PictureEnhancer } from './picture-enhancer.js';
import { checkOutput, readPicture, writePicture, type WriteOptions } from './picture-file.js';
import type { PictureTask } from './picture-list.js';

/** A picture that could not be done. */
export interface PictureFailure {
  readonly task: PictureTask;
  readonly error: AfterglowError;
}

/**
 * Enhances pictures, `jobs` at a time, so that one is decoded or encoded while another is enhanced. One that fails does
 * not stop the rest.
 *
 * onDone: called after each picture, with its failure if it has one. Resolves with all failures in order.
 */
export async function processPictures(
  tasks: readonly PictureTask[],
  enhancer: PictureEnhancer,
  options: WriteOptions & { readonly jobs: number },
  onDone: (task: PictureTask, failure: PictureFailure | null) => void,
): Promise<PictureFailure[]> {
  const failures = new Map<PictureTask, PictureFailure>();
  const waiting = [...tasks];
  const work = async (): Promise<void> => {
    for (let task = waiting.shift(); task; task = waiting.shift()) {
      let failure: PictureFailure | null = null;
      try {
        await processPicture(task, enhancer, options);
      } catch (thrown) {
        failure = { task, error: AfterglowError.from(thrown) };
        failures.set(task, failure);
      }
      onDone(task, failure);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs, tasks.length) }, work));
  return tasks.flatMap((task) => failures.get(task) ?? []);
}

async function processPicture(task: PictureTask, enhancer: PictureEnhancer, options: WriteOptions): Promise<void> {
  // Before any work is done for nothing.
  checkOutput(task.output, options.overwrite);
  const picture = await readPicture(task.input);
  await enhancer.enhance(picture);
  await writePicture(picture, task.output, options);
}
