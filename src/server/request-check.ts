import type { z } from 'zod';
import { redactUrl } from '../config/input-location.js';
import { AfterglowError } from '../errors/afterglow-error.js';

const REMEDY = 'correct it; GET /api/openapi.json and config/afterglow.yaml describe every field';

/** Checks what a request holds. Throws AfterglowError `request-invalid` that names each field at fault. */
export function checkRequest<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => {
    const field = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
    return `${field === '' ? '' : `${field.replace(/^\./, '')}: `}${message}`;
  });
  throw invalidRequest(redactUrl(faults.join('; ').slice(0, 1000)));
}

/** The error of a request that is at fault. */
export function invalidRequest(message: string, remedy = REMEDY): AfterglowError {
  return new AfterglowError('request-invalid', message, { remedy });
}
