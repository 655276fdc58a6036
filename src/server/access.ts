import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { Role, ServerConfig } from '../config/server-schema.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { TokenList, type Principal } from './token-list.js';

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);

/** Who asks where no token is needed: whoever is on this machine. */
const ANYONE: Principal = { name: 'this machine', role: 'control' };

/** Whether an address is reachable from this machine alone. */
export function isLoopback(host: string): boolean {
  return LOOPBACK_NAMES.has(host) || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Whether somebody may do what needs a role. */
export function mayAct(who: Principal, needed: Role): boolean {
  return needed === 'view' || who.role === 'control';
}

/** Decides who may ask. */
export class Access {
  readonly #host: string;
  #tokens: TokenList;
  #origins: ReadonlySet<string>;

  /** Throws AfterglowError `unsafe-binding` for a server that is open to the network and has no token. */
  constructor(config: ServerConfig) {
    this.#host = config.host;
    this.#tokens = this.#checked(config);
    this.#origins = new Set(config.cors);
  }

  /** Takes other tokens and origins from now on. Throws as the constructor, and then nothing has changed. */
  reload(config: ServerConfig): void {
    this.#tokens = this.#checked(config);
    this.#origins = new Set(config.cors);
  }

  /** Whether a token is needed at all. */
  get needsToken(): boolean {
    return this.#tokens.size > 0;
  }

  /** Who knows a token, or null. */
  whoKnows(token: string): Principal | null {
    return this.needsToken ? this.#tokens.find(token) : ANYONE;
  }

  /** Who somebody is now that was admitted earlier; null if the token is not known any more. */
  renew(who: Principal): Principal | null {
    return this.needsToken ? this.#tokens.renew(who) : ANYONE;
  }

  /** Who asks, by `Authorization: Bearer <token>`; null for nobody who is known. */
  whoAsks(request: IncomingMessage): Principal | null {
    if (!this.needsToken) return ANYONE;
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    return token === undefined ? null : this.#tokens.find(token);
  }

  /** Whether pages of another site may use this server. */
  allowsOrigin(origin: string | undefined): boolean {
    return origin !== undefined && this.#origins.has(origin);
  }

  /**
   * Whether a request may come from where it does. A page of another site can make a browser ask this server: its
   * origin tells. It can also have its own name resolve to this machine: without a token only loopback's names serve.
   */
  isSameSite(request: IncomingMessage): boolean {
    const host = request.headers.host ?? '';
    const hostname = host.replace(/:\d+$/, '');
    if (isLoopback(this.#host) && !this.needsToken && !isLoopback(hostname)) return false;
    const { origin } = request.headers;
    if (origin === undefined || this.allowsOrigin(origin)) return true;
    try {
      return new URL(origin).host === host;
    } catch {
      return false;
    }
  }

  #checked(config: ServerConfig): TokenList {
    const tokens = new TokenList(config);
    if (isLoopback(this.#host) || tokens.size > 0) return tokens;
    throw new AfterglowError(
      'unsafe-binding',
      `the server would be open to the network at ${this.#host} without a token`,
      {
        remedy: 'set server.token in the configuration (or AFTERGLOW_TOKEN), or bind to 127.0.0.1',
      },
    );
  }
}
