import { Option } from 'commander';
import { inferenceSchema, PROVIDER_WISHES, type ProviderWish } from '../config/inference-schema.js';
import type { Recipe } from '../config/recipe.js';
import { placesFor, type NetworkPlaces, type NetworkSizes } from '../enhance/recipe-networks.js';
import { ProviderChoice, type NetworkUse } from '../inference/provider-choice.js';

/** The flag that says what networks run on. */
export interface ProviderFlag {
  readonly provider?: ProviderWish;
}

/** The flag --provider. */
export function providerOption(): Option {
  return new Option('--provider <name>', 'what networks run on (default: auto, the fastest by measurement)').choices(
    PROVIDER_WISHES,
  );
}

/**
 * Where a recipe's networks run, as the flag asks. What is not known is measured first, unless `measure` is false. Says on
 * stderr what was chosen where there was a choice. Throws AfterglowError.
 */
export async function placesByFlag(
  recipe: Recipe,
  { provider }: ProviderFlag,
  use: NetworkUse,
  { sizes = {}, measure = true }: { readonly sizes?: NetworkSizes; readonly measure?: boolean } = {},
): Promise<NetworkPlaces> {
  const config = inferenceSchema.parse(provider === undefined ? {} : { provider });
  const tell = (sentence: string): void => console.error(`afterglow: ${sentence}`);
  const choice = await ProviderChoice.open(config, tell);
  const say = choice.machine.providers.length > 1 ? tell : (): void => undefined;
  return placesFor(recipe, choice, use, { sizes, measure, say });
}
