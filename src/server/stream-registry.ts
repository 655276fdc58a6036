import type { StreamConfig } from '../config/stream-schema.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import type { WebRtcEngine } from '../publish/webrtc-engine.js';
import type { StreamChange } from '../supervisor/stream-change.js';
import type { StreamHandle } from '../supervisor/stream-handle.js';
import type { Supervisor } from '../supervisor/supervisor.js';
import { PublishedStream } from './published-stream.js';

/** All streams that viewers can see, added, changed and removed while they run. */
export class StreamRegistry {
  readonly #supervisor: Supervisor;
  readonly #engine: WebRtcEngine;
  readonly #maxViewers: () => number;
  readonly #streams = new Map<string, PublishedStream>();
  /** The last change of each stream: the next one waits for it. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(supervisor: Supervisor, engine: WebRtcEngine, maxViewers: () => number) {
    this.#supervisor = supervisor;
    this.#engine = engine;
    this.#maxViewers = maxViewers;
  }

  /** All streams, in the order in which they came. */
  get all(): readonly PublishedStream[] {
    return [...this.#streams.values()];
  }

  /** A stream by its id. */
  get(id: string): PublishedStream | undefined {
    return this.#streams.get(id);
  }

  /** A stream by its id. Throws AfterglowError `stream-unknown`. */
  find(id: string): PublishedStream {
    const stream = this.#streams.get(id);
    if (stream) return stream;
    throw new AfterglowError('stream-unknown', `there is no stream "${id.slice(0, 64)}"`, {
      remedy: 'GET /api/streams lists those there are',
    });
  }

  /** Publishes and starts the streams that the supervisor has from the beginning. */
  async startAll(): Promise<void> {
    for (const handle of this.#supervisor.streams) await this.#publish(handle);
  }

  /** Adds a stream and starts it. Throws AfterglowError as Supervisor.add. */
  add(config: StreamConfig): Promise<PublishedStream> {
    return this.#inTurn(config.id, () => this.#publish(this.#supervisor.add(config)));
  }

  /** Changes a stream. next: makes the new configuration of the present one. Throws AfterglowError as StreamHandle. */
  change(id: string, next: (current: StreamConfig) => StreamConfig): Promise<StreamChange> {
    return this.#inTurn(id, () => {
      const { handle } = this.find(id);
      return handle.reconfigure(next(handle.config));
    });
  }

  /** Removes a stream with its viewers. Throws AfterglowError `stream-unknown`. */
  remove(id: string): Promise<void> {
    return this.#inTurn(id, async () => {
      const stream = this.find(id);
      this.#streams.delete(id);
      await Promise.all([stream.close(), this.#supervisor.remove(id)]);
    });
  }

  /** Ends all viewers' connections. */
  async close(): Promise<void> {
    await Promise.all(this.all.map((stream) => stream.close()));
  }

  async #publish(handle: StreamHandle): Promise<PublishedStream> {
    const stream = await PublishedStream.start(handle, this.#engine, this.#maxViewers);
    this.#streams.set(handle.id, stream);
    return stream;
  }

  #inTurn<Result>(id: string, act: () => Promise<Result>): Promise<Result> {
    const turn = (this.#turns.get(id) ?? Promise.resolve()).then(act, act);
    this.#turns.set(id, turn);
    const over = (): void => {
      if (this.#turns.get(id) === turn) this.#turns.delete(id);
    };
    turn.then(over, over);
    return turn;
  }
}
