import type { Packet } from 'node-av/lib';
import type { AudioChunk } from '../../media/audio-decoder.js';
import { AudioEncoder } from '../../media/audio-encoder.js';
import type { Demuxer, ReadResult } from '../../media/demuxer.js';
import { describeEncoder, describeTrack, fitsMp4 } from '../../media/recording-track.js';
import { RecordingTap } from './recording-tap.js';
import type { RecordingTapData } from './recording-messages.js';

/** Records a camera's own packets. Sound that MP4 cannot hold, as most cameras send, is encoded as AAC. */
export class OriginalRecording {
  readonly #tap: RecordingTap;
  /** Encodes decoded sound; null where the camera's own is copied or there is none. */
  #encoder: AudioEncoder | null = null;
  #copiesSound = false;
  /** Seconds by the source's clock of the last sound. */
  #lastSound = -Infinity;

  constructor(data: RecordingTapData) {
    this.#tap = new RecordingTap(data);
  }

  /** The input is open, and its packets follow. sound: whether its sound can be decoded. */
  opened({ video, audio }: Demuxer, sound: boolean): void {
    const copied = audio ? describeTrack(audio.codecpar, audio.timeBase) : null;
    this.#encoder?.close();
    this.#encoder = null;
    this.#copiesSound = copied !== null && fitsMp4(copied);
    const encoder = !this.#copiesSound && sound ? this.#openEncoder() : null;
    this.#tap.describe(
      describeTrack(video.codecpar, video.timeBase),
      encoder ? describeEncoder(encoder.context) : this.#copiesSound ? copied : null,
    );
  }

  /** A packet was read, which stays the caller's. */
  packet(read: ReadResult, packet: Packet): void {
    if (read === 'video') this.#tap.video(packet);
    else if (read === 'audio' && this.#copiesSound) this.#tap.audio(packet);
  }

  /** Sound was decoded, at seconds by the source's clock. The samples stay the caller's. */
  sound(chunk: AudioChunk): void {
    if (!this.#encoder) return;
    // The source's clock went back, as at the end of a file: an encoder goes on in time alone.
    if (chunk.seconds < this.#lastSound - 0.5) this.#openEncoder();
    this.#lastSound = chunk.seconds;
    this.#encoder.encode(chunk, (packet) => this.#tap.audio(packet));
  }

  /** A file begins again. */
  breakOff(): void {
    this.#tap.breakOff();
  }

  close(): void {
    this.#encoder?.close();
    this.#tap.close();
  }

  #openEncoder(): AudioEncoder {
    this.#encoder?.close();
    this.#lastSound = -Infinity;
    return (this.#encoder = new AudioEncoder('aac'));
  }
}
