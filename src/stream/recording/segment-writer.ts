import { closeSync, fdatasyncSync } from 'node:fs';
import type { TrackDescription } from '../../media/recording-track.js';
import { RecordingMuxer, type RecordedPacket } from '../../media/recording-muxer.js';
import type { TappedPacket } from './recording-messages.js';

/** How much a power cut can take besides the last fragment: data is brought to the disk this often, in milliseconds. */
const SYNC_EVERY = 5000;

/** The tracks of a file. */
export interface RecordedTracks {
  readonly video: TrackDescription;
  readonly audio: TrackDescription | null;
}

/** One file while it is written. All calls block; they throw the system's errors. */
export class SegmentWriter {
  readonly file: string;
  readonly #tracks: RecordedTracks;
  readonly #descriptor: number;
  readonly #muxer: RecordingMuxer;
  /** Seconds on the recording's line at which the file begins. */
  readonly #start: number;
  /**
   * The newest packet of each track. It waits for the next, which says how long it lasts: the muxer would close a gap
   * before a key frame by moving that key frame.
   */
  readonly #held: Record<'video' | 'audio', RecordedPacket | null> = { video: null, audio: null };
  #end = 0;
  #syncedAt: number;

  /** Takes over the descriptor. start: seconds on the recording's line of its first picture. */
  constructor(
    file: { readonly file: string; readonly descriptor: number },
    tracks: RecordedTracks,
    options: { readonly start: number; readonly at: number; readonly metadata: Readonly<Record<string, string>> },
  ) {
    this.file = file.file;
    this.#descriptor = file.descriptor;
    this.#tracks = tracks;
    this.#start = options.start;
    this.#syncedAt = options.at;
    try {
      this.#muxer = new RecordingMuxer(file.descriptor, tracks, options.metadata);
    } catch (error) {
      closeSync(file.descriptor);
      throw error;
    }
  }

  /** Seconds of picture. */
  get seconds(): number {
    return this.#end;
  }

  get bytes(): number {
    return this.#muxer.bytes;
  }

  /** Writes a packet. line: its decoding time on the recording's line; delay: seconds from there to its presentation. */
  write(packet: TappedPacket, line: number, delay: number): void {
    const track = this.#tracks[packet.track];
    const seconds = line - this.#start;
    // Sound from before the first picture belongs to the file before.
    if (!track || seconds < 0) return;
    const { num, den } = track.timeBase;
    const ticks = (time: number): bigint => BigInt(Math.round((time * den) / num));
    const held = this.#held[packet.track];
    const wanted = ticks(seconds);
    const dts = held && wanted <= held.dts ? held.dts + 1n : wanted;
    const pts = ticks(seconds + Math.max(0, delay));
    if (held) this.#write(packet.track, { ...held, duration: dts - held.dts });
    this.#held[packet.track] = {
      data: packet.data,
      dts,
      pts: pts > dts ? pts : dts,
      duration: packet.duration || (held ? dts - held.dts : 0n),
      key: packet.key || packet.track === 'audio',
    };
    if (packet.at - this.#syncedAt > SYNC_EVERY) {
      this.#syncedAt = packet.at;
      fdatasyncSync(this.#descriptor);
    }
  }

  /** Ends the file. Where that fails it is to be abandoned. */
  close(): void {
    for (const track of ['video', 'audio'] as const) {
      const held = this.#held[track];
      this.#held[track] = null;
      if (held) this.#write(track, held);
    }
    this.#muxer.close();
    fdatasyncSync(this.#descriptor);
    closeSync(this.#descriptor);
  }

  /** Lets go of a file that can be written no further; what is whole of it stays. Throws nothing. */
  abandon(): void {
    this.#muxer.abandon();
    try {
      closeSync(this.#descriptor);
    } catch {
      // A volume that is gone.
    }
  }

  #write(track: 'video' | 'audio', packet: RecordedPacket): void {
    if (track === 'audio') {
      this.#muxer.writeAudio(packet);
      return;
    }
    this.#muxer.writeVideo(packet);
    const { num, den } = this.#tracks.video.timeBase;
    this.#end = (Number(packet.dts + packet.duration) * num) / den;
  }
}
