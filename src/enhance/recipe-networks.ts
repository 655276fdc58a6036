import { nativeModelOf, type Recipe } from '../config/recipe.js';
import type { SizedNetwork } from '../inference/measurement.js';
import { findCard } from '../inference/model-library.js';
import type { Placements } from '../inference/placement.js';
import type { NetworkUse, ProviderChoice } from '../inference/provider-choice.js';
import { NATIVE_TILE } from './native-network.js';
import { networkSize, type Size } from './working-size.js';

/** Side of the crops that models which fill holes see, unless their cards fix another. */
export const CROP = 256;
/** The shape that networks are measured at: what other shapes of the same long side take differs less than providers do. */
const USUAL_SHAPE: Size = { width: 3840, height: 2160 };

/** Where each network of a recipe runs, by the model's name. */
export type NetworkPlaces = Readonly<Record<string, Placements>>;

/** How a recipe's networks are used otherwise than it says. */
export interface NetworkSizes {
  /** Long side of the small copy that they see. */
  readonly workingSize?: number;
  /** Side of the tiles in which they see the full picture. */
  readonly tile?: number;
}

/** A recipe's networks with the size that each sees; of a stage with two, that with more to do first. Throws AfterglowError where a model has no right card. */
export function recipeNetworks(recipe: Recipe, sizes: NetworkSizes = {}): SizedNetwork[] {
  return recipe.stages.flatMap((stage): SizedNetwork[] => {
    if (stage.stage === 'repair') {
      const square = { width: CROP, height: CROP };
      return [{ model: stage.model, size: networkSize(square, CROP, findCard(stage.model)) }];
    }
    if (stage.stage !== 'network') return [];
    const tile = sizes.tile ?? (stage.native ? NATIVE_TILE : undefined);
    const seen = (model: string, shape: Size, longSide: number): SizedNetwork => ({
      model,
      size: networkSize(shape, longSide, findCard(model)),
    });
    const small = seen(stage.model, USUAL_SHAPE, sizes.workingSize ?? stage.workingSize);
    if (tile === undefined) return [small];
    const native = seen(nativeModelOf(stage), { width: tile, height: tile }, tile);
    return native.model === small.model ? [native] : [native, small];
  });
}

/**
 * Chooses where a recipe's networks run. say: told for each network in a sentence; measure: whether what is not known is
 * measured now, which takes seconds. Throws AfterglowError.
 */
export async function placesFor(
  recipe: Recipe,
  choice: ProviderChoice,
  use: NetworkUse,
  { sizes = {}, measure, say }: { readonly sizes?: NetworkSizes; readonly measure: boolean; readonly say: (sentence: string) => void }, // prettier-ignore
): Promise<NetworkPlaces> {
  const places: Record<string, Placements> = {};
  for (const network of recipeNetworks(recipe, sizes)) {
    const chosen =
      choice.known(network, use) ?? (measure ? await choice.measure(network, use, { inBackground: false }) : null);
    if (chosen) say(chosen.sentence);
    places[network.model] = chosen?.placements ?? choice.meanwhile(use);
  }
  return places;
}
