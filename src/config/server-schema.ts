import { z } from 'zod';

/** What somebody who knows a token may do: view alone, or view and change. */
export const ROLES = ['view', 'control'] as const;
/** One of ROLES. */
export type Role = (typeof ROLES)[number];

const secret = z.string().min(16, 'must have at least 16 characters').max(512);

const token = z
  .strictObject({
    /** What logs call whoever uses it. */
    name: z.string().min(1).max(64),
    role: z.enum(ROLES).default('view'),
    token: secret.optional(),
    /** Environment variable that holds it. */
    env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable')
      .optional(),
    /** File that holds it on its first line. */
    file: z.string().min(1).optional(),
  })
  .refine(
    (entry) => [entry.token, entry.env, entry.file].filter((value) => value !== undefined).length === 1,
    'must have one of token, env and file',
  );

const origin = z.string().regex(/^https?:\/\/[^/\s]+$/, 'must be an origin like https://wall.example.com');

/** The HTTP server. */
export const serverSchema = z.strictObject({
  /** Other than loopback only together with a token. */
  host: z.string().min(1).default('127.0.0.1'),
  port: z.number().int().min(0).max(65535).default(8080),
  /** What viewers must know to see or change anything; the role is control. */
  token: secret.optional(),
  /** More tokens, with names and roles. */
  tokens: z.array(token).max(64).default([]),
  /** Files of a certificate chain and its key, both PEM: the server then speaks HTTPS alone. */
  tls: z.strictObject({ certificate: z.string().min(1), key: z.string().min(1) }).optional(),
  /** Origins of other sites whose pages may use the API. */
  cors: z.array(origin).max(32).default([]),
  /** WebRTC viewers of one stream at a time. */
  maxViewers: z.number().int().min(1).max(1000).default(20),
  /** Requests from one address in a minute. */
  maxRequestsPerMinute: z.number().int().min(60).max(1_000_000).default(1200),
  /** Folders from which the API may name files as inputs; none by default. */
  inputFolders: z.array(z.string().min(1)).max(16).default([]),
});

/** The HTTP server's part of the configuration. */
export type ServerConfig = z.output<typeof serverSchema>;
