import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { AfterglowError } from '../errors/afterglow-error.js';
import type { SharedArena } from '../frames/shared-arena.js';
import type { Placements, ProviderMove } from '../inference/placement.js';
import type { GridGeometry } from './grid-geometry.js';
import { NetworkExchange, type ExchangeHandle } from './network-exchange.js';
import type { NetworkWorkerData, NetworkWorkerMessage } from './network-worker.js';
import type { Size } from './working-size.js';

/** The compiled thread, from here or, when tests run the sources, from dist/. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/src/enhance/network-worker.js' : './network-worker.js',
  import.meta.url,
);

/** A network on a thread of its own: the runtime blocks the thread that it is called on. */
export class NetworkThread {
  readonly exchange: NetworkExchange;
  readonly #port: MessagePort;
  readonly #ended: Promise<void>;
  readonly #heard: NetworkWorkerMessage[];

  private constructor(
    port: MessagePort,
    exchange: NetworkExchange,
    heard: NetworkWorkerMessage[],
    ended: Promise<void>,
  ) {
    this.#port = port;
    this.exchange = exchange;
    this.#heard = heard;
    this.#ended = ended;
  }

  /** Starts the thread and loads the model. Throws AfterglowError `model-missing` or `model-broken`. */
  static async start(
    arena: SharedArena,
    options: {
      readonly model: string;
      readonly modelFolder?: string;
      readonly placements: Placements;
      readonly keepLuma: boolean;
      /** Size of the pictures that it sees, and the grid that is fitted to its answers; or whole pictures, in tiles. */
      readonly work:
        | { readonly kind: 'grid'; readonly working: Size; readonly geometry: GridGeometry }
        | { readonly kind: 'native'; readonly picture: Size; readonly tileBytes: number };
    },
  ): Promise<NetworkThread> {
    const { work } = options;
    const handle: ExchangeHandle =
      work.kind === 'grid'
        ? {
            region: arena.carve(NetworkExchange.bytes(work.working, work.geometry)),
            working: work.working,
            tileBytes: null,
            columns: work.geometry.columns,
            rows: work.geometry.rows,
            bins: work.geometry.bins,
          }
        : {
            region: arena.carve(NetworkExchange.nativeBytes(work.picture, work.tileBytes)),
            working: work.picture,
            tileBytes: work.tileBytes,
            columns: 0,
            rows: 0,
            bins: 0,
          };
    const { port1: port, port2 } = new MessageChannel();
    const data: NetworkWorkerData = {
      port: port2,
      exchange: handle,
      model: options.model,
      modelFolder: options.modelFolder ?? null,
      placements: options.placements,
      keepLuma: options.keepLuma,
    };
    const worker = new Worker(WORKER, { workerData: data, transferList: [port2] });
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const heard: NetworkWorkerMessage[] = [];
    const first = await new Promise<Exclude<NetworkWorkerMessage, { kind: 'moved' }>>((resolve, reject) => {
      const hear = (message: NetworkWorkerMessage): void => {
        if (message.kind !== 'ready') heard.push(message);
        if (message.kind !== 'moved') resolve(message);
      };
      port.on('message', hear);
      worker.once('error', reject);
      worker.once('exit', (code) => {
        // Its last words may still be under way.
        for (let last = receive(port); last; last = receive(port)) hear(last);
        reject(new Error(`the network's thread ended with code ${code}`));
      });
    });
    if (first.kind === 'failed') {
      await ended;
      throw AfterglowError.fromReport(first.error);
    }
    port.unref();
    return new NetworkThread(port, new NetworkExchange(handle), heard, ended);
  }

  /** Why the thread has given up; to be asked once the exchange is in state failed. */
  get failure(): AfterglowError {
    this.#fetch();
    const failed = this.#heard.find((message) => message.kind === 'failed');
    if (failed) return AfterglowError.fromReport(failed.error);
    return new AfterglowError('model-broken', 'the network gave up', { remedy: 'see the log', retryable: true });
  }

  /** Where the network has had to go on elsewhere since this was asked last. */
  takeMoves(): ProviderMove[] {
    this.#fetch();
    const moves = this.#heard.flatMap((message) => (message.kind === 'moved' ? message.move : []));
    const others = this.#heard.filter(({ kind }) => kind !== 'moved');
    this.#heard.splice(0, this.#heard.length, ...others);
    return moves;
  }

  /** The caller's event loop may be blocked in a frame loop, so messages are fetched, besides being listened to. */
  #fetch(): void {
    for (let message = receive(this.#port); message; message = receive(this.#port)) this.#heard.push(message);
  }

  /** Ends the thread after the run it is in: terminating it during a run would abort the process. */
  async stop(): Promise<void> {
    this.exchange.quit();
    await this.#ended;
  }
}

function receive(port: MessagePort): NetworkWorkerMessage | undefined {
  return (receiveMessageOnPort(port) as { message: NetworkWorkerMessage } | undefined)?.message;
}
