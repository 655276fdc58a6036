import { ftruncateSync, writeSync } from 'node:fs';
import { AV_PKT_FLAG_KEY } from 'node-av/constants';
import { Dictionary, FormatContext, IOContext, Packet, Rational, type Stream } from 'node-av/lib';
import { check } from './ffmpeg-error.js';
import { applyDescription, type TrackDescription } from './recording-track.js';

/** A fragment of the file, in microseconds: what a power cut can cost. */
const FRAGMENT = '1000000';
const WRITE_BUFFER = 256 << 10;
const EIO = -5;

/** A packet for a file; times in ticks of its track, from the file's start on. */
export interface RecordedPacket {
  readonly data: Uint8Array;
  readonly pts: bigint;
  readonly dts: bigint;
  readonly duration: bigint;
  readonly key: boolean;
}

/**
 * Writes a fragmented MP4 into an open file: each second stands for itself, so that what was written plays, whatever
 * happens next. All calls block.
 */
export class RecordingMuxer {
  readonly #descriptor: number;
  readonly #context = new FormatContext();
  readonly #io = new IOContext();
  readonly #packet = new Packet();
  readonly #video: { readonly stream: Stream; readonly track: TrackDescription };
  readonly #audio: { readonly stream: Stream; readonly track: TrackDescription } | null;
  #bytes = 0;
  /** Bytes up to the end of the last write that went well. */
  #sound = 0;
  #failure: Error | null = null;

  /** Throws the system's error when the file cannot be written. The descriptor stays the caller's. */
  constructor(
    descriptor: number,
    tracks: { readonly video: TrackDescription; readonly audio: TrackDescription | null },
    metadata: Readonly<Record<string, string>>,
  ) {
    this.#descriptor = descriptor;
    this.#packet.alloc();
    check(this.#context.allocOutputContext2(null, 'mp4', null), 'set up a recording');
    this.#video = this.#add(tracks.video);
    this.#audio = tracks.audio && this.#add(tracks.audio);
    this.#io.allocContextWithCallbacks(WRITE_BUFFER, 1, null, (chunk) => this.#write(chunk), null);
    this.#context.pb = this.#io;
    this.#context.metadata = Dictionary.fromObject({ ...metadata });
    const options = Dictionary.fromObject({
      // frag_discont: a track that begins later than the other says so, where it would be moved to the start.
      movflags: 'frag_keyframe+empty_moov+default_base_moof+frag_discont',
      use_editlist: '0',
      frag_duration: FRAGMENT,
      flush_packets: '1',
      // Times are given as they are to stand in the file.
      avoid_negative_ts: 'disabled',
    });
    try {
      this.#done(this.#context.writeHeaderSync(options));
    } catch (error) {
      this.#free();
      throw error;
    }
  }

  /** Bytes of the file. */
  get bytes(): number {
    return this.#sound;
  }

  /** Throws the system's error when the disk does not take it; the muxer is then to be abandoned. */
  writeVideo(packet: RecordedPacket): void {
    this.#writePacket(packet, this.#video);
  }

  /** As writeVideo; nothing in a file without sound. */
  writeAudio(packet: RecordedPacket): void {
    if (this.#audio) this.#writePacket(packet, this.#audio);
  }

  /** Ends the file with an index for fast seeking. Throws as writeVideo; it is then to be abandoned. */
  close(): void {
    this.#done(this.#context.writeTrailerSync());
    this.#free();
  }

  /** Cuts off what was written in part, and forgets the rest. For a disk that takes no more. */
  abandon(): void {
    this.#failure ??= new Error('abandoned');
    this.#free();
    try {
      ftruncateSync(this.#descriptor, this.#sound);
    } catch {
      // Then a player meets half a fragment at the end, and stops there.
    }
  }

  #add(track: TrackDescription): { readonly stream: Stream; readonly track: TrackDescription } {
    const stream = this.#context.newStream(null);
    applyDescription(track, stream.codecpar);
    stream.timeBase = new Rational(track.timeBase.num, track.timeBase.den);
    return { stream, track };
  }

  #writePacket(
    { data, pts, dts, duration, key }: RecordedPacket,
    { stream, track }: { readonly stream: Stream; readonly track: TrackDescription },
  ): void {
    const packet = this.#packet;
    packet.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    Object.assign(packet, { pts, dts, duration, streamIndex: stream.index });
    if (key) packet.setFlags(AV_PKT_FLAG_KEY);
    packet.rescaleTs(track.timeBase, stream.timeBase);
    const result = this.#context.writeFrameSync(packet);
    packet.unref();
    this.#done(result);
  }

  #write(chunk: Buffer): number {
    if (this.#failure) return EIO;
    try {
      let written = 0;
      while (written < chunk.length) {
        written += writeSync(this.#descriptor, chunk, written, chunk.length - written, this.#bytes + written);
      }
      this.#bytes += written;
      return written;
    } catch (error) {
      this.#failure = error as Error;
      return EIO;
    }
  }

  #done(result: number): void {
    if (this.#failure) throw this.#failure;
    check(result, 'write a recording');
    this.#sound = this.#bytes;
  }

  #free(): void {
    this.#context.pb = null;
    this.#context.freeContext();
    // Its callback would keep the thread alive.
    this.#io.freeContext();
    this.#packet.free();
  }
}
