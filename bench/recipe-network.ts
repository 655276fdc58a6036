import { loadRecipe, networkOf, type NetworkStage } from '../src/config/recipe.js';

/** The network stage of a pipeline that has one. */
export function networkStageOf(pipeline: string): NetworkStage {
  const network = networkOf(loadRecipe(pipeline));
  if (!network) throw new Error(`the pipeline ${pipeline} has no network`);
  return network;
}
