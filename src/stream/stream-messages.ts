import type {
  EncoderConfig,
  GateConfig,
  RecordingConfig,
  RegionsConfig,
  RtspTransport,
} from '../config/stream-schema.js';
import type { Provider } from '../config/provider-names.js';
import type { Recipe } from '../config/recipe.js';
import type { ErrorReport } from '../errors/afterglow-error.js';
import type { PictureFormat } from '../frames/picture-format.js';
import type { Placements } from '../inference/placement.js';
import type { CounterValues } from './counter-board.js';
import type { SeenSpan } from './source-marks.js';
import type { HistogramName, HistogramValues } from './histogram-board.js';

/** Everything a stream's process needs to run one stream. Sent by IPC, never by arguments: inputs hold passwords. */
export interface StreamOptions {
  readonly id: string;
  /** With credentials, where it needs any. */
  readonly input: string;
  readonly transport: RtspTransport;
  readonly recipe: NamedRecipe;
  readonly strength: number;
  readonly gate: GateConfig;
  readonly regions: RegionsConfig;
  /** What to record and where; the folder is this stream's alone. Null for nothing. */
  readonly recording: RecordingOptions | null;
  /** Age of pictures, in milliseconds, above which the governor takes load off. */
  readonly latency: number;
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

/** A recipe with the name that people know it by. */
export interface NamedRecipe {
  readonly name: string;
  readonly recipe: Recipe;
  /** Where its network may run. */
  readonly placements: Placements;
}

/** What a stream records, and where. */
export interface RecordingOptions extends RecordingConfig {
  readonly folder: string;
  readonly minFreeBytes: number;
}

/** What a snapshot shows. */
export type SnapshotView = 'enhanced' | 'original' | 'compare';

/**
 * Renditions that are made only while somebody wants them: the original and the enhanced picture side by side in one of
 * twice the width, and the enhanced picture at half its size.
 */
export const EXTRA_RENDITIONS = ['compare', 'small'] as const;
/** One of EXTRA_RENDITIONS. */
export type ExtraRendition = (typeof EXTRA_RENDITIONS)[number];
/** All that a stream can be seen as. */
export const RENDITIONS = ['enhanced', ...EXTRA_RENDITIONS] as const;
/** One of RENDITIONS. */
export type Rendition = (typeof RENDITIONS)[number];

/**
 * Fixed payload types and synchronisation sources between a stream's process and the WebRTC gateway. The small rendition's
 * timestamps are a millisecond later than the enhanced one's of the same instant: a viewer that is switched from one to the
 * other never gets a timestamp twice.
 */
export const RTP = {
  enhanced: { payloadType: 96, ssrc: 0x41470001 },
  compare: { payloadType: 96, ssrc: 0x41470002 },
  small: { payloadType: 96, ssrc: 0x41470004, shift: 90 },
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

/** What the governor has done to hold the delay, and why. */
export interface GovernorState {
  /** 0: nothing; each step takes more load off. */
  readonly level: number;
  /** Why it is at this level, for people; empty at level 0. */
  readonly reason: string;
  /** Runs of the network a second that are aimed at, or null without a network. */
  readonly networkRate: number | null;
  /** Long side of the picture that the network sees, or null without a network. */
  readonly workingSize: number | null;
  /** Whether the network sees pictures at full resolution, too; null where the recipe does not ask for it. */
  readonly native: boolean | null;
  /** Every how many decoded pictures one is enhanced and sent: 1 for all. */
  readonly frameStep: number;
}

/** Whether the night gate lets the enhancement through. */
export interface GateState {
  readonly open: boolean;
  /** Mean luma of the picture, 0 black to 1 white, or null before the first one. */
  readonly luminance: number | null;
}

/** How recording goes. Bytes and frames are since the stream's process began. */
export interface RecordingState {
  readonly kind: 'off' | 'recording' | 'paused';
  /** Why it is paused. */
  readonly error: ErrorReport | null;
  readonly bytes: number;
  /** Encoded pictures that could not be written. */
  readonly lost: number;
}

/** Ties an RTP timestamp to the moment its picture came in, in milliseconds since 1970. */
export interface RtpAnchor {
  readonly rtpTimestamp: number;
  readonly arrival: number;
}

/** A stream's figures, sent twice a second; also the sign that its process lives. */
export interface StreamStats {
  readonly counters: CounterValues;
  readonly histograms: Readonly<Record<HistogramName, HistogramValues>>;
  /** Pictures that newer ones overtook before the enhancer, and before the encoder. */
  readonly overtaken: { readonly source: number; readonly output: number };
  /** Milliseconds of one run of the network, measured when it was loaded. */
  readonly networkMilliseconds: number | null;
  /** What it runs on; null without a network. */
  readonly provider: Provider | null;
  /** Standard deviation of the source's noise, in levels. */
  readonly noise: number | null;
  readonly anchors: Readonly<Partial<Record<Rendition, RtpAnchor>>>;
  readonly encoder: string;
  readonly governor: GovernorState;
  readonly gate: GateState;
  readonly recording: RecordingState;
  /** The time for which this process accounts for the source's pictures. */
  readonly seen: SeenSpan;
  /** When the last picture came in, in milliseconds since 1970; 0 before the first one. */
  readonly lastArrival: number;
  readonly memoryBytes: number;
}

/** From the supervisor to a stream's process. */
export type StreamCommand =
  | { readonly kind: 'start'; readonly options: StreamOptions }
  | { readonly kind: 'strength'; readonly value: number }
  /** Which renditions are wanted besides the enhanced one. */
  | { readonly kind: 'renditions'; readonly wanted: readonly ExtraRendition[] }
  | { readonly kind: 'gate'; readonly gate: GateConfig }
  /** Another pipeline from the next pictures on; the stream goes on meanwhile. */
  | { readonly kind: 'recipe'; readonly recipe: NamedRecipe }
  /** How many CPU cores are this stream's fair share. */
  | { readonly kind: 'share'; readonly cores: number }
  /** Wants a picture; answered by one event `snapshot` or `snapshot-failed` with the same number. */
  | { readonly kind: 'snapshot'; readonly request: number; readonly view: SnapshotView }
  | { readonly kind: 'stop' };

/** From a stream's process to the supervisor. */
export type StreamEvent =
  | { readonly kind: 'state'; readonly state: StreamState }
  | { readonly kind: 'stats'; readonly stats: StreamStats }
  /** The UDP port on loopback that the stream's RTP comes from and its RTCP goes to. */
  | { readonly kind: 'rtp'; readonly port: number }
  /** The pipeline that was asked for is at work, or why it is not; the one before then goes on. */
  | { readonly kind: 'recipe'; readonly name: string; readonly error: ErrorReport | null }
  | {
      readonly kind: 'snapshot';
      readonly request: number;
      readonly jpeg: Uint8Array;
      /** When the picture came in, in milliseconds since 1970. */
      readonly taken: number;
    }
  | { readonly kind: 'snapshot-failed'; readonly request: number; readonly error: ErrorReport }
  | { readonly kind: 'log'; readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly message: string };
