import type { MessagePort } from 'node:worker_threads';
import type { ErrorReport } from '../../errors/afterglow-error.js';
import type { TrackDescription } from '../../media/recording-track.js';
import type { RecordingOptions } from '../stream-messages.js';
import type { RecordingKind } from './recording-name.js';

/** What a tap is given: where its packets go, and what it shares with the recording thread. */
export interface RecordingTapData {
  readonly port: MessagePort;
  /** How much waits, for this tap alone; see RecordingGauge. */
  readonly gauge: SharedArrayBuffer;
}

/** A packet on its way to the recording thread. Times are in ticks of its track; null where it has none. */
export interface TappedPacket {
  readonly kind: 'packet';
  readonly track: 'video' | 'audio';
  /** Its buffer is transferred. */
  readonly data: Uint8Array<ArrayBuffer>;
  readonly pts: bigint | null;
  readonly dts: bigint | null;
  readonly duration: bigint;
  readonly key: boolean;
  /** When it was tapped, in milliseconds of the monotonic clock. */
  readonly at: number;
}

/** On the ports from taps to the recording thread. */
export type TapMessage =
  /** What the packets that follow are. Said again when the input came back: then a new file begins if it differs. */
  | { readonly kind: 'tracks'; readonly video: TrackDescription; readonly audio: TrackDescription | null }
  /** Times that follow have nothing to do with those before. */
  | { readonly kind: 'break' }
  | TappedPacket;

/** What makes the enhanced pictures. */
export interface Making {
  readonly pipeline: string;
  readonly model: string | null;
  readonly strength: number;
}

/** What the recording thread is started with. */
export interface RecordingWorkerData {
  readonly streamId: string;
  readonly options: RecordingOptions;
  readonly making: Making;
}

/** To the recording thread. */
export type RecordingCommand =
  | {
      readonly kind: 'tap';
      readonly recording: RecordingKind;
      readonly port: MessagePort;
      readonly gauge: SharedArrayBuffer;
    }
  | { readonly kind: 'making'; readonly making: Making }
  | { readonly kind: 'finish' };

/** From the recording thread. */
export type RecordingReport =
  /** error: why it is paused, or null while all is well. */
  | { readonly kind: 'state'; readonly recording: RecordingKind; readonly error: ErrorReport | null }
  | { readonly kind: 'figures'; readonly bytes: number; readonly lost: number }
  | { readonly kind: 'note'; readonly message: string };
