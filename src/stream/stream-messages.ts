import type { EncoderConfig } from '../config/schema.js';
import type { Recipe } from '../config/recipe.js';
import type { ErrorReport } from '../errors/afterglow-error.js';
import type { PictureFormat } from '../frames/picture-format.js';
import type { CounterValues } from './counter-board.js';

/** Everything a stream's process needs to run one stream. Sent by IPC, never by arguments: inputs hold passwords. */
export interface StreamOptions {
  readonly id: string;
  readonly input: string;
  readonly recipe: Recipe;
  readonly strength: number;
  readonly loop: boolean;
  readonly maxPixels: number;
  readonly encoder: EncoderConfig;
  /** Folder of this stream's HLS, made by the supervisor; each rendition has a folder in it. */
  readonly hlsFolder: string;
  /** UDP port on loopback that takes this stream's RTP, or null without WebRTC. */
  readonly rtpPort: number | null;
  /** Never wait for real time nor drop pictures: for tests and measurements on files. */
  readonly exact: boolean;
}

/** Pictures as enhanced, or the original and the enhanced side by side in one picture of twice the width. */
export type Rendition = 'enhanced' | 'compare';

/** Fixed payload types and synchronisation sources between a stream's process and the WebRTC gateway. */
export const RTP = {
  enhanced: { payloadType: 96, ssrc: 0x41470001 },
  compare: { payloadType: 97, ssrc: 0x41470002 },
  audio: { payloadType: 111, ssrc: 0x41470003 },
} as const;

/** What comes in. */
export interface SourceInfo {
  readonly width: number;
  readonly height: number;
  /** Pictures a second, by the container. */
  readonly frameRate: number;
  readonly codec: string;
  readonly container: string;
  readonly sound: boolean;
  /** What is done to the pictures on the way in: turned, deinterlaced, scaled. */
  readonly notes: readonly string[];
  readonly format: PictureFormat;
}

/** The condition of a stream. */
export type StreamState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'live'; readonly source: SourceInfo }
  /** The source is away; it is tried again. */
  | { readonly kind: 'reconnecting'; readonly error: ErrorReport; readonly since: number; readonly retryInMs: number }
  /** A file that does not begin again has come to its end. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'failed'; readonly error: ErrorReport };

/** Ties an RTP timestamp to the moment its picture came in, in milliseconds since 1970. */
export interface RtpAnchor {
  readonly rtpTimestamp: number;
  readonly arrival: number;
}

/** A stream's figures, sent twice a second; also the sign that its process lives. */
export interface StreamStats {
  readonly counters: CounterValues;
  /** Pictures that newer ones overtook before the enhancer, and before the encoder. */
  readonly overtaken: { readonly source: number; readonly output: number };
  /** Milliseconds of one run of the network, measured at start. */
  readonly networkMilliseconds: number | null;
  /** Standard deviation of the source's noise, in levels. */
  readonly noise: number | null;
  readonly anchors: Readonly<Partial<Record<Rendition, RtpAnchor>>>;
  readonly encoder: string;
  readonly memoryBytes: number;
}

/** From the supervisor to a stream's process. */
export type StreamCommand =
  | { readonly kind: 'start'; readonly options: StreamOptions }
  | { readonly kind: 'strength'; readonly value: number }
  | { readonly kind: 'compare'; readonly on: boolean }
  | { readonly kind: 'stop' };

/** From a stream's process to the supervisor. */
export type StreamEvent =
  | { readonly kind: 'state'; readonly state: StreamState }
  | { readonly kind: 'stats'; readonly stats: StreamStats }
  /** The UDP port on loopback that the stream's RTP comes from and its RTCP goes to. */
  | { readonly kind: 'rtp'; readonly port: number }
  | { readonly kind: 'log'; readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly message: string };
