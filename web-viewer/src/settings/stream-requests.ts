import type { GateConfig, RegionsConfig } from '../../../src/config/stream-schema.js';
import type { ServerRequests } from '../server-requests.js';

/** A pipeline that a stream can have. */
export interface PipelineChoice {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  /** The networks that it runs. */
  readonly models?: readonly string[];
  /** Whether it is for live video. */
  readonly live: boolean;
}

/** What a stream is set to, as GET /api/streams/:id/settings has it. */
export interface StreamSettings {
  readonly gate: GateConfig;
  readonly regions: RegionsConfig;
}

/** What can be changed of a stream here. */
export interface StreamChanges {
  readonly pipeline?: string;
  readonly gate?: GateConfig;
  readonly regions?: RegionsConfig;
}

/** Requests that ask for a stream's settings and change them. */
export class StreamRequests {
  readonly #server: ServerRequests;

  constructor(server: ServerRequests) {
    this.#server = server;
  }

  /** Pipelines for live video; empty where the server does not tell. */
  async pipelines(): Promise<readonly PipelineChoice[]> {
    try {
      const { pipelines } = (await this.#server.ask('/api/pipelines')) as {
        readonly pipelines: readonly PipelineChoice[];
      };
      return pipelines.filter(({ live }) => live);
    } catch {
      return [];
    }
  }

  /** What a stream is set to. Throws RequestRefused. */
  async settings(stream: string): Promise<StreamSettings> {
    return (await this.#server.ask(`/api/streams/${stream}/settings`)) as StreamSettings;
  }

  /** Changes a stream; resolves when the stream has it. Throws RequestRefused. */
  async change(stream: string, changes: StreamChanges): Promise<void> {
    await this.#server.send('PATCH', `/api/streams/${stream}`, changes);
  }
}
