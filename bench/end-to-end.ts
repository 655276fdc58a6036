import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { loadRecipe } from '../src/config/recipe.js';
import { streamSchema } from '../src/config/stream-schema.js';
import { tryStream, type TrialOptions, type TrialResult } from '../src/stream/stream-trial.js';
import { benchFolder } from './bench-clip.js';
import { mostMemory } from './own-memory.js';
import type { Transcode } from './transcode.js';

/** What one run of a stream gave. */
export type RunResult = TrialResult & Transcode;

/**
 * Runs a clip through a whole stream: decode, pipeline, encode, HLS. exact: as fast as it goes, no picture dropped; else
 * at the clip's own rate for some seconds, as a camera.
 */
export async function runStream(file: string, pipeline: string, mode: TrialOptions['mode']): Promise<RunResult> {
  const result = await tryStream({
    config: streamSchema.parse({ id: 'bench', input: file, pipeline, loop: !('exact' in mode) }),
    recipe: loadRecipe(pipeline),
    hlsFolder: mkdtempSync(path.join(benchFolder, 'hls-')),
    mode,
  });
  return { ...result, memoryMiB: mostMemory() };
}
