import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { ServerConfig } from '../config/server-schema.js';
import { AfterglowError } from '../errors/afterglow-error.js';

/** A certificate with those that vouch for it, and its key, both PEM. */
export interface TlsPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Reads and checks the files of server.tls. Throws AfterglowError `tls-invalid` that names the file at fault. */
export function readTlsFiles({ certificate, key }: NonNullable<ServerConfig['tls']>): TlsPair {
  const pair = { cert: read('certificate', certificate), key: read('key', key) };
  check('certificate', certificate, { cert: pair.cert });
  check('key', key, { key: pair.key });
  try {
    createSecureContext({ ...pair });
  } catch (cause) {
    throw new AfterglowError('tls-invalid', `the key ${key} does not belong to the certificate ${certificate}`, {
      remedy: 'name the files of one pair in server.tls; the certificate of the server must stand first in its file',
      cause,
    });
  }
  return pair;
}

function read(field: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new AfterglowError('tls-invalid', `the file of server.tls.${field}, ${file}, ${why}`, {
      remedy: 'check the path and its permissions',
      cause,
    });
  }
}

function check(field: string, file: string, part: { readonly cert: Buffer } | { readonly key: Buffer }): void {
  try {
    createSecureContext({ ...part });
  } catch (cause) {
    throw new AfterglowError('tls-invalid', `the file of server.tls.${field}, ${file}, holds no PEM ${field}`, {
      remedy: 'give a PEM file that needs no passphrase',
      cause,
    });
  }
}
