/**
 * Makes one track of several senders in turn: sequence numbers and timestamps go on where the last sender left them, so
 * that viewers stay connected when a stream's process is restarted.
 */
export class RtpContinuity {
  readonly #clock: number;
  #sequenceShift = 0;
  #timestampShift = 0;
  #last: { readonly sequence: number; readonly timestamp: number; readonly seconds: number } | null = null;
  #newSource = false;

  /** clock: timestamp ticks a second. */
  constructor(clock: number) {
    this.#clock = clock;
  }

  /** The next packet comes from another sender. */
  expectNewSource(): void {
    this.#newSource = true;
  }

  /** A sender's timestamp as viewers see it. */
  timestamp(ofSender: number): number {
    return (ofSender + this.#timestampShift) >>> 0;
  }

  /** Changes a packet's header in place. seconds: now, by any steady clock. */
  rewrite(packet: Buffer, seconds: number): void {
    const sequence = packet.readUInt16BE(2);
    const timestamp = packet.readUInt32BE(4);
    if (this.#newSource && this.#last) {
      const passed = Math.max(1, Math.round((seconds - this.#last.seconds) * this.#clock));
      this.#sequenceShift = (this.#last.sequence + 1 - sequence) & 0xffff;
      this.#timestampShift = (this.#last.timestamp + passed - timestamp) >>> 0;
    }
    this.#newSource = false;
    const steadySequence = (sequence + this.#sequenceShift) & 0xffff;
    const steadyTimestamp = this.timestamp(timestamp);
    packet.writeUInt16BE(steadySequence, 2);
    packet.writeUInt32BE(steadyTimestamp, 4);
    this.#last = { sequence: steadySequence, timestamp: steadyTimestamp, seconds };
  }
}
