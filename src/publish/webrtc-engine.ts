import type { Rendition } from '../stream/stream-messages.js';
import type { RtpFeed } from './rtp-feed.js';

/** What a viewer of the enhanced picture can be sent, the smallest first. */
export const VIEWER_SIZES = ['small', 'enhanced'] as const satisfies readonly Rendition[];
/** One of VIEWER_SIZES. */
export type ViewerSize = (typeof VIEWER_SIZES)[number];

/** What a viewer said last of the pictures that it was sent, as counted since it came. */
export interface Reception {
  readonly packetsSent: number;
  /** Packets that it reported as lost. */
  readonly packetsLost: number;
  /** Null until it is known. */
  readonly roundTripSeconds: number | null;
}

/** How sending to a viewer went, since it came. */
export interface ViewerStatistics {
  readonly bytesSent: number;
  /** Packets that the viewer reported as lost. */
  readonly packetsLost: number;
  /** Messages of the viewer that asked for packets again. */
  readonly nacks: number;
  /** Messages of the viewer that asked for a key frame. */
  readonly keyFrameRequests: number;
  /** Null until it is known. */
  readonly roundTripSeconds: number | null;
  /** What the way to the viewer is thought to carry; null where the viewer does not let it be known. */
  readonly availableBitsPerSecond: number | null;
}

/** One WebRTC viewer. */
export interface WebRtcViewer {
  readonly id: string;
  /** What it came for. */
  readonly rendition: Rendition;
  /** What must be made for it: what it is sent, and what it is to be sent next. */
  readonly needs: ReadonlySet<Rendition>;
  /** The SDP answer to the viewer's offer. */
  readonly answer: string;
  /** Calls back once, when the viewer has gone or its connection has failed. */
  onGone(listener: () => void): void;
  /** Calls back when `needs` has changed. */
  onNeeds(listener: () => void): void;
  /** Goes over to a size at its next key frame, without a gap. Only for viewers that came for `enhanced`. */
  show(size: ViewerSize): void;
  /** How its pictures arrive. Never fails; null once it has gone. */
  reception(): Promise<Reception | null>;
  /** How sending went; after the end, how it went until then. Never fails. */
  statistics(): Promise<ViewerStatistics>;
  /** Ends the connection. */
  close(): Promise<void>;
}

/** Sends streams to WebRTC viewers. Signalling is one offer and one answer, as WHEP has it (RFC 9725). */
export interface WebRtcEngine {
  readonly name: 'mediasoup' | 'werift';
  /**
   * Connects a viewer to a stream. Throws AfterglowError `viewer-refused` for an offer that cannot be answered.
   */
  connect(feed: RtpFeed, rendition: Rendition, offer: string): Promise<WebRtcViewer>;
  close(): Promise<void>;
}

/** Where an engine says what happens to it. */
export interface EngineLog {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}
