import type { Recipe } from '../config/recipe.js';
import type { StreamConfig } from '../config/stream-schema.js';
import { ONE_THREAD, type Placements } from '../inference/placement.js';
import type { RecordingOptions, StreamOptions } from './stream-messages.js';

/** What a stream's process needs besides its configuration. */
export interface StreamSurroundings {
  /** The input with its credentials; the configuration's own by default. */
  readonly input?: string;
  readonly recipe: Recipe;
  /** Where its network may run; one thread of the CPU by default. */
  readonly placements?: Placements;
  readonly recording?: RecordingOptions | null;
  readonly hlsFolder: string;
  readonly rtpPort: number | null;
  readonly exact?: boolean;
}

/** The options of a stream's process. */
export function streamOptions(config: StreamConfig, surroundings: StreamSurroundings): StreamOptions {
  const { id, transport, strength, gate, regions, latency, loop, maxPixels, encoder } = config;
  return {
    id,
    input: surroundings.input ?? config.input,
    transport,
    recipe: {
      name: config.pipeline,
      recipe: surroundings.recipe,
      placements: surroundings.placements ?? ONE_THREAD,
    },
    strength,
    gate,
    regions,
    recording: surroundings.recording ?? null,
    latency,
    loop,
    maxPixels,
    encoder,
    hlsFolder: surroundings.hlsFolder,
    rtpPort: surroundings.rtpPort,
    exact: surroundings.exact ?? false,
  };
}
