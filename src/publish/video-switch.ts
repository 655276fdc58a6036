import type { Rendition } from '../stream/stream-messages.js';
import { beginsKeyFrame, RTP_HEADER } from './h264-rtp.js';
import type { RtpFeed } from './rtp-feed.js';

/** Takes a packet, which is everybody's, and the sequence number that it has for this viewer. */
type Send = (packet: Buffer, sequenceNumber: number) => void;

/** A rendition that is listened to. */
interface Source {
  readonly rendition: Rendition;
  readonly listener: (packet: Buffer) => void;
}

/** Sends one viewer a rendition, and another one from its next key frame on, as one track without a gap. */
export class VideoSwitch {
  readonly #feed: RtpFeed;
  readonly #send: Send;
  readonly #needsListeners: (() => void)[] = [];
  #wanted: Rendition;
  #current: Source | null = null;
  /** What is changed to, until its key frame comes. */
  #next: Source | null = null;
  #shift = 0;
  #last: number | null = null;

  constructor(feed: RtpFeed, rendition: Rendition, send: Send) {
    this.#feed = feed;
    this.#wanted = rendition;
    this.#send = send;
  }

  /** What must be made: what is sent, and what is to be sent next. */
  get needs(): ReadonlySet<Rendition> {
    return new Set([this.#wanted, this.#current?.rendition ?? this.#wanted]);
  }

  /** Calls back when `needs` has changed. */
  onNeeds(listener: () => void): void {
    this.#needsListeners.push(listener);
  }

  /** Begins to send, with whatever comes next. */
  start(): void {
    if (this.#current) return;
    this.#current = this.#listen(this.#wanted, (packet) => this.#forward(packet));
    this.#feed.askKeyFrame(this.#wanted);
  }

  /** Goes over to a rendition at its next key frame. */
  show(rendition: Rendition): void {
    if (rendition === this.#wanted) return;
    this.#wanted = rendition;
    this.#forget(this.#next);
    this.#next = null;
    if (this.#current && this.#current.rendition !== rendition) {
      this.#next = this.#listen(rendition, (packet) => this.#await(packet));
      this.#feed.askKeyFrame(rendition);
    }
    this.#tellNeeds();
  }

  /** Asks the stream for a key frame of what is sent. */
  askKeyFrame(): void {
    this.#feed.askKeyFrame(this.#current?.rendition ?? this.#wanted);
  }

  /** Sends no more. */
  close(): void {
    this.#forget(this.#current);
    this.#forget(this.#next);
    this.#current = this.#next = null;
  }

  /** Waits for a key frame; what would come before it cannot be decoded. */
  #await(packet: Buffer): void {
    const next = this.#next;
    if (!next || !beginsKeyFrame(packet.subarray(RTP_HEADER))) return;
    this.#forget(this.#current);
    this.#forget(next);
    if (this.#last !== null) this.#shift = (this.#last + 1 - packet.readUInt16BE(2)) & 0xffff;
    this.#current = this.#listen(next.rendition, (each) => this.#forward(each));
    this.#next = null;
    this.#forward(packet);
    this.#tellNeeds();
  }

  #forward(packet: Buffer): void {
    const sequenceNumber = (packet.readUInt16BE(2) + this.#shift) & 0xffff;
    this.#last = sequenceNumber;
    this.#send(packet, sequenceNumber);
  }

  #listen(rendition: Rendition, listener: (packet: Buffer) => void): Source {
    this.#feed.on(rendition, listener);
    return { rendition, listener };
  }

  #forget(source: Source | null): void {
    if (source) this.#feed.off(source.rendition, source.listener);
  }

  #tellNeeds(): void {
    for (const listener of this.#needsListeners) listener();
  }
}
