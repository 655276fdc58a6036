import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { ServerConfig } from '../config/server-schema.js';
import { AfterglowError } from '../errors/afterglow-error.js';

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);

/** Whether an address is reachable from this machine alone. */
export function isLoopback(host: string): boolean {
  return LOOPBACK_NAMES.has(host) || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Decides who may ask. */
export class Access {
  readonly #digest: Buffer | null;
  readonly #loopbackOnly: boolean;

  /** Throws AfterglowError `unsafe-binding` for a server that is open to the network and has no token. */
  constructor(config: ServerConfig) {
    this.#loopbackOnly = isLoopback(config.host);
    if (!this.#loopbackOnly && config.token === undefined) {
      throw new AfterglowError(
        'unsafe-binding',
        `the server would be open to the network at ${config.host} without a token`,
        {
          remedy: 'set server.token in the configuration (or AFTERGLOW_TOKEN), or bind to 127.0.0.1',
        },
      );
    }
    this.#digest = config.token === undefined ? null : digestOf(config.token);
  }

  /** Whether a token is needed at all. */
  get needsToken(): boolean {
    return this.#digest !== null;
  }

  /** Whether a token is the right one; in the same time whatever it is. */
  accepts(token: string): boolean {
    return this.#digest === null || timingSafeEqual(digestOf(token), this.#digest);
  }

  /** Whether a request carries the right token, as `Authorization: Bearer <token>`. */
  admits(request: IncomingMessage): boolean {
    if (this.#digest === null) return true;
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    return token !== undefined && this.accepts(token);
  }

  /**
   * Whether a request may come from where it does. A page of another site can make a browser ask this server: its
   * origin tells. It can also have its own name resolve to this machine: without a token only loopback's names serve.
   */
  isSameSite(request: IncomingMessage): boolean {
    const host = request.headers.host ?? '';
    const hostname = host.replace(/:\d+$/, '');
    if (this.#loopbackOnly && this.#digest === null && !isLoopback(hostname)) return false;
    const { origin } = request.headers;
    if (origin === undefined) return true;
    try {
      return new URL(origin).host === host;
    } catch {
      return false;
    }
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
