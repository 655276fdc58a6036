import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { AfterglowError } from '../errors/afterglow-error.js';
import type { SharedArena } from '../frames/shared-arena.js';
import type { Provider } from '../inference/network-session.js';
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
  /** Milliseconds of one run, measured before the first picture. */
  readonly milliseconds: number;
  readonly #port: MessagePort;
  readonly #ended: Promise<void>;

  private constructor(port: MessagePort, exchange: NetworkExchange, milliseconds: number, ended: Promise<void>) {
    this.#port = port;
    this.exchange = exchange;
    this.milliseconds = milliseconds;
    this.#ended = ended;
  }

  /** Starts the thread and loads the model. Throws AfterglowError `model-missing` or `model-broken`. */
  static async start(
    arena: SharedArena,
    options: {
      readonly model: string;
      readonly modelFolder?: string;
      readonly provider: Provider;
      readonly keepLuma: boolean;
      readonly working: Size;
      readonly geometry: GridGeometry;
    },
  ): Promise<NetworkThread> {
    const { working, geometry } = options;
    const handle: ExchangeHandle = {
      region: arena.carve(NetworkExchange.bytes(working, geometry)),
      working,
      columns: geometry.columns,
      rows: geometry.rows,
      bins: geometry.bins,
    };
    const { port1: port, port2 } = new MessageChannel();
    const data: NetworkWorkerData = {
      port: port2,
      exchange: handle,
      model: options.model,
      modelFolder: options.modelFolder ?? null,
      provider: options.provider,
      keepLuma: options.keepLuma,
    };
    const worker = new Worker(WORKER, { workerData: data, transferList: [port2] });
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    const first = await new Promise<NetworkWorkerMessage>((resolve, reject) => {
      port.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => {
        // Its last words may still be under way.
        const received = receiveMessageOnPort(port) as { message: NetworkWorkerMessage } | undefined;
        if (received) resolve(received.message);
        else reject(new Error(`the network's thread ended with code ${code}`));
      });
    });
    if (first.kind === 'failed') {
      await ended;
      throw AfterglowError.fromReport(first.error);
    }
    port.unref();
    return new NetworkThread(port, new NetworkExchange(handle), first.milliseconds, ended);
  }

  /** Why the thread has given up; to be asked once the exchange is in state failed. */
  get failure(): AfterglowError {
    // The caller's event loop may be blocked in a frame loop, so the message is fetched and not awaited.
    const received = receiveMessageOnPort(this.#port) as { message: NetworkWorkerMessage } | undefined;
    if (received?.message.kind === 'failed') return AfterglowError.fromReport(received.message.error);
    return new AfterglowError('model-broken', 'the network gave up', { remedy: 'see the log', retryable: true });
  }

  /** Ends the thread after the run it is in: terminating it during a run would abort the process. */
  async stop(): Promise<void> {
    this.exchange.quit();
    await this.#ended;
  }
}
