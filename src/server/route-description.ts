import type { FastifySchema } from 'fastify';
import { z } from 'zod';
import type { Role } from '../config/server-schema.js';
import { errorAnswer } from './api-schemas.js';

/** A successful answer: what it is, and its JSON or other type. */
export interface AnswerDescription {
  readonly description: string;
  readonly json?: z.ZodType;
  readonly type?: string;
}

/** What there is to know of a route: for the API's document, and for the guard. */
export interface RouteDescription {
  readonly summary: string;
  readonly description?: string;
  readonly tag: 'streams' | 'viewing' | 'recordings' | 'films' | 'server';
  readonly access: Role | 'open';
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: { readonly schema: z.ZodType; readonly type?: string };
  readonly answers: Readonly<Record<number, AnswerDescription>>;
  /** Errors besides those that every route has. */
  readonly errors?: Readonly<Record<number, string>>;
  /** Requests from one address in a minute, where fewer than server.maxRequestsPerMinute. */
  readonly perMinute?: number;
}

/** The options of a Fastify route that is described so. What it takes is checked by the route itself, with zod. */
export function described(route: RouteDescription): {
  readonly schema: FastifySchema;
  readonly config: {
    readonly access: Role | 'open';
    readonly rateLimit?: { readonly max: number; readonly timeWindow: string };
  };
} {
  const { access, params, query, body, perMinute } = route;
  const errors: Record<number, string> = {
    ...(access === 'open' ? {} : { 401: 'No token that is known.' }),
    ...(access === 'control' ? { 403: 'The token may view alone.' } : { 403: 'Not from this address.' }),
    429: 'Too many requests from this address.',
    ...route.errors,
  };
  const schema = {
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    tags: [route.tag],
    security: access === 'open' ? [] : [{ token: [] }],
    ...(params ? { params: jsonSchema(params) } : {}),
    ...(query ? { querystring: jsonSchema(query) } : {}),
    ...(body ? { body: { content: { [body.type ?? 'application/json']: { schema: jsonSchema(body.schema) } } } } : {}),
    response: {
      ...mapped(route.answers, ({ description, json, type }) => ({
        description,
        ...(json || type !== undefined
          ? { content: { [type ?? 'application/json']: { schema: json ? jsonSchema(json, 'output') : BINARY } } }
          : { type: 'null' }),
      })),
      ...mapped(errors, (description) => ({
        description,
        content: { 'application/json': { schema: jsonSchema(errorAnswer) } },
      })),
    },
  };
  const rateLimit = perMinute === undefined ? {} : { rateLimit: { max: perMinute, timeWindow: '1 minute' } };
  return { schema, config: { access, ...rateLimit } };
}

const BINARY = { type: 'string' } as const;

function jsonSchema(schema: z.ZodType, io: 'input' | 'output' = 'input'): object {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  // The document as a whole says which dialect it is of.
  return $schema === undefined ? {} : rest;
}

function mapped<From, To>(record: Readonly<Record<number, From>>, to: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, to(value)]));
}
