import { EventEmitter } from 'node:events';
import { rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { RecordingsConfig } from '../config/schema.js';
import type { StreamConfig } from '../config/stream-schema.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { createHlsRoot, removeHlsRoot } from './hls-root.js';
import type { NetworkPlacements } from './network-placements.js';
import { StreamHandle } from './stream-handle.js';

/** Streams that one Afterglow takes. */
export const MAX_STREAMS = 64;

/** What a supervisor tells. */
export interface SupervisorEvents {
  added: [stream: StreamHandle];
  removed: [stream: StreamHandle];
}

/** All streams of one Afterglow, each in a process of its own. */
export class Supervisor extends EventEmitter<SupervisorEvents> {
  readonly #root = createHlsRoot();
  readonly #streams = new Map<string, StreamHandle>();
  readonly #recordings: RecordingsConfig | undefined;
  readonly #placements: NetworkPlacements | undefined;
  #stopping = false;

  /**
   * Throws AfterglowError when a stream's pipeline cannot be loaded. recordings: without it, nothing is recorded; placements:
   * without it, networks run on the CPU.
   */
  constructor(streams: readonly StreamConfig[], recordings?: RecordingsConfig, placements?: NetworkPlacements) {
    super();
    this.#recordings = recordings;
    this.#placements = placements;
    placements?.on('changed', () => {
      for (const stream of this.#streams.values()) void stream.moveNetwork();
    });
    try {
      for (const config of streams) this.add(config);
    } catch (error) {
      removeHlsRoot(this.#root);
      throw error;
    }
  }

  /** All streams, in the order in which they came. */
  get streams(): readonly StreamHandle[] {
    return [...this.#streams.values()];
  }

  /** Folder of all streams' HLS. */
  get hlsRoot(): string {
    return this.#root;
  }

  /** A stream by its id. */
  find(id: string): StreamHandle | undefined {
    return this.#streams.get(id);
  }

  /** Takes another stream, which is not started yet. Throws AfterglowError `stream-exists`, `stream-limit`, and as loadRecipe. */
  add(config: StreamConfig): StreamHandle {
    if (this.#stopping) {
      throw new AfterglowError('stream-limit', 'this Afterglow is about to end', {
        remedy: 'try again when it has been started anew',
        retryable: true,
      });
    }
    if (this.#streams.has(config.id)) {
      throw new AfterglowError('stream-exists', `there is a stream "${config.id}" already`, {
        remedy: 'choose another id, or change that stream',
      });
    }
    if (this.#streams.size >= MAX_STREAMS) {
      throw new AfterglowError('stream-limit', `there are ${MAX_STREAMS} streams already`, {
        remedy: 'remove one, or use another Afterglow',
      });
    }
    const stream = new StreamHandle(config, {
      hlsFolder: path.join(this.#root, config.id),
      ...(this.#recordings ? { recordings: this.#recordings } : {}),
      ...(this.#placements ? { placementsFor: this.#placements.of } : {}),
    });
    this.#streams.set(config.id, stream);
    this.#shareOut();
    this.emit('added', stream);
    return stream;
  }

  /** Ends a stream and forgets it; resolves when its process is gone. Its recordings stay. */
  async remove(id: string): Promise<void> {
    const stream = this.#streams.get(id);
    if (!stream) return;
    this.#streams.delete(id);
    this.#shareOut();
    this.emit('removed', stream);
    await stream.stop();
    rmSync(stream.hlsFolder, { recursive: true, force: true });
  }

  /** Ends all streams; resolves when no process is left. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#placements?.close();
    await Promise.all(this.streams.map((stream) => stream.stop()));
    removeHlsRoot(this.#root);
  }

  /** Tells each stream how many cores are its fair share. */
  #shareOut(): void {
    const cores = os.availableParallelism() / Math.max(1, this.#streams.size);
    for (const stream of this.#streams.values()) stream.setShare(cores);
  }
}
