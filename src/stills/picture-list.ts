import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../config/new-folder.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { FORMATS_IN_WORDS, formatOf, outputFormat } from './picture-format.js';

/** One picture's way. */
export interface PictureTask {
  readonly input: string;
  readonly output: string;
}

/**
 * What is to be made from what. A file goes to a file or into a folder; a folder's pictures, those of folders in it too,
 * go into a folder under the same names.
 *
 * Throws AfterglowError `input-not-found`, `input-unsupported`, `input-invalid` or `output-invalid`.
 */
export function listPictures(input: string, output: string): PictureTask[] {
  if (!existsSync(input)) {
    throw new AfterglowError('input-not-found', `${input} does not exist`, { remedy: 'check the path' });
  }
  const tasks = statSync(input).isDirectory() ? listFolder(input, output) : [listFile(input, output)];
  for (const task of tasks) {
    if (existsSync(task.output) && realpathSync(task.output) === realpathSync(task.input)) {
      throw new AfterglowError('output-invalid', `the output ${task.output} is the input itself`, {
        remedy: 'choose another output',
      });
    }
  }
  return tasks;
}

function listFile(input: string, output: string): PictureTask {
  if (formatOf(input) === null) {
    throw new AfterglowError('input-unsupported', `${input} is not a picture by its name`, {
      remedy: `give a ${FORMATS_IN_WORDS} file, or a folder of them; for a film, end the output in .mp4, .mov or .mkv`,
    });
  }
  const isFolder = output.endsWith(path.sep) || output.endsWith('/') || isExistingFolder(output);
  if (isFolder) {
    makeFolder(output);
    return { input, output: path.join(output, path.basename(input)) };
  }
  outputFormat(output);
  makeFolder(path.dirname(output));
  return { input, output };
}

function listFolder(input: string, output: string): PictureTask[] {
  if (existsSync(output) && !statSync(output).isDirectory()) {
    throw new AfterglowError('output-invalid', `the output ${output} is a file, but the input is a folder`, {
      remedy: 'name a folder for the output',
    });
  }
  makeFolder(output);
  const home = realpathSync(input);
  const target = realpathSync(output);
  if (home === target) {
    throw new AfterglowError('output-invalid', `the output ${output} is the input itself`, {
      remedy: 'name another folder for the output',
    });
  }
  const tasks: PictureTask[] = [];
  const visit = (folder: string): void => {
    // The output may lie within the input; its pictures are not done again.
    if (realpathSync(path.join(home, folder)) === target) return;
    for (const entry of readdirSync(path.join(home, folder), { withFileTypes: true })) {
      const name = path.join(folder, entry.name);
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory()) visit(name);
      else if (entry.isFile() && formatOf(name) !== null) {
        tasks.push({ input: path.join(input, name), output: path.join(output, name) });
      }
    }
  };
  visit('');
  if (tasks.length === 0) {
    throw new AfterglowError('input-invalid', `there are no pictures in ${input}`, {
      remedy: `give a folder with ${FORMATS_IN_WORDS} files`,
    });
  }
  return tasks.sort((a, b) => (a.input < b.input ? -1 : 1));
}

function isExistingFolder(file: string): boolean {
  return existsSync(file) && statSync(file).isDirectory();
}
