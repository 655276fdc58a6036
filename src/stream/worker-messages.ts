import type { MessagePort } from 'node:worker_threads';
import type { EncoderConfig } from '../config/stream-schema.js';
import type { Recipe } from '../config/recipe.js';
import type { ErrorReport } from '../errors/afterglow-error.js';
import type { FrameRingHandle } from '../frames/frame-ring.js';
import type { PictureFormat } from '../frames/picture-format.js';
import type { ArenaRegion } from '../frames/shared-arena.js';
import type { AudioChunk } from '../media/audio-decoder.js';
import type { RecordingTapData } from './recording/recording-messages.js';
import type { RtpAnchor, Rendition, SourceInfo } from './stream-messages.js';

/** What every thread of a stream is started with. */
export interface CommonWorkerData {
  readonly control: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
  readonly histograms: SharedArrayBuffer;
}

/** The thread that reads and decodes. */
export interface SourceWorkerData extends CommonWorkerData {
  readonly input: string;
  readonly loop: boolean;
  readonly maxPixels: number;
  readonly exact: boolean;
  /** Where sound goes. */
  readonly audio: MessagePort;
  /** Where the camera's own packets are recorded, or null. */
  readonly recording: RecordingTapData | null;
}

/** To the reading thread, once: where its pictures go. */
export interface SourceStart {
  readonly memory: WebAssembly.Memory;
  readonly ring: FrameRingHandle;
}

/** From the reading thread. */
export type SourceMessage =
  | { readonly kind: 'opened'; readonly source: SourceInfo }
  | { readonly kind: 'live' }
  | { readonly kind: 'lost'; readonly error: ErrorReport; readonly retryInMs: number }
  | { readonly kind: 'ended' }
  | { readonly kind: 'note'; readonly message: string }
  | { readonly kind: 'failed'; readonly error: ErrorReport };

/** The thread that enhances. */
export interface EnhanceWorkerData extends CommonWorkerData {
  readonly region: ArenaRegion;
  readonly source: FrameRingHandle;
  readonly output: FrameRingHandle;
  readonly compare: FrameRingHandle;
  readonly recipe: Recipe;
  readonly format: PictureFormat;
  readonly exact: boolean;
  /** Where it is told that a picture waits. */
  readonly pictures: MessagePort;
}

/** From the enhancing thread. */
export type EnhanceMessage =
  | { readonly kind: 'ready'; readonly networkMilliseconds: number | null }
  | { readonly kind: 'noise'; readonly deviation: number | null }
  | { readonly kind: 'failed'; readonly error: ErrorReport };

/** The thread that encodes and sends. */
export interface OutputWorkerData extends CommonWorkerData {
  readonly memory: WebAssembly.Memory;
  readonly output: FrameRingHandle;
  readonly compare: FrameRingHandle;
  readonly format: PictureFormat;
  readonly frameRate: number;
  readonly encoder: EncoderConfig;
  readonly sound: boolean;
  readonly hlsFolder: string;
  readonly rtpPort: number | null;
  readonly pictures: MessagePort;
  readonly audio: MessagePort;
  /** Where the encoded enhanced pictures are recorded, or null. */
  readonly recording: RecordingTapData | null;
}

/** To the encoding thread. */
export type OutputCommand = { readonly kind: 'finish' };

/** From the encoding thread. */
export type OutputMessage =
  | { readonly kind: 'ready'; readonly encoder: string; readonly rtpPort: number | null }
  | { readonly kind: 'anchor'; readonly rendition: Rendition; readonly anchor: RtpAnchor }
  | { readonly kind: 'note'; readonly message: string }
  | { readonly kind: 'finished' }
  | { readonly kind: 'failed'; readonly error: ErrorReport };

/** On the ports that carry sound. */
export type AudioMessage = AudioChunk;
