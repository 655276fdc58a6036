import { AV_NOPTS_VALUE } from 'node-av/constants';
import type { Packet } from 'node-av/lib';
import type { TrackDescription } from '../../media/recording-track.js';
import { RecordingGauge } from './recording-gauge.js';
import { steadyMilliseconds } from '../../frames/steady-clock.js';
import type { RecordingTapData, TapMessage } from './recording-messages.js';

/** Beyond this much waiting, packets are dropped up to a key frame: the disk is slow, hangs or is gone. */
const MOST_BYTES = 64 << 20;
const MOST_MILLISECONDS = 10_000;

/** Where a thread that has encoded packets leaves copies of them for the recording. Never waits. */
export class RecordingTap {
  readonly #data: RecordingTapData;
  readonly #gauge: RecordingGauge;
  /** Packets that have been sent, oldest first, as long as they may still wait. */
  readonly #sent: { readonly packet: number; readonly at: number }[] = [];

  constructor(data: RecordingTapData) {
    this.#data = data;
    this.#gauge = new RecordingGauge(data.gauge);
  }

  /** Says what the packets that follow are; again when that may have changed. */
  describe(video: TrackDescription, audio: TrackDescription | null): void {
    this.#post({ kind: 'tracks', video, audio });
  }

  /** The times of the packets that follow have nothing to do with those before. */
  breakOff(): void {
    this.#post({ kind: 'break' });
  }

  /** Records an encoded picture, which stays the caller's. */
  video(packet: Packet): void {
    this.#send('video', packet);
  }

  /** Records encoded sound, which stays the caller's. */
  audio(packet: Packet): void {
    this.#send('audio', packet);
  }

  close(): void {
    this.#data.port.close();
  }

  #send(track: 'video' | 'audio', packet: Packet): void {
    const source = packet.data;
    if (!source) return;
    const at = steadyMilliseconds();
    const gauge = this.#gauge;
    const isPicture = track === 'video';
    const full = this.#isFull(at);
    if (full) gauge.overflowing = true;
    else if (gauge.overflowing && isPicture && packet.isKeyframe) gauge.overflowing = false;
    if (gauge.overflowing) {
      if (isPicture) gauge.lose();
      return;
    }
    const data = new Uint8Array(source);
    const time = (ticks: bigint): bigint | null => (ticks === AV_NOPTS_VALUE ? null : ticks);
    const [pts, dts] = [time(packet.pts), time(packet.dts)];
    this.#sent.push({ packet: gauge.sent(data.length), at });
    this.#post({ kind: 'packet', track, data, pts, dts, duration: packet.duration, key: packet.isKeyframe, at }, data);
  }

  #isFull(now: number): boolean {
    while (this.#sent[0] && this.#gauge.hasTaken(this.#sent[0].packet)) this.#sent.shift();
    const oldest = this.#sent[0];
    return this.#gauge.waitingBytes > MOST_BYTES || (oldest !== undefined && now - oldest.at > MOST_MILLISECONDS);
  }

  #post(message: TapMessage, data?: Uint8Array<ArrayBuffer>): void {
    this.#data.port.postMessage(message, data ? [data.buffer] : []);
  }
}
