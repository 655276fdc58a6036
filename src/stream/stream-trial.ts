import type { StreamConfig } from '../config/stream-schema.js';
import type { Recipe } from '../config/recipe.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { cpuMilliseconds } from '../frames/cpu-clock.js';
import type { TraceBoard } from '../frames/trace-board.js';
import { streamOptions } from './stream-options.js';
import { StreamSession } from './stream-session.js';
import type { StreamEvent, StreamStats } from './stream-messages.js';

/** How a stream is tried. */
export interface TrialOptions {
  readonly config: StreamConfig;
  readonly recipe: Recipe;
  /** Where HLS is written meanwhile. */
  readonly hlsFolder: string;
  /** exact: the whole file as fast as it goes, no picture dropped. seconds: so long, at the input's own rate. */
  readonly mode: { readonly exact: true } | { readonly seconds: number };
  /** Where the time of each picture is traced, or null. */
  readonly trace?: TraceBoard | null;
  /** Called with figures about once a second. */
  readonly onStats?: (stats: StreamStats) => void;
}

/** What a trial of a stream gave. */
export interface TrialResult {
  readonly frames: number;
  readonly dropped: number;
  /** From the first picture to the end. */
  readonly seconds: number;
  /** CPU milliseconds for each picture that was sent, all threads together. */
  readonly cpuPerFrame: number;
  readonly framesPerSecond: number;
  readonly networkPerSecond: number;
  /** Mean milliseconds from a picture's coming in to its being encoded. */
  readonly age: number;
  /** Largest resident memory that was seen, in bytes. */
  readonly memoryBytes: number;
}

/** A moment by the wall's clock and by the processor's, in milliseconds. */
interface Moment {
  readonly at: number;
  readonly cpu: number;
}

/** Runs a stream in this process: decode, pipeline, encode, HLS. Throws AfterglowError where the stream fails. */
export async function tryStream(options: TrialOptions): Promise<TrialResult> {
  const { config, recipe, hlsFolder, mode } = options;
  const exact = 'exact' in mode;
  const seen = { failure: null as AfterglowError | null, start: null as Moment | null, memoryBytes: 0 };
  const hear = (event: StreamEvent): void => {
    if (event.kind === 'stats') {
      seen.memoryBytes = Math.max(seen.memoryBytes, event.stats.memoryBytes);
      options.onStats?.(event.stats);
    }
    if (event.kind !== 'state') return;
    if (event.state.kind === 'failed') seen.failure = AfterglowError.fromReport(event.state.error);
    if (event.state.kind === 'live' && !seen.start) {
      seen.start = { at: performance.now(), cpu: cpuMilliseconds() };
      if (!exact) setTimeout(() => session.stop(), mode.seconds * 1000);
    }
  };
  const session = new StreamSession(
    streamOptions(config, { recipe, hlsFolder, rtpPort: null, exact }),
    hear,
    options.trace ?? null,
  );
  await session.run();
  if (seen.failure) throw seen.failure;
  const [cpu, now] = [cpuMilliseconds(), performance.now()];
  const { counters, overtaken } = session.stats();
  const begin = seen.start ?? { at: now, cpu };
  const seconds = Math.max(1e-3, (now - begin.at) / 1000);
  const frames = Math.max(1, counters.encoded);
  return {
    frames: counters.encoded,
    dropped: overtaken.source + overtaken.output + counters.droppedNoSlot + counters.droppedGovernor,
    seconds,
    cpuPerFrame: (cpu - begin.cpu) / frames,
    framesPerSecond: counters.encoded / seconds,
    networkPerSecond: counters.answers / seconds,
    age: counters.ageMs / frames,
    memoryBytes: seen.memoryBytes,
  };
}
