import type { MessagePort } from 'node:worker_threads';
import type { Provider } from '../config/provider-names.js';
import type { EncoderConfig, GateConfig, RegionsConfig, RtspTransport } from '../config/stream-schema.js';
import type { ErrorReport } from '../errors/afterglow-error.js';
import type { FrameRingHandle } from '../frames/frame-ring.js';
import type { PictureFormat } from '../frames/picture-format.js';
import type { ArenaRegion } from '../frames/shared-arena.js';
import type { ProviderMove } from '../inference/placement.js';
import type { RecordingTapData } from './recording/recording-messages.js';
import type { StoredPicture } from '../media/last-picture.js';
import type {
  ExtraRendition,
  GateState,
  GovernorState,
  NamedRecipe,
  RtpAnchor,
  Rendition,
  SnapshotView,
  SourceInfo,
} from './stream-messages.js';

/** Where the pictures of the renditions go that are made only while somebody wants them. */
export type ExtraRings = Readonly<Record<ExtraRendition, FrameRingHandle>>;

/** What every thread of a stream is started with. */
export interface CommonWorkerData {
  readonly control: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
  readonly histograms: SharedArrayBuffer;
  readonly marks: SharedArrayBuffer;
  /** Of a TraceBoard, or null where nothing is traced. */
  readonly trace: SharedArrayBuffer | null;
}

/** The thread that reads and decodes. */
export interface SourceWorkerData extends CommonWorkerData {
  readonly input: string;
  /** Where a WHIP publisher is described while there is one. */
  readonly whipDescription: string;
  readonly transport: RtspTransport;
  readonly regions: RegionsConfig;
  readonly loop: boolean;
  readonly maxPixels: number;
  readonly exact: boolean;
  /** Where the camera's own packets are recorded, or null. */
  readonly recording: RecordingTapData | null;
}

/** To the reading thread, after each `opened`: where its pictures and its sound go from now on. */
export interface SourceStart {
  readonly memory: WebAssembly.Memory;
  readonly ring: FrameRingHandle;
  /** Where AudioMessages go, and the ring that they speak of. Null: those that it has go on to serve. */
  readonly audio: { readonly port: MessagePort; readonly ring: SharedArrayBuffer } | null;
}

/** From the reading thread. */
export type SourceMessage =
  /** The source was opened, for the first time or again; it may be another than before. Nothing is read until the start. */
  | { readonly kind: 'opened'; readonly source: SourceInfo }
  | { readonly kind: 'lost'; readonly error: ErrorReport; readonly retryInMs: number }
  | { readonly kind: 'ended' }
  | { readonly kind: 'note'; readonly message: string }
  | { readonly kind: 'failed'; readonly error: ErrorReport };

/** The thread that enhances. */
export interface EnhanceWorkerData extends CommonWorkerData {
  readonly region: ArenaRegion;
  readonly source: FrameRingHandle;
  readonly output: FrameRingHandle;
  readonly extras: ExtraRings;
  readonly recipe: NamedRecipe;
  readonly gate: GateConfig;
  readonly regions: RegionsConfig;
  readonly latency: number;
  readonly format: PictureFormat;
  readonly exact: boolean;
  /** Whether pictures come through as they are until the network is loaded. */
  readonly beginsPlain: boolean;
  /** Threads that share the work on each picture. */
  readonly helpers: number;
  /** Where EnhanceCommands come from. */
  readonly commands: MessagePort;
  /** Where it is told that a picture waits. */
  readonly pictures: MessagePort;
}

/** To the enhancing thread. */
export type EnhanceCommand =
  | { readonly kind: 'gate'; readonly gate: GateConfig }
  | { readonly kind: 'recipe'; readonly recipe: NamedRecipe }
  | { readonly kind: 'snapshot'; readonly request: number; readonly view: SnapshotView };

/** From the enhancing thread. */
export type EnhanceMessage =
  | { readonly kind: 'ready'; readonly networkMilliseconds: number | null; readonly provider: Provider | null }
  /** The network goes on elsewhere. */
  | { readonly kind: 'moved'; readonly move: ProviderMove }
  /** How it does; about once a second. */
  | {
      readonly kind: 'state';
      readonly governor: GovernorState;
      readonly gate: GateState;
      readonly networkMilliseconds: number | null;
      readonly provider: Provider | null;
      readonly noise: number | null;
      /** When the last picture came in, by the steady clock; 0 before the first one. */
      readonly lastArrival: number;
    }
  /** The recipe that was asked for is at work, or why it is not. */
  | { readonly kind: 'recipe'; readonly recipe: NamedRecipe; readonly error: ErrorReport | null }
  /** A picture for a snapshot; null before the first one. arrival: by the steady clock. */
  | {
      readonly kind: 'snapshot';
      readonly request: number;
      readonly picture: StoredPicture | null;
      readonly arrival: number;
    }
  | { readonly kind: 'note'; readonly message: string }
  | { readonly kind: 'failed'; readonly error: ErrorReport };

/** The thread that encodes and sends. */
export interface OutputWorkerData extends CommonWorkerData {
  readonly memory: WebAssembly.Memory;
  readonly output: FrameRingHandle;
  readonly extras: ExtraRings;
  /** Shown, dimmed, until the first picture comes; null for none. */
  readonly lastPicture: StoredPicture | null;
  /** When that picture came in, in milliseconds since 1970; null if unknown. */
  readonly lastPictureTaken: number | null;
  /** Whether the last picture is shown, dimmed, while the source is away. */
  readonly placeholders: boolean;
  readonly format: PictureFormat;
  readonly frameRate: number;
  readonly encoder: EncoderConfig;
  readonly sound: boolean;
  readonly hlsFolder: string;
  readonly rtpPort: number | null;
  readonly pictures: MessagePort;
  readonly audio: MessagePort;
  /** The ring of sound that messages on that port speak of. */
  readonly soundRing: SharedArrayBuffer;
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

/** On the ports that carry sound, at seconds of the stream's time line. */
export type AudioMessage =
  /** It lies in the ring. */
  | { readonly kind: 'placed'; readonly seconds: number; readonly at: number; readonly length: number }
  /** There was no room in the ring. */
  | { readonly kind: 'whole'; readonly seconds: number; readonly samples: Float32Array<ArrayBuffer> };
