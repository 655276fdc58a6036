import { z } from 'zod';
import { AfterglowError, type ErrorReport } from '../../errors/afterglow-error.js';

/** Version of what is on the queue. Callers and workers of different ones do not see each other. */
export const ORDER_FORMAT = 1;
/** Name of the queue. */
export const QUEUE_NAME = `afterglow-film-${ORDER_FORMAT}`;
/** Name of all jobs on it. */
export const JOB_NAME = 'segment';

/** A text that came from another machine: of bounded length, without what would play tricks on a terminal. */
const shown = z
  .string()
  .max(2000)
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  .transform((text) => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' '));

/** A segment to be made, as it stands on the queue. Nothing in it is a path that could be opened as it is. */
export const segmentOrderSchema = z.strictObject({
  format: z.literal(ORDER_FORMAT),
  /** Identity of the film's job: the same as in its folder. */
  job: z.uuid(),
  /** The job's folder, from the root, with slashes. */
  folder: z.string().min(1).max(1000),
  segment: z.number().int().min(0).max(10_000_000),
  /** Version of the caller: another might make other bits. */
  version: z.string().max(100),
  /** SHA-256 of the recipe's models, by name. */
  models: z.record(z.string().max(100), z.string().max(100)),
});
/** A segment to be made. */
export type SegmentOrder = z.output<typeof segmentOrderSchema>;

/** How far a segment is. */
export const segmentProgressSchema = z.object({ worker: shown, pictures: z.number().int().min(0) });
/** How far a segment is. */
export type SegmentProgress = z.output<typeof segmentProgressSchema>;

/** What came of a segment. */
export const segmentResultSchema = z.object({
  worker: shown,
  pictures: z.number().int().min(0),
  missing: z.number().int().min(0),
});

const failureSchema = z.object({ worker: shown, message: shown, remedy: shown });
/** Why a segment could not be made, and by whom. */
export type SegmentFailure = z.output<typeof failureSchema>;

/** A failure as the text that BullMQ keeps of an error. */
export function writeFailure(worker: string, { message, remedy }: Pick<ErrorReport, 'message' | 'remedy'>): string {
  return JSON.stringify({ worker, message: message.slice(0, 1500), remedy } satisfies SegmentFailure);
}

/** Reads such a text; one of BullMQ's own is taken as the message. worker: who was at work on it last. */
export function readFailure(text: string, worker: string): SegmentFailure {
  try {
    return failureSchema.parse(JSON.parse(text));
  } catch {
    const message = text.includes('stalled') ? 'its workers died again and again while they were at it' : text;
    return failureSchema.parse({
      worker: worker.slice(0, 200),
      message: message.slice(0, 2000),
      remedy: "look into the workers' logs; the same command goes on where it stopped",
    });
  }
}

/** Checks what came off the queue. Throws AfterglowError `input-invalid`. */
export function parseOrder(data: unknown): SegmentOrder {
  const result = segmentOrderSchema.safeParse(data);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new AfterglowError('input-invalid', `not an order of afterglow process: ${issue?.message ?? 'invalid'}`, {
    remedy: 'look who else writes to this Redis',
  });
}
