import type { Provider } from '../config/provider-names.js';
import { networkOf, withNetwork, type Recipe } from '../config/recipe.js';
import { Enhancer, type EnhanceMode, type EnhancerOptions } from '../enhance/enhancer.js';
import type { Size } from '../enhance/working-size.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { growMemory, type ArenaRegion } from '../frames/shared-arena.js';
import { findCard } from '../inference/model-library.js';
import { withoutProvider, type ProviderMove } from '../inference/placement.js';
import type { NamedRecipe } from './stream-messages.js';

/** Smallest long side, in pixels, that a working size is lowered to. */
const SMALLEST_WORKING_SIZE = 64;

/** Where an enhancer works. */
export interface EnhancerPlace {
  readonly format: Size;
  /** Of at least `Enhancer.bytes` of the recipe, in a memory that may grow. */
  readonly region: ArenaRegion;
  /** Threads that share the work on each picture. */
  readonly helpers: number;
}

interface Change {
  readonly recipe: NamedRecipe;
  readonly sizeShare: number;
  readonly done: (error: AfterglowError | null) => void;
}

interface Opened extends Change {
  readonly enhancer: Enhancer;
  readonly region: ArenaRegion;
}

/**
 * The enhancer of a stream that goes on while its recipe changes: the next one is made ready beside it in memory of its
 * own, and takes over between two pictures.
 */
export class LiveEnhancer {
  readonly #picture: Size;
  readonly #helpers: number;
  readonly #mode: EnhanceMode;
  #current: Opened;
  #ready: Opened | null = null;
  #wanted: Change | null = null;
  #opening: Change | null = null;
  #spare: ArenaRegion | null = null;
  #work: Promise<void> | null = null;
  /** Providers that have failed in this process: the next enhancer does not try them again. */
  readonly #failed = new Set<Provider>();

  private constructor({ format, helpers }: EnhancerPlace, mode: EnhanceMode, current: Opened) {
    this.#picture = format;
    this.#helpers = helpers;
    this.#mode = mode;
    this.#current = current;
  }

  /** Throws AfterglowError. */
  static async open(recipe: NamedRecipe, place: EnhancerPlace, mode: EnhanceMode): Promise<LiveEnhancer> {
    const { placements } = recipe;
    const { format: picture, region, helpers } = place;
    const enhancer = await Enhancer.open({ recipe: recipe.recipe, picture, mode, placements, helpers }, region);
    const current: Opened = { recipe, sizeShare: 1, done: () => undefined, enhancer, region };
    return new LiveEnhancer(place, mode, current);
  }

  /**
   * One that lets pictures through as they are until `recipe` is ready: viewers who wait get the camera's picture at once.
   * failed: called where the recipe cannot be had.
   */
  static async openPlain(
    recipe: NamedRecipe,
    place: EnhancerPlace,
    failed: (error: AfterglowError) => void,
  ): Promise<LiveEnhancer> {
    const nothing: NamedRecipe = { ...recipe, recipe: { ...recipe.recipe, stages: [] } };
    const { region } = place;
    const live = await LiveEnhancer.open(nothing, { ...place, region: { ...region, end: region.start } }, 'live');
    live.#spare = region;
    live.change(recipe, 1, (error) => error && failed(error));
    return live;
  }

  /** The enhancer to be used for the next picture. */
  get enhancer(): Enhancer {
    return this.#current.enhancer;
  }

  /** The recipe that is at work. */
  get recipe(): NamedRecipe {
    return this.#current.recipe;
  }

  /** Where the network has had to go on elsewhere since this was asked last. */
  takeMoves(): readonly ProviderMove[] {
    const moves = this.#current.enhancer.takeMoves();
    for (const { from } of moves) this.#failed.add(from);
    return moves;
  }

  /** Whether something is being made ready, which needs the thread's event loop to turn. */
  get isBusy(): boolean {
    return this.#work !== null;
  }

  /**
   * Makes another enhancer ready. sizeShare: of the recipe's working size. done: called when it has taken over, or cannot;
   * then the present one goes on. The last of several wishes counts.
   */
  change(recipe: NamedRecipe, sizeShare: number, done: (error: AfterglowError | null) => void): void {
    this.#wanted?.done(
      new AfterglowError('pipeline-invalid', 'a later change has taken its place', {
        remedy: 'nothing needs to be done',
      }),
    );
    this.#wanted = { recipe, sizeShare, done };
    this.#work ??= this.#fulfil().finally(() => (this.#work = null));
  }

  /** Another share of the working size, for whatever recipe is at work or about to be. done: as for `change`. */
  resize(sizeShare: number, done: (error: AfterglowError | null) => void): void {
    if (this.#wanted) {
      // It has not begun: it begins with the new size.
      this.#wanted = { ...this.#wanted, sizeShare };
      done(null);
      return;
    }
    const { recipe } = this.#opening ?? this.#ready ?? this.#current;
    this.change(recipe, sizeShare, done);
  }

  /** Lets a next enhancer take over that is ready; returns whether one has. Between two pictures. */
  swap(): boolean {
    const next = this.#ready;
    if (!next) return false;
    this.#ready = null;
    const last = this.#current;
    this.#current = next;
    this.#work = (this.#work ?? Promise.resolve())
      .then(() => last.enhancer.close())
      .then(() => {
        this.#spare = last.region;
      })
      .then(() => (this.#wanted ? this.#fulfil() : undefined))
      .finally(() => (this.#work = null));
    next.done(null);
    return true;
  }

  /** Ends the network's threads. */
  async close(): Promise<void> {
    this.#wanted = null;
    await this.#work;
    await this.#ready?.enhancer.close();
    await this.#current.enhancer.close();
  }

  async #fulfil(): Promise<void> {
    // One that is ready must take over first: there are two places, not three.
    while (this.#wanted && !this.#ready) {
      const change = this.#wanted;
      this.#wanted = null;
      this.#opening = change;
      try {
        const options = this.#options(change);
        const bytes = Enhancer.bytes(options);
        const region = this.#regionOf(bytes);
        this.#spare = null;
        try {
          this.#ready = { ...change, enhancer: await Enhancer.open(options, region), region };
        } catch (error) {
          this.#spare = region;
          throw error;
        }
      } catch (error) {
        change.done(AfterglowError.from(error));
      } finally {
        this.#opening = null;
      }
    }
  }

  #options({ recipe, sizeShare }: Change): EnhancerOptions {
    return {
      recipe: withSizeShare(recipe.recipe, sizeShare),
      picture: this.#picture,
      mode: this.#mode,
      helpers: this.#helpers,
      placements: [...this.#failed].reduce(withoutProvider, recipe.placements),
    };
  }

  #regionOf(bytes: number): ArenaRegion {
    const spare = this.#spare;
    if (spare && spare.end - spare.start >= bytes) {
      // Enhancers count on new memory: what the one before left there would be taken for answers, and for orders to end.
      new Uint8Array(spare.memory.buffer, spare.start, spare.end - spare.start).fill(0);
      return spare;
    }
    return growMemory(this.#current.region.memory, bytes);
  }
}

/** Whether a recipe's network takes pictures of any size. */
export function canResize(recipe: Recipe): boolean {
  const network = networkOf(recipe);
  if (!network) return false;
  const [, , height, width] = findCard(network.model).input.shape;
  return typeof height !== 'number' && typeof width !== 'number';
}

function withSizeShare(recipe: Recipe, share: number): Recipe {
  const network = networkOf(recipe);
  if (share === 1 || !network) return recipe;
  return withNetwork(recipe, {
    workingSize: Math.max(SMALLEST_WORKING_SIZE, Math.round(network.workingSize * share)),
  });
}
