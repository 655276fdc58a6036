import type { Provider } from '../config/provider-names.js';
import type { Recipe } from '../config/recipe.js';
import { ONE_THREAD, withoutProvider, type Placements } from '../inference/placement.js';
import type { StreamStats } from '../stream/stream-messages.js';

/** Where one stream's network runs, over all its processes. */
export class StreamPlacements {
  readonly #of: (recipe: Recipe) => Placements;
  /** Providers that a process may have died of. */
  readonly #blamed = new Set<Provider>();
  #current: Placements = ONE_THREAD;

  /** of: where the network of a recipe may run, as far as is known; one thread of the CPU by default. */
  constructor(of: (recipe: Recipe) => Placements = () => ONE_THREAD) {
    this.#of = of;
  }

  /** What was found when it was looked last. */
  get current(): Placements {
    return this.#current;
  }

  /** Looks where the network of a recipe is to run. */
  look(recipe: Recipe): Placements {
    this.#current = [...this.#blamed].reduce(withoutProvider, this.#of(recipe));
    return this.#current;
  }

  /**
   * A process has died, maybe of a graphics driver: the next one does without. stats: its last report. Returns the provider
   * that is not used any more, or null.
   */
  blame(stats: StreamStats | null): Provider | null {
    const provider = stats?.provider ?? this.#current[0].provider;
    if (provider === 'cpu') return null;
    this.#blamed.add(provider);
    return provider;
  }
}
