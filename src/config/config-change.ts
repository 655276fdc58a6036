import { isDeepStrictEqual } from 'node:util';
import { redactUrl } from './input-location.js';
import type { Config } from './schema.js';
import type { StreamConfig } from './stream-schema.js';

/** Parts of the configuration that a running server takes; all others need a new start. */
const AT_ONCE: readonly string[] = [
  'log.level',
  'server.token',
  'server.tokens',
  'server.tls',
  'server.cors',
  'server.maxViewers',
  'server.maxRequestsPerMinute',
  'server.inputFolders',
];
/** Parts that nobody may read in a log. */
const SECRET: readonly string[] = ['server.token', 'server.tokens', 'credentials'];
const LONGEST_VALUE = 120;

/** What differs between two configurations. */
export interface ConfigChange {
  readonly added: readonly StreamConfig[];
  /** Ids of streams that are not there any more. */
  readonly removed: readonly string[];
  readonly changed: readonly StreamConfig[];
  /** Whether anything else differs that acts at once. */
  readonly settings: boolean;
  /** Each difference in a line for people, without secrets. */
  readonly lines: readonly string[];
  /** The differences that need a new start, in the same form. */
  readonly needRestart: readonly string[];
}

/** Compares two configurations. */
export function changeBetween(before: Config, after: Config): ConfigChange {
  const old = new Map(before.streams.map((stream) => [stream.id, stream]));
  const ids = new Set(after.streams.map(({ id }) => id));
  const added = after.streams.filter(({ id }) => !old.has(id));
  const removed = before.streams.filter(({ id }) => !ids.has(id)).map(({ id }) => id);
  const changed = after.streams.filter((stream) => {
    const known = old.get(stream.id);
    return known !== undefined && !isDeepStrictEqual(known, stream);
  });
  const settings = differences(settingsOf(before), settingsOf(after));
  const [atOnce, later] = [settings.filter(actsAtOnce), settings.filter((each) => !actsAtOnce(each))];
  return {
    added,
    removed,
    changed,
    settings: atOnce.length > 0,
    lines: [
      ...removed.map((id) => `stream ${id}: removed`),
      ...added.map(({ id, input, pipeline }) => `stream ${id}: added (${redactUrl(input)}, ${pipeline})`),
      ...changed.flatMap((stream) =>
        differences({ ...old.get(stream.id) }, stream).map((each) => `stream ${stream.id}: ${sentenceOf(each)}`),
      ),
      ...atOnce.map(sentenceOf),
    ],
    needRestart: later.map(sentenceOf),
  };
}

interface Difference {
  readonly name: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** All settings but the streams, by names such as server.port. */
function settingsOf({ streams: _, ...parts }: Config): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parts).flatMap(([part, fields]) =>
      Object.entries(fields).map(([name, value]) => [`${part}.${name}`, value as unknown]),
    ),
  );
}

function differences(before: object, after: object): Difference[] {
  const [a, b] = [before as Record<string, unknown>, after as Record<string, unknown>];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((name) => !isDeepStrictEqual(a[name], b[name]))
    .map((name) => ({ name, before: a[name], after: b[name] }));
}

function actsAtOnce({ name, before, after }: Difference): boolean {
  // Another certificate can be taken up; HTTP cannot become HTTPS.
  if (name === 'server.tls') return before !== undefined && after !== undefined;
  return AT_ONCE.includes(name);
}

function sentenceOf({ name, before, after }: Difference): string {
  return SECRET.includes(name) ? `${name} changed` : `${name}: ${shown(before)} -> ${shown(after)}`;
}

function shown(value: unknown): string {
  if (value === undefined) return 'none';
  const text = redactUrl(typeof value === 'string' ? value : JSON.stringify(value));
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}
