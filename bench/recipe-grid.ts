import { loadRecipe, type NetworkStage } from '../src/config/recipe.js';

/** Nodes of a pipeline's grid along width, height and luma. */
export function gridOf(pipeline: string): NetworkStage['grid'] {
  const found = loadRecipe(pipeline).stages.find(({ stage }) => stage === 'network');
  return (found as NetworkStage).grid;
}
