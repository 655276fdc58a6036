import path from 'node:path';
import type { StreamConfig } from '../config/stream-schema.js';
import { createHlsRoot, removeHlsRoot } from './hls-root.js';
import { StreamHandle } from './stream-handle.js';

/** All streams of one Afterglow, each in a process of its own. */
export class Supervisor {
  readonly #root = createHlsRoot();
  readonly #streams = new Map<string, StreamHandle>();

  /** Throws AfterglowError when a stream's pipeline cannot be loaded. */
  constructor(streams: readonly StreamConfig[]) {
    try {
      for (const config of streams) {
        this.#streams.set(config.id, new StreamHandle(config, { hlsFolder: path.join(this.#root, config.id) }));
      }
    } catch (error) {
      removeHlsRoot(this.#root);
      throw error;
    }
  }

  /** All streams, in the order of the configuration. */
  get streams(): readonly StreamHandle[] {
    return [...this.#streams.values()];
  }

  /** A stream by its id. */
  find(id: string): StreamHandle | undefined {
    return this.#streams.get(id);
  }

  /** Ends all streams; resolves when no process is left. */
  async stop(): Promise<void> {
    await Promise.all(this.streams.map((stream) => stream.stop()));
    removeHlsRoot(this.#root);
  }
}
