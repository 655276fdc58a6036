import { EventEmitter } from 'node:events';
import type { Recipe } from '../config/recipe.js';
import { recipeNetworks } from '../enhance/recipe-networks.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import type { SizedNetwork } from '../inference/measurement.js';
import { ONE_THREAD, type Placements } from '../inference/placement.js';
import type { NetworkUse, ProviderChoice } from '../inference/provider-choice.js';

/** From the first stream that needs a measurement to the measurement: streams that start would disturb it. Milliseconds. */
const SETTLING = 3000;

/** What it tells. */
export interface NetworkPlacementsEvents {
  /** More is known of where networks run best. */
  changed: [];
  said: [level: 'info' | 'warn', message: string];
}

interface Wanted {
  readonly network: SizedNetwork;
  readonly use: NetworkUse;
}

/**
 * Where the networks of streams run. What is not known is measured in the background, one network at a time, and no stream
 * waits for it: until then it runs on the CPU.
 */
export class NetworkPlacements extends EventEmitter<NetworkPlacementsEvents> {
  readonly #choice: ProviderChoice;
  readonly #stop = new AbortController();
  readonly #waiting = new Map<string, Wanted>();
  /** Networks whose measurement failed; it is not made again. */
  readonly #hopeless = new Set<string>();
  /** Networks of which it was said where they run. */
  readonly #said = new Set<string>();
  #isMeasuring = false;

  constructor(choice: ProviderChoice) {
    super();
    this.#choice = choice;
  }

  /** Where the network of a recipe may run, as far as that is known now. */
  readonly of = (recipe: Recipe): Placements => {
    const stage = recipe.stages.find((each) => each.stage === 'network');
    if (!stage) return ONE_THREAD;
    const use: NetworkUse = { kind: 'live', rate: stage.rate };
    try {
      const [network] = recipeNetworks({ ...recipe, stages: [stage] });
      if (!network) return ONE_THREAD;
      const known = this.#choice.known(network, use);
      if (known) {
        this.#say(network, known.sentence);
        return known.placements;
      }
      this.#measureLater({ network, use });
      return this.#choice.meanwhile(use);
    } catch {
      // The stream says itself what is wrong with its model.
      return ONE_THREAD;
    }
  };

  /** Ends a measurement that is under way. */
  close(): void {
    this.#stop.abort();
  }

  #measureLater(wanted: Wanted): void {
    const key = keyOf(wanted.network);
    if (this.#hopeless.has(key)) return;
    this.#waiting.set(key, wanted);
    if (!this.#isMeasuring) void this.#measureAll();
  }

  async #measureAll(): Promise<void> {
    this.#isMeasuring = true;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, SETTLING);
      this.#stop.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
    for (const [key, wanted] of this.#waiting) {
      if (this.#stop.signal.aborted) return;
      await this.#measure(key, wanted);
      this.#waiting.delete(key);
    }
    this.#isMeasuring = false;
  }

  async #measure(key: string, { network, use }: Wanted): Promise<void> {
    try {
      const { sentence } = await this.#choice.measure(network, use, { inBackground: true, signal: this.#stop.signal });
      this.#say(network, sentence);
      this.emit('changed');
    } catch (thrown) {
      if (this.#stop.signal.aborted) return;
      this.#hopeless.add(key);
      const { message } = AfterglowError.from(thrown);
      this.emit('said', 'warn', `what the network ${network.model} runs best on cannot be measured: ${message}`);
    }
  }

  /** Once for each network, not for each stream. */
  #say(network: SizedNetwork, sentence: string): void {
    const key = keyOf(network);
    if (this.#said.has(key)) return;
    this.#said.add(key);
    this.emit('said', 'info', sentence);
  }
}

function keyOf({ model, size }: SizedNetwork): string {
  return `${model} ${size.width}x${size.height}`;
}
