import type { Rendition } from '../stream/stream-messages.js';
import type { RtpFeed } from './rtp-feed.js';

/** One WebRTC viewer. */
export interface WebRtcViewer {
  readonly id: string;
  readonly rendition: Rendition;
  /** The SDP answer to the viewer's offer. */
  readonly answer: string;
  /** Calls back once, when the viewer has gone or its connection has failed. */
  onGone(listener: () => void): void;
  /** Ends the connection. */
  close(): Promise<void>;
}

/** Sends streams to WebRTC viewers. Signalling is one offer and one answer, as WHEP has it (RFC 9725). */
export interface WebRtcEngine {
  readonly name: string;
  /**
   * Connects a viewer to a stream. Throws AfterglowError `viewer-refused` for an offer that cannot be answered.
   */
  connect(feed: RtpFeed, rendition: Rendition, offer: string): Promise<WebRtcViewer>;
  close(): Promise<void>;
}
