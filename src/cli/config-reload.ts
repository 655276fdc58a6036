import { changeBetween } from '../config/config-change.js';
import type { Config } from '../config/schema.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import type { Logger } from '../logging/logger.js';
import type { HttpServer } from '../server/http-server.js';

/** Applies a configuration that was loaded anew to what runs. One reload at a time; what comes meanwhile waits. */
export class ConfigReload {
  readonly #load: (() => Config) | null;
  readonly #server: HttpServer;
  readonly #logger: Logger;
  #current: Config;
  #turn: Promise<void> = Promise.resolve();

  /** load: reads the configuration anew, or null where there is no file. */
  constructor(load: (() => Config) | null, current: Config, server: HttpServer, logger: Logger) {
    this.#load = load;
    this.#current = current;
    this.#server = server;
    this.#logger = logger;
  }

  /** Loads and applies the configuration. Never throws: a fault is logged, and what runs goes on. */
  reload(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#reload());
    return this.#turn;
  }

  async #reload(): Promise<void> {
    if (!this.#load) {
      this.#logger.info('there is no configuration file to load anew: this was started without --config');
      return;
    }
    let next: Config;
    try {
      next = this.#load();
      this.#server.check(next.server);
    } catch (thrown) {
      const { message, remedy } = AfterglowError.from(thrown);
      for (const fault of message.split('; ')) this.#logger.error(`configuration refused: ${fault}`);
      this.#logger.error(`the configuration before stays in force: ${remedy}`);
      return;
    }
    await this.#apply(next);
  }

  async #apply(next: Config): Promise<void> {
    const { streams } = this.#server;
    // What runs, with what the API changed: after this, it is what the file says.
    const running = { ...this.#current, streams: streams.all.map(({ handle }) => handle.config) };
    const change = changeBetween(running, next);
    for (const line of change.lines) this.#logger.info(`configuration: ${line}`);
    for (const line of change.needRestart) {
      this.#logger.warn(`configuration: ${line} (acts after a new start of Afterglow)`);
    }
    if (change.lines.length + change.needRestart.length === 0) this.#logger.info('configuration: nothing has changed');
    // Files named by it may have changed even where it has not: tokens, certificates.
    this.#server.reload(next.server);
    this.#logger.level = next.log.level;
    // What needs a new start is named again by each reload until there is one.
    const { server, webrtc, inference, recordings, films } = this.#current;
    const { host, port, tls } = server;
    const sameTls = (tls === undefined) === (next.server.tls === undefined);
    const keptTls = tls === undefined ? {} : { tls };
    const { tls: nextTls, ...nextServer } = next.server;
    const reachedTls = sameTls && nextTls !== undefined ? { tls: nextTls } : keptTls;
    this.#current = {
      ...next,
      webrtc,
      inference,
      recordings,
      films,
      server: { ...nextServer, host, port, ...reachedTls },
    };
    await Promise.all(change.removed.map((id) => this.#try(id, () => streams.remove(id))));
    await Promise.all([
      ...change.added.map((config) => this.#try(config.id, () => streams.add(config))),
      ...change.changed.map((config) => this.#try(config.id, () => streams.change(config.id, () => config))),
    ]);
    this.#logger.info('configuration loaded anew');
  }

  /** One stream that cannot be changed stops no other. */
  async #try(id: string, act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (thrown) {
      this.#logger.error({ stream: id }, AfterglowError.from(thrown).sentence);
    }
  }
}
