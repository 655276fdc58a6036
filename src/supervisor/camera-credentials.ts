import { readFileSync } from 'node:fs';
import { parseInput } from '../config/input-location.js';
import type { StreamConfig } from '../config/stream-schema.js';
import { AfterglowError } from '../errors/afterglow-error.js';

/** A file of credentials is one short line. */
const LONGEST = 4096;

/**
 * A stream's input as FFmpeg takes it, with the credentials that an environment variable or a file holds at this moment.
 *
 * Throws AfterglowError `credentials-missing`, which names the variable or file and never what is in it.
 */
export function inputWithCredentials(
  { id, input, credentials }: Pick<StreamConfig, 'id' | 'input' | 'credentials'>,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  if (credentials === undefined) return input;
  const { env, file } = credentials;
  if (parseInput(input).kind !== 'rtsp') {
    throw missing(id, 'has credentials, but its input is no RTSP address', 'remove the field credentials');
  }
  const text = env === undefined ? firstLine(id, file ?? '') : environment[env];
  const place = env === undefined ? `the file ${file ?? ''}` : `the environment variable ${env}`;
  if (text === undefined || text === '') {
    throw missing(id, `needs credentials, but ${place} is ${text === undefined ? 'not set' : 'empty'}`);
  }
  const colon = text.indexOf(':');
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (colon < 1 || text.length > LONGEST || /[\u0000-\u001f\u007f]/.test(text)) {
    throw missing(id, `needs credentials, but what ${place} holds does not look like user:password`);
  }
  const [user, password] = [text.slice(0, colon), text.slice(colon + 1)].map(encodeURIComponent) as [string, string];
  // Greedy up to the last @ before the path, as redactUrl.
  return input.replace(/^(rtsps?:\/\/)(?:[^/?#\s]*@)?/i, (_match, scheme: string) => `${scheme}${user}:${password}@`);
}

function firstLine(id: string, file: string): string {
  try {
    return (readFileSync(file, 'utf8').split('\n', 1)[0] ?? '').trimEnd();
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw missing(id, `needs credentials, but the file ${file} ${why}`);
  }
}

function missing(
  id: string,
  what: string,
  remedy = 'put user:password there; it is looked for again by itself',
): AfterglowError {
  return new AfterglowError('credentials-missing', `stream ${id} ${what}`, { remedy, retryable: true });
}
