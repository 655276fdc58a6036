import type { Provider } from '../config/provider-names.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import type { InputSize } from './network-session.js';
import { onCpu, type Placement } from './placement.js';
import { tryInProcess } from './trial-process.js';

/** A network at the size that it works at. */
export interface SizedNetwork {
  readonly model: string;
  readonly size: InputSize;
  /** Folder of models other than the installation's and the user's. */
  readonly folder?: string;
}

/** Milliseconds of a run at a place. */
export interface Timing extends Placement {
  readonly milliseconds: number;
}

/** A provider that does not run a network here, and why not. */
export interface Unfit {
  readonly provider: Provider;
  readonly reason: string;
}

/** What was measured of a network. */
export interface Measurement {
  /** The CPU's are there for several numbers of threads. */
  readonly timings: readonly Timing[];
  readonly unfit: readonly Unfit[];
}

/** How the measurement is made. */
export interface MeasuringOptions {
  readonly providers: readonly Provider[];
  readonly device: number | null;
  readonly cores: number;
  /** Whether it gives way to all else. */
  readonly inBackground: boolean;
  readonly signal?: AbortSignal;
}

/** What the measuring process is asked. */
export interface TimingQuestion {
  readonly model: string;
  readonly folder: string | null;
  readonly size: InputSize;
  readonly placements: readonly Placement[];
  /** A run that takes longer than this, in milliseconds, need not be measured more exactly. */
  readonly hopeless: number;
}

/** What it answers: milliseconds of a run, in the order of the placements. */
export interface TimingAnswer {
  readonly kind: 'timed';
  readonly milliseconds: readonly number[];
}

const PROCESS = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/src/inference/measure-process.js' : './measure-process.js',
  import.meta.url,
);
/** Milliseconds that a provider may take for all of its answer; compiling a network for a GPU takes some. */
const LIMIT = 60_000;
const LOWEST_PRIORITY = 19;
/** What takes so many times as long as the CPU is no choice. */
const HOPELESS = 10;

/**
 * Times a network on each provider, one after the other, each in a process of its own. Throws AfterglowError where it does not
 * run even on the CPU, or was stopped.
 */
export async function measureNetwork(network: SizedNetwork, options: MeasuringOptions): Promise<Measurement> {
  const timings: Timing[] = [];
  const unfit: Unfit[] = [];
  for (const provider of options.providers) {
    const placements =
      provider === 'cpu' ? threadCounts(options.cores).map(onCpu) : [{ provider, device: options.device, threads: 1 }];
    try {
      timings.push(
        ...(await timePlacements(network, placements, { ...options, hopeless: HOPELESS * fastestOf(timings) })),
      );
    } catch (thrown) {
      if (provider === 'cpu' || options.signal?.aborted) throw thrown;
      unfit.push({ provider, reason: reasonOf(thrown) });
    }
  }
  return { timings, unfit };
}

/** Times a network at some places, in one process. Throws AfterglowError. */
async function timePlacements(
  { model, folder, size }: SizedNetwork,
  placements: readonly Placement[],
  { inBackground, signal, hopeless }: MeasuringOptions & { readonly hopeless: number },
): Promise<Timing[]> {
  const question: TimingQuestion = { model, folder: folder ?? null, size, placements, hopeless };
  const { milliseconds } = await tryInProcess<TimingAnswer>(PROCESS, question, {
    limit: LIMIT,
    ...(inBackground ? { priority: LOWEST_PRIORITY } : {}),
    ...(signal ? { signal } : {}),
  });
  return placements.map((placement, i) => ({ ...placement, milliseconds: milliseconds[i] ?? Infinity }));
}

/** Numbers of threads that are tried: 1, 2, 4 and so on, and one for each core. */
export function threadCounts(cores: number): number[] {
  const counts: number[] = [];
  for (let count = 1; count < cores; count *= 2) counts.push(count);
  return [...counts, cores];
}

/** The shortest of some times; Infinity for none. */
function fastestOf(timings: readonly Timing[]): number {
  return Math.min(...timings.map(({ milliseconds }) => milliseconds));
}

function reasonOf(thrown: unknown): string {
  const { message } = AfterglowError.from(thrown);
  return message.replace(/\s+/g, ' ').slice(0, 200);
}
