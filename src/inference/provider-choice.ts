import type { InferenceConfig } from '../config/inference-schema.js';
import type { Provider } from '../config/provider-names.js';
import { ChoiceMemory, type MeasuredSubject, type RememberedMeasurement } from './choice-memory.js';
import { examineMachine, type Machine } from './machine.js';
import { measureNetwork, type SizedNetwork, type Timing } from './measurement.js';
import { findCard } from './model-library.js';
import { onCpu, type Placement, type Placements } from './placement.js';

/** What a network is run for. */
export type NetworkUse =
  /** Beside decoding and encoding; rate: runs a second. */
  | { readonly kind: 'live'; readonly rate: number }
  /** In a process for each core. */
  | { readonly kind: 'film' }
  /** Alone, with whoever asked waiting for it. */
  | { readonly kind: 'picture' };

/** Where a network runs, and why. */
export interface Choice {
  readonly placements: Placements;
  readonly sentence: string;
}

/** Milliseconds after which a provider that did not work is tried again: drivers are repaired. */
const UNFIT_HOLDS = 24 * 3600_000;
/** A run on one thread may take this share of the time between two runs of a stream. */
const BUSY_SHARE = 0.8;

/** Chooses where networks run: as configured, or the fastest by a measurement that is remembered. */
export class ProviderChoice {
  readonly machine: Machine;
  readonly memory: ChoiceMemory;
  readonly #config: InferenceConfig;

  private constructor(config: InferenceConfig, machine: Machine, memory: ChoiceMemory) {
    this.#config = config;
    this.machine = machine;
    this.memory = memory;
  }

  /** complain: told once that nothing can be remembered. */
  static async open(config: InferenceConfig, complain: (sentence: string) => void): Promise<ProviderChoice> {
    return new ProviderChoice(config, await examineMachine(), new ChoiceMemory(complain));
  }

  /**
   * Where a network runs, as far as that is known without a measurement; null where one is needed. Throws AfterglowError
   * `model-missing` or `model-broken` by its card.
   */
  known(network: SizedNetwork, use: NetworkUse): Choice | null {
    const { provider } = this.#config;
    const { model } = network;
    if (provider !== 'auto') {
      const sentence = `the network ${model} runs on ${provider}, as it is configured`;
      return { placements: this.#configured(provider, use), sentence };
    }
    const kept = this.memory.find(this.#subject(network));
    if (kept && !isStale(kept)) return this.#chosen(network, use, kept, `measured on ${kept.measured.slice(0, 10)}`);
    if (this.machine.providers.length > 1) return null;
    const sentence = `the network ${model} runs on cpu: there is no GPU here that it could run on`;
    return { placements: this.meanwhile(use), sentence };
  }

  /** Where a network runs until more is known: on the CPU. */
  meanwhile(use: NetworkUse): Placements {
    return [onCpu(this.#threads(use, []))];
  }

  /** Measures a network on all that this machine has, and remembers it. Throws AfterglowError as measureNetwork does. */
  async measure(
    network: SizedNetwork,
    use: NetworkUse,
    { inBackground, signal }: { readonly inBackground: boolean; readonly signal?: AbortSignal },
  ): Promise<Choice> {
    const { providers, cores } = this.machine;
    const device = this.#config.device ?? null;
    const options = { providers, cores, device, inBackground, ...(signal ? { signal } : {}) };
    const measurement = await measureNetwork(network, options);
    const kept = this.memory.keep(this.#subject(network), measurement);
    return this.#chosen(network, use, kept, 'measured now');
  }

  /** The measurement of a network that is remembered for this machine, or null. Throws AfterglowError by its card. */
  remembered(network: SizedNetwork): RememberedMeasurement | null {
    return this.memory.find(this.#subject(network));
  }

  #configured(provider: Provider, use: NetworkUse): Placements {
    const cpu = onCpu(this.#threads(use, []));
    return provider === 'cpu' ? [cpu] : [{ ...cpu, provider, device: this.#config.device ?? null }, cpu];
  }

  #chosen({ model }: SizedNetwork, use: NetworkUse, kept: RememberedMeasurement, when: string): Choice {
    const { timings, unfit } = kept;
    const threads = this.#threads(use, timings);
    // Another number may be configured than those that were measured.
    const distance = (timing: Timing): number => Math.abs(timing.threads - threads);
    const onThreads = timings.filter(({ provider }) => provider === 'cpu').sort((a, b) => distance(a) - distance(b));
    const onGpus = timings.filter(({ provider }) => provider !== 'cpu');
    const fit = [...onGpus, ...onThreads.slice(0, 1)].sort((a, b) => a.milliseconds - b.milliseconds);
    const cpu = onCpu(threads);
    const end = fit.findIndex(({ provider }) => provider === 'cpu');
    const faster: Placement[] = fit.slice(0, end).map(({ provider, device }) => ({ provider, device, threads }));
    const placements = inOrder(faster, cpu);
    const all = fit.map((timing) => `${nameOf(timing)} ${timing.milliseconds.toFixed(1)} ms`).join(', ');
    const faults = unfit.map(({ provider, reason }) => `; ${provider} does not work: ${reason}`).join('');
    return {
      placements,
      sentence: `the network ${model} runs on ${placements[0].provider}, by the time of a run: ${all} (${when}, ${this.memory.place})${faults}`,
    };
  }

  /** CPU threads of a run. */
  #threads(use: NetworkUse, timings: readonly Timing[]): number {
    const { threads } = this.#config;
    if (threads !== 'auto') return threads;
    const { cores } = this.machine;
    const onThreads = timings.filter(({ provider }) => provider === 'cpu');
    switch (use.kind) {
      case 'film':
        // With more, the last bits could depend on the machine.
        return 1;
      case 'picture':
        return fastest(onThreads)?.threads ?? cores;
      case 'live': {
        const inTime = (timing: Timing): boolean => timing.milliseconds <= (BUSY_SHARE * 1000) / use.rate;
        // One core at least is for decoding and encoding.
        const spare = onThreads.filter((timing) => timing.threads < Math.max(2, cores));
        return spare.find(inTime)?.threads ?? fastest(spare)?.threads ?? 1;
      }
    }
  }

  #subject({ model, size, folder }: SizedNetwork): MeasuredSubject {
    const { cpu, cores, gpus, providers, runtime } = this.machine;
    const { sha256 } = findCard(model, folder);
    const device = this.#config.device ?? null;
    return { model, sha256, ...size, cpu, cores, gpus: [...gpus], providers: [...providers], device, runtime };
  }
}

/** The CPU after what is faster. */
function inOrder(faster: readonly Placement[], cpu: Placement): Placements {
  const [first, ...rest] = faster;
  return first ? [first, ...rest, cpu] : [cpu];
}

function isStale({ unfit, measured }: RememberedMeasurement): boolean {
  return unfit.length > 0 && Date.now() - Date.parse(measured) > UNFIT_HOLDS;
}

function fastest(timings: readonly Timing[]): Timing | undefined {
  return [...timings].sort((a, b) => a.milliseconds - b.milliseconds)[0];
}

function nameOf({ provider, threads }: Timing): string {
  return provider === 'cpu' && threads > 1 ? `cpu (${threads} threads)` : provider;
}
