import { Redis } from 'ioredis';
import { redactUrl } from '../../config/input-location.js';
import { AfterglowError } from '../../errors/afterglow-error.js';

/** How long a Redis may take to answer at the start, in milliseconds. */
const PATIENCE = 5000;
const EXAMPLE = 'give an address like redis://10.0.0.5:6379, or rediss://user:password@host:6380/0 with TLS';

/** Where a Redis is, and how to log in. Its text is safe to show: it holds no password. */
export class RedisAddress {
  readonly text: string;
  readonly #url: string;

  private constructor(url: URL) {
    this.#url = url.href;
    this.text = redactUrl(url.href);
  }

  /**
   * Understands redis:// and rediss:// addresses. A password that is in none comes from $AFTERGLOW_REDIS_PASSWORD, so that
   * it need not stand on a command line, where everybody on the machine sees it. Throws AfterglowError `config-invalid`.
   */
  static parse(text: string, environment: NodeJS.ProcessEnv = process.env): RedisAddress {
    let url: URL;
    try {
      url = new URL(text);
    } catch {
      throw new AfterglowError('config-invalid', `${redactUrl(text)} is not the address of a Redis`, {
        remedy: EXAMPLE,
      });
    }
    if (!['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '' || !/^\/?\d{0,4}$/.test(url.pathname)) {
      throw new AfterglowError('config-invalid', `${redactUrl(text)} is not the address of a Redis`, {
        remedy: EXAMPLE,
      });
    }
    const password = environment['AFTERGLOW_REDIS_PASSWORD'];
    if (url.password === '' && password !== undefined && password !== '') url.password = encodeURIComponent(password);
    return new RedisAddress(url);
  }

  /**
   * A connection, once it is sure that a Redis answers there and lets one in. From then on it is kept up by itself.
   *
   * Throws AfterglowError `queue-unreachable` or `queue-unauthorised`.
   */
  async connect(): Promise<Redis> {
    await this.#probe();
    // BullMQ waits for its answers however long a connection is away.
    return new Redis(this.#url, { maxRetriesPerRequest: null, retryStrategy: (times) => Math.min(250 * times, 5000) });
  }

  async #probe(): Promise<void> {
    const redis = new Redis(this.#url, { lazyConnect: true, connectTimeout: PATIENCE, retryStrategy: () => null });
    // The reason comes as an event; the promise says no more than that the connection is closed.
    const reasons: Error[] = [];
    redis.on('error', (error: Error) => reasons.push(error));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE / 1000} s`)), PATIENCE);
    });
    try {
      await Promise.race([redis.connect().then(() => redis.ping()), late]);
    } catch (error) {
      throw this.#describe(reasons[0] ?? (error as Error));
    } finally {
      clearTimeout(timer);
      redis.disconnect();
    }
  }

  // Without a cause: Redis' errors carry the command they are of, and with it the password.
  #describe(reason: Error): AfterglowError {
    if (/\b(NOAUTH|WRONGPASS|NOPERM)\b|invalid password/.test(reason.message)) {
      return new AfterglowError('queue-unauthorised', `the Redis at ${this.text} lets nobody in without its password`, {
        remedy: 'set $AFTERGLOW_REDIS_PASSWORD, or write redis://user:password@host',
      });
    }
    return new AfterglowError('queue-unreachable', `no Redis answers at ${this.text} (${redactUrl(reason.message)})`, {
      remedy: 'check the address, and that redis-server runs there and listens to this machine',
      retryable: true,
    });
  }
}
