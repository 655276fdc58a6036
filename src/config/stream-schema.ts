import { z } from 'zod';
import { AfterglowError } from '../errors/afterglow-error.js';
import { H264_ENCODER_NAMES, X264_PRESETS } from './encoder-names.js';
import { parseInput } from './input-location.js';

/** Stream ids stand in URLs and folder names. */
export const STREAM_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

const input = z.string().superRefine((text, context) => {
  try {
    parseInput(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: AfterglowError.from(error).message });
  }
});

/** Where an RTSP camera's user name and password come from, as `user:password`. */
const credentials = z
  .strictObject({
    /** Environment variable that holds them. */
    env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable')
      .optional(),
    /** File that holds them on its first line. */
    file: z.string().min(1).optional(),
  })
  .refine(({ env, file }) => (env === undefined) !== (file === undefined), 'must name either env or file');

const encoder = z.strictObject({
  /** libx264 runs everywhere; a hardware encoder is probed first, and libx264 serves where it does not work. */
  name: z.enum(H264_ENCODER_NAMES).default('libx264'),
  preset: z.enum(X264_PRESETS).default('ultrafast'),
  /** Kilobits a second, or auto: by size and frame rate. */
  bitrate: z.union([z.literal('auto'), z.number().int().min(100).max(200_000)]).default('auto'),
});

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day like "21:30"');

/** When a stream is enhanced. */
export const gateSchema = z.discriminatedUnion(
  'mode',
  [
    z.strictObject({ mode: z.literal('always') }),
    z
      .strictObject({
        mode: z.literal('dark'),
        /** Mean luma of the picture, 0 black to 1 white, below which it is dark ... */
        below: z.number().min(0).max(1).default(0.2),
        /** ... and above which it is light again. */
        above: z.number().min(0).max(1).default(0.3),
      })
      .refine(({ below, above }) => below < above, { path: ['above'], message: 'must be greater than below' }),
    z
      .strictObject({ mode: z.literal('schedule'), from: clockTime, to: clockTime })
      .refine(({ from, to }) => from !== to, { path: ['to'], message: 'must differ from from' }),
  ],
  { error: 'must have a mode: always, dark or schedule' },
);

/** A corner: shares of the picture's width and height, from its upper left. */
const point = z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)]);
const polygon = z.array(point).min(3).max(32);

/** Parts of the picture that are treated apart. */
export const regionsSchema = z.strictObject({
  /** Blacked out in everything that leaves the stream's process. */
  private: z.array(polygon).max(32).default([]),
  /** Shown as the camera sees them. */
  untouched: z.array(polygon).max(32).default([]),
});

/** What is recorded of a stream, and how long it is kept. */
export const recordingSchema = z.strictObject({
  /** The camera's own stream, copied. Not together with private regions, which it would show. */
  original: z.boolean().default(false),
  enhanced: z.boolean().default(false),
  /** Length of a file; it ends at the next key frame. */
  segmentSeconds: z.number().int().min(5).max(3600).default(300),
  /** The oldest files are deleted once they are older than this ... */
  keepDays: z.number().positive().max(3650).default(14),
  /** ... or once the stream's files take more than this together. */
  keepGigabytes: z.number().positive().max(1_000_000).default(50),
});

const name = z.string().min(1).max(100);
const strength = z.number().min(0).max(1);

/** The fields of one stream, each by itself; `streamSchema` also checks what may not stand together. */
export const streamFields = z.strictObject({
  id: z.string().regex(STREAM_ID, 'must be lower-case letters, digits and dashes, beginning with a letter or digit'),
  name: name.optional(),
  input,
  credentials: credentials.optional(),
  /** How an RTSP camera sends: tcp loses nothing, udp has less delay on a network that loses little. */
  transport: z.enum(['tcp', 'udp']).default('tcp'),
  pipeline: z.string().min(1).default('night-cctv'),
  /** 0 shows the picture as it is, 1 the pipeline's full effect. */
  strength: strength.default(1),
  gate: gateSchema.prefault({ mode: 'always' }),
  regions: regionsSchema.prefault({}),
  recording: recordingSchema.prefault({}),
  /** Whether a file begins again at its end. */
  loop: z.boolean().default(true),
  /** Larger pictures are scaled down to this many pixels on the way in. */
  maxPixels: z
    .number()
    .int()
    .min(64 * 64)
    .max(7680 * 4320)
    .default(3840 * 2160),
  /** Age of pictures, in milliseconds, above which the governor takes load off. */
  latency: z.number().int().min(50).max(5000).default(250),
  /** Megabytes of memory above which the stream's process is started anew. */
  memoryLimit: z.number().int().min(256).max(65536).default(2048),
  encoder: encoder.prefault({}),
});

/** Everything that may be said of one stream. */
export const streamSchema = streamFields.refine(
  ({ recording, regions }) => !recording.original || regions.private.length === 0,
  {
    path: ['recording', 'original'],
    message: 'must be false where there are private regions: the original would show them; record enhanced instead',
  },
);

/** One stream of the configuration, with defaults filled in. */
export type StreamConfig = z.output<typeof streamSchema>;
/** How a stream is encoded. */
export type EncoderConfig = StreamConfig['encoder'];
/** When a stream is enhanced. */
export type GateConfig = StreamConfig['gate'];
/** Parts of the picture that are treated apart. */
export type RegionsConfig = StreamConfig['regions'];
/** A closed line of corners, as shares of the picture's width and height. */
export type Polygon = RegionsConfig['private'][number];
/** What is recorded of a stream. */
export type RecordingConfig = StreamConfig['recording'];
/** How an RTSP camera sends. */
export type RtspTransport = StreamConfig['transport'];
