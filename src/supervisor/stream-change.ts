import { isDeepStrictEqual } from 'node:util';
import type { StreamConfig } from '../config/stream-schema.js';

/** Fields that a running process takes, or that need none. */
const IN_PROCESS: ReadonlySet<keyof StreamConfig> = new Set(['name', 'strength', 'gate', 'pipeline']);

/** What differs between two configurations of one stream. */
export interface StreamChange {
  readonly fields: readonly (keyof StreamConfig)[];
  /** Whether the stream's process must be started anew. */
  readonly restarts: boolean;
}

/** Compares two configurations of one stream. */
export function changeOf(before: StreamConfig, after: StreamConfig): StreamChange {
  const names = new Set([...Object.keys(before), ...Object.keys(after)] as (keyof StreamConfig)[]);
  const fields = [...names].filter((name) => !isDeepStrictEqual(before[name], after[name]));
  return { fields, restarts: fields.some((name) => !IN_PROCESS.has(name)) };
}
