import type { Provider } from '../config/provider-names.js';

/** Where a network runs. */
export interface Placement {
  readonly provider: Provider;
  /** Which GPU of several, or null for the one that the provider takes by itself. For cuda and dml. */
  readonly device: number | null;
  /** CPU threads of one run. */
  readonly threads: number;
}

/** Where a network may run, in the order in which it is tried; the last is the CPU, which runs everything. */
export type Placements = readonly [Placement, ...Placement[]];

/** A network that had to go on elsewhere. */
export interface ProviderMove {
  readonly from: Provider;
  readonly to: Provider;
  /** The network and why, in a sentence. */
  readonly message: string;
}

/** The CPU, with so many threads. */
export function onCpu(threads: number): Placement {
  return { provider: 'cpu', device: null, threads };
}

/** One thread of the CPU, which leaves the other cores to decoding and encoding. */
export const ONE_THREAD: Placements = [onCpu(1)];

/** The same places without those of a provider that has failed; the CPU stays. */
export function withoutProvider(placements: Placements, failed: Provider): Placements {
  const [first, ...rest] = placements.filter(({ provider }) => provider === 'cpu' || provider !== failed);
  return first ? [first, ...rest] : ONE_THREAD;
}
