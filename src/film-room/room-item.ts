import { z } from 'zod';
import { errorReportSchema } from '../errors/error-report-schema.js';
import { FILM_CODECS } from '../media/film-encoder.js';

/** Ids of items and of their jobs: they are names of files, and stand in addresses. */
export const ROOM_ID = /^[a-z0-9-]{8,64}$/;
const id = z.string().regex(ROOM_ID);

/** What is to be made of a film or a picture. */
export const roomOrderSchema = z.strictObject({
  /** A sample is a stretch of a film with original and result beside each other; a picture is always made whole. */
  kind: z.enum(['sample', 'whole']),
  /** One of the pipelines that are shipped. */
  pipeline: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'must be the name of a shipped pipeline'),
  /** 0 leaves it as it is, 1 is the pipeline's full effect. */
  strength: z.number().min(0).max(1).default(1),
  /** Of films. */
  codec: z.enum(FILM_CODECS).default('h264'),
  /** Quality of H.264 and H.265: 0 loses nothing, 51 is worst. */
  crf: z.number().min(0).max(51).default(18),
  /** Where a sample begins, in seconds. */
  at: z.number().min(0).max(86_400).default(0),
  /** Length of a sample, in seconds. */
  seconds: z.number().min(1).max(30).default(10),
});
/** What is to be made of a film or a picture. */
export type RoomOrder = z.output<typeof roomOrderSchema>;

const outcome = z.object({
  /** Name of the result in the item's folder. */
  file: z.string(),
  bytes: z.number(),
  pictures: z.number(),
  /** How long the work took, in seconds. */
  seconds: z.number(),
  /** What there is to know of the result, for people. */
  notes: z.array(z.string()),
});
/** What a job has made. */
export type RoomOutcome = z.output<typeof outcome>;

const progress = z.object({
  kind: z.literal('working'),
  phase: z.enum(['starting', 'analyse', 'process', 'assemble']),
  /** Pictures done in this phase, and of how many; 0 of 0 while that is not known. */
  done: z.number(),
  total: z.number(),
  shot: z.number(),
  shots: z.number(),
  /** Seconds that the phase will go on for at its present pace; null while unknown. */
  secondsLeft: z.number().nullable(),
});
/** How far a job is. */
export type RoomProgress = z.output<typeof progress>;

const jobSchema = z.object({
  id,
  order: roomOrderSchema,
  /** When it was asked for, in milliseconds since 1970. */
  asked: z.number(),
  state: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('waiting') }),
    progress,
    z.object({ kind: z.literal('done'), outcome }),
    z.object({ kind: z.literal('failed'), error: errorReportSchema }),
    z.object({ kind: z.literal('stopped') }),
  ]),
});
/** One thing that is made of an item. */
export type RoomJob = z.output<typeof jobSchema>;

/** What an upload turned out to be. */
const facts = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('film'),
    width: z.number(),
    height: z.number(),
    frameRate: z.number(),
    seconds: z.number(),
    codec: z.string(),
  }),
  z.object({ kind: z.literal('picture'), width: z.number(), height: z.number(), codec: z.string() }),
]);
/** What an upload turned out to be. */
export type RoomFacts = z.output<typeof facts>;

/** A film or picture of the film room, as it is kept and as the API shows it. */
export const roomItemSchema = z.object({
  id,
  /** The file's name as its owner knows it; no path is ever made of it. */
  name: z.string(),
  /** Name of the file in the item's folder. */
  file: z.string(),
  bytes: z.number(),
  /** When it was uploaded, in milliseconds since 1970. */
  uploaded: z.number(),
  /** What it is; null until it has been looked at. */
  facts: facts.nullable(),
  /** Why nothing can be made of it, if so. */
  error: errorReportSchema.nullable(),
  /** Shots of the film of which there are small pictures: the n-th begins at so many seconds. */
  shots: z.array(z.number()),
  jobs: z.array(jobSchema),
});
/** A film or picture of the film room. */
export type RoomItem = z.output<typeof roomItemSchema>;
