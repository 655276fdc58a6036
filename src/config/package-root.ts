import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the installation, which holds package.json, models/, pipelines/ and dist/. */
export const packageRoot: string = findRoot();

function findRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  // dist/ holds no package.json, so this finds the same folder from sources and from what was built.
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error('the installation is broken: there is no package.json above its code');
    folder = parent;
  }
  return folder;
}
