import type { Rendition } from '../../../src/stream/stream-messages.js';

/** Why a way of playing did not work, or works no longer. */
export type PlaybackFailure =
  | 'unsupported'
  | 'noHls'
  | 'notConnected'
  | 'noPicture'
  | 'noHlsPicture'
  | 'lost'
  | 'unreachable'
  | 'unauthorised'
  | 'refused';

/** A way of playing failed. */
export class PlaybackError extends Error {
  readonly failure: PlaybackFailure;
  /** The server's own words where it refused, otherwise empty. */
  readonly remedy: string;

  constructor(failure: PlaybackFailure, message = '', remedy = '') {
    super(message);
    this.name = 'PlaybackError';
    this.failure = failure;
    this.remedy = remedy;
  }
}

/** One rendition of one stream playing in one video element. */
export interface Playback {
  readonly transport: 'webrtc' | 'hls';
  /** When it was asked for, by `performance.now()`. */
  readonly joinedAt: number;
  /** When the picture that is shown now came in, in milliseconds since 1970, where the transport says so. */
  pictureDate(): number | null;
  /** RTP timestamp of the newest picture where the video element itself does not tell it. */
  rtpTimestamp(): number | null;
  /** What the browser tells of the connection; empty where there is none to tell of. */
  stats(): Promise<readonly object[]>;
  /** Ends it; its video keeps nothing. */
  close(): void;
}

/** What every playback is opened with. */
export interface PlaybackOptions {
  readonly stream: string;
  readonly rendition: Rendition;
  readonly video: HTMLVideoElement;
  /** Whether sound is asked for: what is never heard need not be sent. */
  readonly sound: boolean;
  /** Headers that carry the token. */
  readonly headers: () => Record<string, string>;
  /** Called once if it breaks after having been opened. */
  readonly broken: (error: PlaybackError) => void;
  /** Gives the opening up. */
  readonly signal: AbortSignal;
}
