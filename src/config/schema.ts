import { z } from 'zod';
import { H264_ENCODER_NAMES, X264_PRESETS } from './encoder-names.js';
import { parseInput } from './input-location.js';
import { AfterglowError } from '../errors/afterglow-error.js';

/** Stream ids stand in URLs and folder names. */
export const STREAM_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

const input = z.string().superRefine((text, context) => {
  try {
    parseInput(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: AfterglowError.from(error).message });
  }
});

const encoder = z.strictObject({
  /** libx264 runs everywhere; a hardware encoder is probed first, and libx264 serves where it does not work. */
  name: z.enum(H264_ENCODER_NAMES).default('libx264'),
  preset: z.enum(X264_PRESETS).default('ultrafast'),
  /** Kilobits a second, or auto: by size and frame rate. */
  bitrate: z.union([z.literal('auto'), z.number().int().min(100).max(200_000)]).default('auto'),
});

const stream = z.strictObject({
  id: z.string().regex(STREAM_ID, 'must be lower-case letters, digits and dashes, beginning with a letter or digit'),
  name: z.string().min(1).max(100).optional(),
  input,
  pipeline: z.string().min(1).default('night-cctv'),
  /** 0 shows the picture as it is, 1 the pipeline's full effect. */
  strength: z.number().min(0).max(1).default(1),
  /** Whether a file begins again at its end. */
  loop: z.boolean().default(true),
  /** Larger pictures are scaled down to this many pixels on the way in. */
  maxPixels: z
    .number()
    .int()
    .min(64 * 64)
    .max(7680 * 4320)
    .default(3840 * 2160),
  encoder: encoder.prefault({}),
});

const server = z.strictObject({
  /** Other than loopback only together with a token. */
  host: z.string().min(1).default('127.0.0.1'),
  port: z.number().int().min(0).max(65535).default(8080),
  /** What viewers must know to see or change anything; at least 16 characters. */
  token: z.string().min(16, 'must have at least 16 characters').optional(),
  /** WebRTC viewers of one stream at a time. */
  maxViewers: z.number().int().min(1).max(1000).default(20),
});

const webrtc = z.strictObject({
  /** UDP ports for viewers, for firewalls; any free ones by default. */
  ports: z.tuple([z.number().int().min(1024).max(65535), z.number().int().min(1024).max(65535)]).optional(),
  /** Addresses to offer besides those of the network interfaces, such as a NAT's public one. */
  addresses: z.array(z.string().min(1)).max(8).default([]),
  /** STUN server as stun:host:port; none is asked by default. */
  stun: z
    .string()
    .regex(/^stun:[^\s]+$/, 'must look like stun:host:port')
    .optional(),
});

/** Everything that afterglow.yaml may say. */
export const configSchema = z
  .strictObject({
    server: server.prefault({}),
    webrtc: webrtc.prefault({}),
    log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
    streams: z.array(stream).min(1, 'must name at least one stream').max(64),
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
/** One stream's part of it. */
export type StreamConfig = Config['streams'][number];
/** The HTTP server's part of it. */
export type ServerConfig = Config['server'];
/** The part of it about WebRTC. */
export type WebRtcConfig = Config['webrtc'];
/** How a stream is encoded. */
export type EncoderConfig = StreamConfig['encoder'];
