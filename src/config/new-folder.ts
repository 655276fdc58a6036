import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { AfterglowError } from '../errors/afterglow-error.js';

/**
 * Makes a folder and those above it that are missing. Throws AfterglowError `output-invalid`.
 *
 * remedy: what to do where it cannot be made.
 */
export function makeFolder(folder: string, remedy = 'check the path and its permissions'): void {
  try {
    makeInTurn(folder);
  } catch (cause) {
    throw new AfterglowError('output-invalid', `the folder ${folder} cannot be made (${(cause as Error).message})`, {
      remedy,
      cause,
    });
  }
}

// One by one: Node's own recursive way never comes back from a file system that denies a parent which is there, such as
// /proc.
function makeInTurn(folder: string): void {
  if (existsSync(folder)) return;
  const parent = path.dirname(folder);
  if (parent !== folder) makeInTurn(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!existsSync(folder)) throw error;
  }
}
