import { readFileSync } from 'node:fs';
import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import type { z } from 'zod';
import { AfterglowError, type ErrorCode } from '../errors/afterglow-error.js';

/** The largest configuration or recipe that is read. */
const MAX_BYTES = 1 << 20;

/**
 * Reads a YAML file and checks it against a schema.
 *
 * Throws AfterglowError with the given code; its message names the file, the line and the field of each fault.
 */
export function readYamlFile<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  code: ErrorCode,
): z.output<Schema> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new AfterglowError(code, `${file} ${why}`, { remedy: 'check the path and its permissions', cause });
  }
  return parseYaml(text, file, schema, code);
}

/** The same for text that is at hand; `file` is only its name in messages. */
export function parseYaml<Schema extends z.ZodType>(
  text: string,
  file: string,
  schema: Schema,
  code: ErrorCode,
): z.output<Schema> {
  const remedy = 'correct it; config/afterglow.yaml explains every field';
  if (text.length > MAX_BYTES) throw new AfterglowError(code, `${file} is larger than 1 MiB`, { remedy });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const fault = document.errors[0];
  if (fault) {
    const message = fault.message.split('\n')[0]?.replace(/ at line .*$/, '') ?? 'malformed';
    throw new AfterglowError(code, `${file}:${lines.linePos(fault.pos[0]).line}: ${message}`, { remedy });
  }
  // An alias can be expanded without end ("billion laughs"); nothing here needs more than a few.
  const result = schema.safeParse(document.toJS({ maxAliasCount: 20 }));
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => {
    const fields = issue.path.filter((key) => typeof key !== 'symbol');
    const line = lineOf(document, fields, issue, lines);
    return `${file}:${line}: ${fields.length > 0 ? `${fieldName(fields)}: ` : ''}${issue.message}`;
  });
  throw new AfterglowError(code, faults.join('; '), { remedy });
}

function fieldName(path: readonly (string | number)[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '');
}

/** Line of the node at a path, or of the nearest node above it; of the key itself for keys that should not be there. */
function lineOf(
  document: Document,
  path: readonly (string | number)[],
  issue: z.core.$ZodIssue,
  lines: LineCounter,
): number {
  if (issue.code === 'unrecognized_keys') {
    const map = path.length === 0 ? document.contents : document.getIn(path, true);
    if (isMap(map)) {
      const pair = map.items.find(({ key }) => isScalar(key) && issue.keys.includes(String(key.value)));
      if (pair && isScalar(pair.key) && pair.key.range) return lines.linePos(pair.key.range[0]).line;
    }
  }
  for (let depth = path.length; depth >= 0; depth--) {
    const node: unknown = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    if (isNode(node)) {
      const start = (node as Node).range?.[0];
      if (start !== undefined) return lines.linePos(start).line;
    }
  }
  return 1;
}
