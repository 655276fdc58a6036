import path from 'node:path';
import { Dictionary, FormatContext, Packet, type CodecContext, type Rational, type Stream } from 'node-av/lib';
import { check } from './ffmpeg-error.js';

/** Seconds of a segment; key frames come at the same pace. */
export const SEGMENT_SECONDS = 1;
/** Segments in the playlist, and how many more stay on disk for players that are still at them. */
const LISTED_SEGMENTS = 6;
const KEPT_SEGMENTS = 3;

/** Name of the playlist in its folder. */
export const PLAYLIST = 'index.m3u8';

/** Writes a live stream as HLS into a folder: a sliding playlist over one-second segments, old ones deleted. */
export class HlsMuxer {
  readonly #context = new FormatContext();
  readonly #packet = new Packet();
  readonly #video: { readonly stream: Stream; readonly timeBase: Rational };
  readonly #audio: { readonly stream: Stream; readonly timeBase: Rational } | null;

  readonly #folder: string;
  #begun = false;

  /** folder must exist and be this stream's alone. Encoders give the parameters; audio may be null. */
  constructor(folder: string, video: CodecContext, audio: CodecContext | null) {
    this.#folder = folder;
    check(this.#context.allocOutputContext2(null, 'hls', path.join(folder, PLAYLIST)), 'set up HLS');
    this.#video = this.#add(video);
    this.#audio = audio ? this.#add(audio) : null;
    // Nothing waits longer for the other track than this: a silent microphone must not stop the picture.
    this.#context.maxInterleaveDelta = 300_000n;
    this.#packet.alloc();
  }

  /** The dates of the segments count from here: not from when the stream was set up, which may be seconds earlier. */
  #begin(): void {
    const options = Dictionary.fromObject({
      hls_time: SEGMENT_SECONDS,
      hls_list_size: LISTED_SEGMENTS,
      hls_delete_threshold: KEPT_SEGMENTS,
      hls_segment_filename: path.join(this.#folder, 'segment-%d.ts'),
      // A playlist that is there already is gone on with, after a discontinuity: players stay with it over restarts.
      hls_flags: 'delete_segments+independent_segments+program_date_time+temp_file+omit_endlist+append_list',
      // Numbers go on rising over restarts, so that a player never takes an old segment for a new one.
      hls_start_number_source: 'epoch',
      // Start-up times of tracks need not be made alike.
      avoid_negative_ts: 'disabled',
    });
    check(this.#context.writeHeaderSync(options), 'set up HLS');
    this.#begun = true;
  }

  /** Writes an encoded picture, which stays the caller's. */
  writeVideo(packet: Packet): void {
    this.#write(packet, this.#video);
  }

  /** Writes encoded sound, which stays the caller's; nothing without an audio track. */
  writeAudio(packet: Packet): void {
    if (this.#audio) this.#write(packet, this.#audio);
  }

  /** Finishes the last segment. */
  close(): void {
    if (this.#begun) this.#context.writeTrailerSync();
    this.#context.freeContext();
    this.#packet.free();
  }

  #add(encoder: CodecContext): { readonly stream: Stream; readonly timeBase: Rational } {
    const stream = this.#context.newStream(null);
    check(stream.codecpar.fromContext(encoder), 'set up HLS');
    stream.timeBase = encoder.timeBase;
    return { stream, timeBase: encoder.timeBase };
  }

  #write(packet: Packet, track: { readonly stream: Stream; readonly timeBase: Rational }): void {
    if (!this.#begun) this.#begin();
    check(this.#packet.ref(packet), 'write HLS');
    this.#packet.streamIndex = track.stream.index;
    this.#packet.rescaleTs(track.timeBase, track.stream.timeBase);
    check(this.#context.interleavedWriteFrameSync(this.#packet), 'write HLS');
  }
}
