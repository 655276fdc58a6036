import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { loadRecipe } from '../src/config/recipe.js';
import { streamSchema } from '../src/config/stream-schema.js';
import { streamOptions } from '../src/stream/stream-options.js';
import { StreamSession } from '../src/stream/stream-session.js';
import type { StreamStats } from '../src/stream/stream-messages.js';
import { benchFolder } from './bench-clip.js';
import { cpuMilliseconds } from './cpu-time.js';

/** What one run of a stream gave. */
export interface RunResult {
  readonly frames: number;
  readonly dropped: number;
  readonly seconds: number;
  /** CPU milliseconds for each picture that was sent, all threads together. */
  readonly cpuPerFrame: number;
  readonly framesPerSecond: number;
  readonly networkPerSecond: number;
  /** Mean milliseconds from a picture's coming in to its being encoded. */
  readonly age: number;
}

/**
 * Runs a clip through a whole stream: decode, pipeline, encode, HLS. exact: as fast as it goes, no picture dropped; else
 * at the clip's own rate for some seconds, as a camera.
 */
export async function runStream(
  file: string,
  pipeline: string,
  mode: { readonly exact: true } | { readonly seconds: number },
): Promise<RunResult> {
  const exact = 'exact' in mode;
  const config = streamSchema.parse({ id: 'bench', input: file, pipeline, loop: !exact });
  const recipe = loadRecipe(pipeline);
  let stats: StreamStats | null = null;
  let started: { readonly at: number; readonly cpu: number } | null = null;
  const session = new StreamSession(
    streamOptions(config, { recipe, hlsFolder: mkdtempSync(path.join(benchFolder, 'hls-')), rtpPort: null, exact }),
    (event) => {
      if (event.kind === 'stats') stats = event.stats;
      if (event.kind === 'state' && event.state.kind === 'failed') throw new Error(event.state.error.message);
      if (event.kind === 'state' && event.state.kind === 'live') {
        started ??= { at: performance.now(), cpu: cpuMilliseconds() };
        if (!exact) setTimeout(() => session.stop(), mode.seconds * 1000);
      }
    },
  );
  await session.run();
  const [cpu, now] = [cpuMilliseconds(), performance.now()];
  const { counters, overtaken } = stats as unknown as StreamStats;
  const begin = started as unknown as { readonly at: number; readonly cpu: number };
  const seconds = (now - begin.at) / 1000;
  return {
    frames: counters.encoded,
    dropped: overtaken.source + overtaken.output + counters.droppedNoSlot,
    seconds,
    cpuPerFrame: (cpu - begin.cpu) / counters.encoded,
    framesPerSecond: counters.encoded / seconds,
    networkPerSecond: counters.answers / seconds,
    age: counters.ageMs / counters.encoded,
  };
}
