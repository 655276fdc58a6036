import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { types } from 'mediasoup';
import { childEnvironment } from '../../config/child-environment.js';
import type { EngineLog } from '../webrtc-engine.js';
import { listenInfos } from './listen-addresses.js';
import type { Mediasoup } from './worker-binary.js';

/** From a worker's death to its being spoken of, in milliseconds. */
const GRACE = 500;

/** How often a worker is asked whether it lives, and how long it may take to say so, in milliseconds. */
const ASK_EVERY = 5_000;
const LONGEST_SILENCE = 15_000;

/** How workers are to be. */
export interface WorkerPoolOptions {
  readonly mediasoup: Mediasoup;
  readonly loopbackOnly: boolean;
  /** First and last port to listen on, or null for any free ones. */
  readonly ports: readonly [number, number] | null;
  readonly log: EngineLog;
}

/** A worker with the one UDP and TCP port of all its viewers. */
export interface PooledWorker {
  readonly worker: types.Worker;
  readonly server: types.WebRtcServer;
  /** How many routers it has, which is what is shared out. */
  routers: number;
}

/** Workers over the cores of this machine. Each is one thread; a new one is started while streams outnumber them. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #most: number;
  readonly #workers = new Set<PooledWorker>();
  #starting: Promise<PooledWorker> | null = null;
  #closed = false;

  private constructor(options: WorkerPoolOptions, most: number) {
    this.#options = options;
    this.#most = most;
  }

  /** Starts the first worker. Throws where it does not start. */
  static async start(options: WorkerPoolOptions, most: number = availableParallelism()): Promise<WorkerPool> {
    const pool = new WorkerPool(options, most);
    await pool.#start();
    return pool;
  }

  /** The workers that there are. */
  get workers(): readonly PooledWorker[] {
    return [...this.#workers];
  }

  /** The worker for one more router: it counts there until it is given back. */
  async take(): Promise<PooledWorker> {
    let chosen = this.#leastBusy();
    if (!chosen || (chosen.routers > 0 && this.#workers.size < this.#most)) {
      this.#starting ??= this.#start().finally(() => (this.#starting = null));
      // Where no further worker can be had, those that there are take the load.
      const started = await this.#starting.catch((error: unknown) => {
        if (this.#workers.size === 0) throw error;
        return null;
      });
      chosen = this.#leastBusy() ?? started ?? undefined;
    }
    if (!chosen) throw new Error('the WebRTC worker has just ended');
    chosen.routers++;
    return chosen;
  }

  /** A router has ended. */
  release(worker: PooledWorker): void {
    worker.routers--;
  }

  /** Ends all workers. */
  close(): void {
    this.#closed = true;
    for (const { worker } of this.#workers) worker.close();
    this.#workers.clear();
  }

  #leastBusy(): PooledWorker | undefined {
    return [...this.#workers].sort((a, b) => a.routers - b.routers)[0];
  }

  async #start(): Promise<PooledWorker> {
    const { mediasoup } = this.#options;
    const worker = await createWorker(mediasoup);
    try {
      const pooled: PooledWorker = { worker, server: await this.#listen(worker), routers: 0 };
      if (this.#closed) throw new Error('the server ends');
      this.#workers.add(pooled);
      killWhenSilent(worker);
      worker.on('died', (error) => {
        this.#workers.delete(pooled);
        // A terminal's Ctrl-C ends workers by itself: then this server ends too, and it is nothing to speak of.
        setTimeout(() => this.#replace(error), GRACE);
      });
      return pooled;
    } catch (error) {
      worker.close();
      throw error;
    }
  }

  #replace(death: Error): void {
    if (this.#closed) return;
    const { log } = this.#options;
    log.error(`a WebRTC worker died (${death.message}); its viewers were disconnected, another one is started`);
    this.#starting ??= this.#start().finally(() => (this.#starting = null));
    this.#starting.then(
      () => log.info('another WebRTC worker has started'),
      (error: unknown) => log.error(`no other WebRTC worker starts: ${String(error)}`),
    );
  }

  /** Listens on the first ports of the range that are free for all protocols, or on any. */
  async #listen(worker: types.Worker): Promise<types.WebRtcServer> {
    const { ports, loopbackOnly } = this.#options;
    if (ports === null) return worker.createWebRtcServer({ listenInfos: listenInfos(loopbackOnly, null) });
    for (let port = ports[0]; port <= ports[1]; port++) {
      try {
        return await worker.createWebRtcServer({ listenInfos: listenInfos(loopbackOnly, port) });
      } catch (error) {
        if (port === ports[1]) throw new Error(`no port of ${ports[0]}-${ports[1]} is free`, { cause: error });
      }
    }
    throw new Error(`${ports[0]}-${ports[1]} is no range of ports`);
  }
}

/** Ends a worker that hangs: its death is seen to, its silence would leave viewers waiting for ever. */
function killWhenSilent(worker: types.Worker): void {
  const ask = async (): Promise<void> => {
    const answer = worker.getResourceUsage().then(
      () => true,
      () => true,
    );
    const lives = await Promise.race([answer, pause(LONGEST_SILENCE, false, { ref: false })]);
    if (lives || worker.closed) return;
    try {
      process.kill(worker.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
  const timer = setInterval(() => void ask(), ASK_EVERY).unref();
  worker.observer.once('close', () => clearInterval(timer));
}

/**
 * Starts a worker without this process's secrets. mediasoup gives a worker the environment that there is at this moment and has
 * no option for another one; it starts the process before createWorker returns.
 */
function createWorker(mediasoup: Mediasoup): Promise<types.Worker> {
  const whole = process.env;
  process.env = childEnvironment(whole);
  try {
    return mediasoup.createWorker({ logLevel: 'error' });
  } finally {
    process.env = whole;
  }
}
