import { z } from 'zod';
import { PROVIDERS } from '../config/provider-names.js';
import { streamFields, STREAM_ID } from '../config/stream-schema.js';
import { errorReportSchema } from '../errors/error-report-schema.js';
import { RENDITIONS } from '../stream/stream-messages.js';

/** What every error looks like. */
export const errorAnswer = z
  .object({
    error: z.string().describe('What went wrong, in one sentence.'),
    remedy: z.string().describe('What to do about it.'),
    code: z.string().describe('The same for programs.'),
  })
  .describe('An error');

/** The parameters of an address that names a stream. */
export const streamParams = z.object({ id: z.string().regex(STREAM_ID).describe('Id of a stream.') });

/** A stream that is to be added. */
export const addedStreamBody = streamFields.omit({ credentials: true });

/** What may be changed of a stream; whatever is left out stays as it is. */
export const changedStreamBody = z.object(
  Object.fromEntries(
    Object.entries(streamFields.omit({ id: true, credentials: true }).shape).map(([name, schema]) => [
      name,
      withoutDefault(schema).optional(),
    ]),
  ),
);

const count = z.number().int().min(0);

const source = z.object({
  width: count,
  height: count,
  frameRate: z.number(),
  codec: z.string(),
  container: z.string(),
  sound: z.boolean(),
  notes: z.array(z.string()),
  format: z.looseObject({ width: count, height: count }),
});

const state = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('starting') }),
  z.object({ kind: z.literal('live'), source }),
  z
    .object({ kind: z.literal('reconnecting'), error: errorReportSchema, since: z.number(), retryInMs: z.number() })
    .describe('The source is away; it is tried again.'),
  z.object({ kind: z.literal('ended') }).describe('A file that does not begin again has come to its end.'),
  z.object({ kind: z.literal('failed'), error: errorReportSchema }),
]);

const milliseconds = z.number().min(0);

/** A stream as the API shows it. */
export const streamAnswer = z.object({
  id: z.string(),
  name: z.string(),
  input: z.string().describe('Without user name and password.'),
  pipeline: z.string(),
  strength: z.number(),
  state,
  restarts: count.describe('Restarts of its process that nobody asked for.'),
  lastRestart: z
    .object({
      reason: z.enum(['crashed', 'failed', 'hung', 'memory', 'changed']),
      message: z.string(),
      at: z.number().describe('Milliseconds since 1970.'),
    })
    .nullable(),
  rates: z
    .object({
      sourceRate: z.number().describe('Pictures a second that are decoded.'),
      outputRate: z.number().describe('Pictures a second that are sent.'),
      networkRate: z.number().describe('Runs of the network a second.'),
      bitrate: z.number().describe('Bits a second.'),
      ageMs: milliseconds.describe('Mean time from coming in to being encoded.'),
      ageP50Ms: milliseconds,
      ageP95Ms: milliseconds,
      stages: z.record(z.string(), milliseconds),
    })
    .nullable()
    .describe('Over the last seconds.'),
  drops: z
    .object({
      overtaken: count,
      noSlot: count,
      damaged: count,
      governor: count,
      away: z.number().min(0),
      network: z.number().min(0),
      recording: count,
    })
    .nullable()
    .describe('Pictures that did not reach viewers, by reason, since the stream began.'),
  totals: z
    .object({
      decoded: count,
      enhanced: count,
      encoded: count,
      placeholders: count,
      answers: count,
      reconnects: count,
      bytes: count,
      recordedBytes: count,
    })
    .nullable()
    .describe('Since the stream began, over all its processes.'),
  anchors: z.record(z.string(), z.object({ rtpTimestamp: z.number(), arrival: z.number() })),
  encoder: z.string(),
  networkMilliseconds: z.number().nullable().describe('Of one run, measured when it was loaded.'),
  provider: z.enum(PROVIDERS).nullable().describe('What the network runs on.'),
  noise: z.number().nullable(),
  governor: z
    .object({
      level: count,
      reason: z.string(),
      networkRate: z.number().nullable(),
      workingSize: z.number().nullable(),
      native: z.boolean().nullable().describe('Whether the network sees whole pictures; null where it is not to.'),
      frameStep: z.number(),
    })
    .nullable(),
  gate: z.object({
    mode: z.enum(['always', 'dark', 'schedule']),
    below: z.number().optional().describe('With mode dark, as all that is set.'),
    above: z.number().optional(),
    from: z.string().optional().describe('With mode schedule.'),
    to: z.string().optional(),
    open: z.boolean().nullable(),
    luminance: z.number().nullable(),
  }),
  regions: z.object({ private: count, untouched: count }),
  recording: z
    .object({
      kind: z.enum(['off', 'recording', 'paused']),
      error: errorReportSchema.nullable(),
      bytes: count,
      lost: count,
    })
    .nullable(),
  memoryBytes: count,
  memoryLimitBytes: count,
  viewers: count.describe('By WebRTC.'),
  reducedViewers: count.describe('Those of them that are sent half the size, as their connection carries no more.'),
  renditions: z.array(z.enum(RENDITIONS)).describe('What is made of it at this moment.'),
});

/** The schema of a value that is given, where it was one of a value with a default. */
function withoutDefault(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault ? (schema.unwrap() as z.ZodType) : schema;
}
