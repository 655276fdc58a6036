import { rmSync } from 'node:fs';
import path from 'node:path';
import type { WebRtcConfig } from '../config/schema.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { WHIP_DESCRIPTION } from '../media/whip-description.js';
import { WhipPublisher } from './whip-publisher.js';

/** A publisher that sends nothing for this long gives its place to the next one, in milliseconds. */
const QUIET = 2000;

/** The stream that somebody publishes to. */
export interface WhipStream {
  readonly id: string;
  /** The stream's own folder, where its process looks for a publisher. */
  readonly folder: string;
  /** Whether its input is whip. */
  readonly takesPublishers: boolean;
  /** Whether its pictures come. */
  readonly isLive: () => boolean;
  /** Whether it is still there, with the same input. */
  readonly isThere: () => boolean;
}

/** Takes pictures and sound from publishers by WHIP (RFC 9725) and hands them to the streams' processes on loopback. */
export class WhipIngest {
  readonly #config: WebRtcConfig;
  readonly #loopbackOnly: boolean;
  readonly #publishers = new Map<string, WhipPublisher>();
  /** Streams at which somebody is being connected. */
  readonly #joining = new Set<string>();

  /** loopbackOnly: offer this machine's loopback address alone, for a server that is not open to the network. */
  constructor(config: WebRtcConfig, loopbackOnly: boolean) {
    this.#config = config;
    this.#loopbackOnly = loopbackOnly;
  }

  /**
   * Connects a publisher to a stream. Throws AfterglowError `publisher-refused` where there is one already or the stream
   * takes none, and `request-invalid` for an offer that cannot be answered.
   */
  async connect(stream: WhipStream, offer: string): Promise<WhipPublisher> {
    if (!stream.takesPublishers) {
      throw new AfterglowError('publisher-refused', `the stream ${stream.id} takes no publisher`, {
        remedy: 'set its input to whip',
      });
    }
    const present = this.#publishers.get(stream.id);
    if (this.#joining.has(stream.id) || (present && present.quietMs < QUIET)) {
      throw new AfterglowError('publisher-refused', `somebody publishes to the stream ${stream.id} already`, {
        remedy: 'end the other publisher first',
      });
    }
    this.#joining.add(stream.id);
    try {
      await present?.close();
      const publisher = await this.#open(stream, offer);
      this.#publishers.set(stream.id, publisher);
      publisher.onGone(() => {
        if (this.#publishers.get(stream.id) === publisher) this.#publishers.delete(stream.id);
      });
      return publisher;
    } finally {
      this.#joining.delete(stream.id);
    }
  }

  /** Ends a publisher's connection; false if there is none of this id at the stream. */
  async leave(streamId: string, publisherId: string): Promise<boolean> {
    const publisher = this.#publishers.get(streamId);
    if (publisher?.id !== publisherId) return false;
    await publisher.close();
    return true;
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await Promise.all([...this.#publishers.values()].map((publisher) => publisher.close()));
  }

  async #open(stream: WhipStream, offer: string): Promise<WhipPublisher> {
    // Loaded by the first publisher: most servers have none.
    const { answerOffer, H264, offersMedium, openConnection, VP8 } = await import('./werift-connection.js');
    const connection = openConnection(this.#config, this.#loopbackOnly, [H264, VP8]);
    const description = path.join(stream.folder, WHIP_DESCRIPTION);
    rmSync(description, { force: true });
    try {
      connection.addTransceiver('video', { direction: 'recvonly' });
      if (offersMedium(offer, 'audio')) connection.addTransceiver('audio', { direction: 'recvonly' });
      const answer = await answerOffer(connection, this.#config, offer);
      return await WhipPublisher.start(connection, answer, {
        description,
        isLive: stream.isLive,
        isThere: stream.isThere,
      });
    } catch (cause) {
      await connection.close();
      throw new AfterglowError('request-invalid', 'the SDP offer cannot be answered', {
        remedy: 'offer to send video as H.264 (packetization-mode 1) or VP8',
        cause,
      });
    }
  }
}
