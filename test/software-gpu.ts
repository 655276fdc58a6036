import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { clipFolder } from './clip.js';
import { makeModelFolder, type FixtureNetwork } from './fixture-models.js';

/** A graphics driver in software, which Debian's Chromium brings along. */
export const SOFTWARE_DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** A place of its own for what a test runs: models, what is remembered, and a driver in software where one is wanted. */
export interface GpuPlace {
  readonly environment: Record<string, string>;
  /** What is remembered. */
  readonly memory: string;
}

/** Makes a place. models: from a model's name to its network; withGpu: whether there is a driver. */
export function gpuPlace(name: string, models: Readonly<Record<string, FixtureNetwork>>, withGpu: boolean): GpuPlace {
  if (!existsSync(SOFTWARE_DRIVER)) throw new Error(`${SOFTWARE_DRIVER} comes with Debian's package chromium`);
  const cache = path.join(clipFolder, `cache-${name}`);
  mkdirSync(cache, { recursive: true });
  return {
    environment: {
      XDG_CACHE_HOME: cache,
      AFTERGLOW_MODELS: makeModelFolder(models),
      ...(withGpu ? { VK_ICD_FILENAMES: SOFTWARE_DRIVER } : {}),
    },
    memory: path.join(cache, 'afterglow', 'inference.json'),
  };
}

/** Writes a recipe of one network. Returns its path. */
export function networkRecipe(model: string, workingSize: number, rate = 10, native = false): string {
  const file = path.join(clipFolder, `${model}-${workingSize}${native ? '-native' : ''}.yaml`);
  const stage = { stage: 'network', model, workingSize, rate, grid: [8, 6, 8], smoothing: 0.2, native };
  writeFileSync(file, JSON.stringify({ description: `The network ${model}`, stages: [stage] }));
  return file;
}
