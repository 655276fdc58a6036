import { z } from 'zod';
import { inferenceSchema } from './inference-schema.js';
import { serverSchema } from './server-schema.js';
import { streamSchema } from './stream-schema.js';

const webrtc = z.strictObject({
  /** What serves viewers; auto: mediasoup where its worker is there and starts, else werift. */
  engine: z.enum(['auto', 'mediasoup', 'werift']).default('auto'),
  /** Ports for viewers, for firewalls; any free ones by default. werift: UDP, one a viewer; mediasoup: UDP and TCP, one a worker. */
  ports: z.tuple([z.number().int().min(1024).max(65535), z.number().int().min(1024).max(65535)]).optional(),
  /** Addresses to offer besides those of the network interfaces, such as a NAT's public one. */
  addresses: z.array(z.string().min(1)).max(8).default([]),
  /** STUN server as stun:host:port; none is asked by default. */
  stun: z
    .string()
    .regex(/^stun:[^\s]+$/, 'must look like stun:host:port')
    .optional(),
});

const recordings = z.strictObject({
  /** Each stream has a folder in it. */
  folder: z.string().min(1).default('recordings'),
  /** Recording deletes the oldest files, and then pauses, when the volume has less room than this. */
  minFreeGigabytes: z.number().min(0).max(100_000).default(1),
});

const films = z.strictObject({
  /** Where uploaded films and pictures are kept with what is made of them. */
  folder: z.string().min(1).default('films'),
  /** Size of one upload, and of all that is kept. */
  maxUploadGigabytes: z.number().positive().max(10_000).default(20),
  maxGigabytes: z.number().positive().max(100_000).default(100),
  /** Days after which what nobody has worked on is deleted; 0 keeps it. */
  keepDays: z.number().int().min(0).max(3650).default(0),
});

/** Everything that afterglow.yaml may say. */
export const configSchema = z
  .strictObject({
    server: serverSchema.prefault({}),
    webrtc: webrtc.prefault({}),
    inference: inferenceSchema.prefault({}),
    recordings: recordings.prefault({}),
    films: films.prefault({}),
    log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
    streams: z.array(streamSchema).max(64).default([]),
  })
  .superRefine((config, context) => {
    const ids = config.streams.map((entry) => entry.id);
    ids.forEach((id, index) => {
      if (ids.indexOf(id) !== index) {
        context.addIssue({
          code: 'custom',
          path: ['streams', index, 'id'],
          message: `"${id}" is the id of another stream`,
        });
      }
    });
  });

/** A checked configuration with its defaults filled in. */
export type Config = z.output<typeof configSchema>;
/** The part of it about WebRTC. */
export type WebRtcConfig = Config['webrtc'];
/** The part of it about the film room. */
export type FilmsConfig = Config['films'];
/** The part of it about recordings. */
export type RecordingsConfig = Config['recordings'];
