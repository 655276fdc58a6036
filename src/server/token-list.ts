import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Role, ServerConfig } from '../config/server-schema.js';
import { AfterglowError } from '../errors/afterglow-error.js';

/** Who asks: a token's name and what it allows. */
export interface Principal {
  readonly name: string;
  readonly role: Role;
}

/** By which token somebody was admitted; kept apart, so that whoever holds a principal holds no secret. */
const DIGESTS = new WeakMap<Principal, Buffer>();

const SHORTEST = 16;
const LONGEST = 512;

/** The tokens that a server knows, as digests. */
export class TokenList {
  readonly #tokens: readonly { readonly who: Principal; readonly digest: Buffer }[];

  /** Throws AfterglowError `config-invalid`, which names a token that is missing or too short, and never shows one. */
  constructor({ token, tokens }: Pick<ServerConfig, 'token' | 'tokens'>, environment: NodeJS.ProcessEnv = process.env) {
    const names = tokens.map(({ name }) => name);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) throw invalid(`two of server.tokens are named "${twice}"`, 'give each a name of its own');
    this.#tokens = [
      ...(token === undefined ? [] : [known({ name: 'server.token', role: 'control' }, token)]),
      ...tokens.map((entry) => known({ name: entry.name, role: entry.role }, secretOf(entry, environment))),
    ];
  }

  get size(): number {
    return this.#tokens.length;
  }

  /** Whose token this is, or null; in the same time whatever it is. */
  find(token: string): Principal | null {
    return this.#findDigest(digestOf(token));
  }

  /** Who somebody is by this list who was admitted by another one; null if the token is not known any more. */
  renew(who: Principal): Principal | null {
    const digest = DIGESTS.get(who);
    return digest ? this.#findDigest(digest) : null;
  }

  #findDigest(digest: Buffer): Principal | null {
    let found: Principal | null = null;
    // All are compared, so that time does not tell which one was near.
    for (const each of this.#tokens) if (timingSafeEqual(each.digest, digest)) found = each.who;
    return found;
  }
}

function known(who: Principal, token: string): { readonly who: Principal; readonly digest: Buffer } {
  const digest = digestOf(token);
  DIGESTS.set(who, digest);
  return { who, digest };
}

function secretOf({ name, token, env, file }: ServerConfig['tokens'][number], environment: NodeJS.ProcessEnv): string {
  if (token !== undefined) return token;
  const place = env === undefined ? `the file ${file ?? ''}` : `the environment variable ${env}`;
  const secret = env === undefined ? firstLine(file ?? '') : environment[env];
  if (secret === undefined || secret === '') {
    throw invalid(`the token "${name}" is to be in ${place}, and is not`, 'put it there, or remove the token');
  }
  if (secret.length < SHORTEST || secret.length > LONGEST) {
    throw invalid(
      `the token "${name}" in ${place} has not between ${SHORTEST} and ${LONGEST} characters`,
      'use a longer text of random characters',
    );
  }
  return secret;
}

function firstLine(file: string): string | undefined {
  try {
    return (readFileSync(file, 'utf8').split('\n', 1)[0] ?? '').trim();
  } catch {
    return undefined;
  }
}

function invalid(message: string, remedy: string): AfterglowError {
  return new AfterglowError('config-invalid', message, { remedy });
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
