import path from 'node:path';
import { packageVersion } from './package-version.js';
import type { Recipe } from './recipe.js';

/**
 * What files name as their software in their metadata: "Afterglow", the version, pipeline and networks. No brackets: the EXIF
 * writer takes what follows for its own.
 */
export function softwareNote(pipeline: string, recipe: Recipe): string {
  const models = recipe.stages.flatMap((stage) => ('model' in stage ? [stage.model] : []));
  return `Afterglow ${packageVersion}, enhanced: ${[path.basename(pipeline), ...models].join(', ')}`;
}
