import path from 'node:path';
import { packageVersion } from './package-version.js';
import { modelsOf, type Recipe } from './recipe.js';

/**
 * What files name as their software in their metadata: "Afterglow", the version, pipeline and networks. No brackets: the EXIF
 * writer takes what follows for its own.
 */
export function softwareNote(pipeline: string, recipe: Recipe): string {
  return `Afterglow ${packageVersion}, enhanced: ${[path.basename(pipeline), ...modelsOf(recipe)].join(', ')}`;
}
