import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { AVFMT_FLAG_BITEXACT, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { avGetCodecName, Dictionary, FormatContext, Packet, Rational, type Stream } from 'node-av/lib';
import { AfterglowError } from '../errors/afterglow-error.js';
import { addChapters, readChapters } from './chapters/film-chapters.js';
import { openContext } from './demuxer.js';
import { AVERROR_EOF, check } from './ffmpeg-error.js';
import { cannotWrite, FilmPartReader } from './film-part.js';
import type { FilmFormat, Fraction } from './film-format.js';
import { addTrack, describeTrack, dueTime, fits, otherTracks, type FilmTrack } from './film-tracks.js';

/** Containers that films are written to, by the file's ending. */
const CONTAINERS: Readonly<Record<string, string>> = {
  '.mp4': 'mp4',
  '.m4v': 'mp4',
  '.mov': 'mov',
  '.mkv': 'matroska',
};
/** Name of the endings in words. */
export const FILM_ENDINGS = Object.keys(CONTAINERS).join(', ');

/** FFmpeg's name of the container for a file, or null for an ending that is none. */
export function filmContainer(file: string): string | null {
  return CONTAINERS[path.extname(file).toLowerCase()] ?? null;
}

/** A finished film's pictures and where the rest comes from. */
export interface FilmAssembly {
  /** The film whose sound, subtitles, chapters and metadata are copied. */
  readonly original: string;
  readonly output: string;
  /** The parts in order. */
  readonly parts: readonly string[];
  /** Presentation times of all pictures in order, ticks of `timeBase`. */
  readonly times: readonly bigint[];
  readonly timeBase: Fraction;
  readonly frameRate: number;
  readonly format: FilmFormat;
  /** What made the film; goes into the metadata. */
  readonly software: string;
  /** Whether sound, subtitles and chapters are copied; not for a sample, which is a part of the film. */
  readonly withOtherTracks: boolean;
}

/**
 * Puts a film together: coded pictures of its parts, and all other tracks and the chapters of the original. Tracks are
 * copied as they are but for captions that the container writes otherwise. The file appears under its name when it is
 * whole.
 *
 * Returns notes for people: what of the chapters could not be kept. Throws AfterglowError `output-invalid`.
 */
export async function assembleFilm(assembly: FilmAssembly, onPicture: () => void): Promise<readonly string[]> {
  const temporary = path.join(path.dirname(assembly.output), `.${path.basename(assembly.output)}.part`);
  let notes: readonly string[] = [];
  try {
    writeFilm(assembly, temporary, onPicture);
    if (assembly.withOtherTracks) notes = copyChapters(assembly, temporary);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await rename(temporary, assembly.output);
  return notes;
}

/** FFmpeg's muxers would write chapters, but node-av cannot give them any. */
function copyChapters({ original, output }: FilmAssembly, temporary: string): readonly string[] {
  const { chapters, notes } = readChapters(original);
  try {
    return [...notes, ...addChapters(temporary, filmContainer(output) ?? 'mp4', chapters)];
  } catch (error) {
    const number = error instanceof Error && 'errno' in error ? error.errno : null;
    throw typeof number === 'number' ? cannotWrite(output, number) : error;
  }
}

/** Tracks of a film, in words, that the container of an output cannot hold. */
export function unfitTracks(original: string, output: string): string[] {
  const input = openContext({ kind: 'file', path: original });
  const container = filmContainer(output) ?? '';
  const unfit = otherTracks(input, container).flatMap((stream) =>
    fits(stream, container) ? [] : [describeTrack(stream)],
  );
  input.closeInputSync();
  return unfit;
}

function writeFilm(assembly: FilmAssembly, file: string, onPicture: () => void): void {
  const container = filmContainer(assembly.output) ?? 'mp4';
  const input = openContext({ kind: 'file', path: assembly.original });
  const output = new FormatContext();
  check(output.allocOutputContext2(null, container, file), 'set up the film');
  // No random numbers in the file: the same film gives the same bits.
  output.setFlags(AVFMT_FLAG_BITEXACT);
  const clock = new Rational(assembly.timeBase.num, assembly.timeBase.den);
  const pictures = new PartSequence(assembly, clock);
  const video = output.newStream(null);
  check(pictures.parameters.copy(video.codecpar), 'set up the film');
  // A tag of the part's container means nothing in another one; Apple's programs want this one for H.265.
  video.codecpar.codecTag = container !== 'matroska' && avGetCodecName(video.codecpar.codecId) === 'hevc' ? 'hvc1' : 0;
  video.timeBase = clock;
  const { num, den } = assembly.format.pixelAspect;
  video.sampleAspectRatio = new Rational(num, den);
  video.avgFrameRate = new Rational(Math.round(assembly.frameRate * 1000), 1000);
  const original = input.streams[input.findBestStream(AVMEDIA_TYPE_VIDEO)];
  if (original) {
    video.disposition = original.disposition;
    if (original.metadata) video.metadata = original.metadata;
  }
  const tracks = new Map<number, FilmTrack>();
  for (const stream of assembly.withOtherTracks ? otherTracks(input, container) : []) {
    if (!fits(stream, container)) {
      throw new AfterglowError('output-invalid', `${describeTrack(stream)} cannot be kept in ${assembly.output}`, {
        remedy: 'choose an output that ends in .mkv',
      });
    }
    tracks.set(stream.index, addTrack(output, stream, container));
  }
  const metadata = input.metadata ? { ...input.metadata.getAll() } : {};
  output.metadata = Dictionary.fromObject({ ...metadata, comment: assembly.software });
  tryWrite(assembly.output, output.openOutputSync());
  const options: Record<string, string> = { avoid_negative_ts: 'disabled' };
  if (container !== 'matroska') {
    options['video_track_timescale'] = String(assembly.timeBase.den);
    options['movflags'] = '+use_metadata_tags';
  }
  tryWrite(assembly.output, output.writeHeaderSync(Dictionary.fromObject(options)));
  interleave({ input, output, video, clock, pictures, tracks, file: assembly.output, onPicture });
  tryWrite(assembly.output, output.writeTrailerSync());
  pictures.close();
  output.closeOutputSync();
  output.freeContext();
  input.closeInputSync();
}

/** Errors in a row after which the other tracks are taken to end. */
const MOST_FAILURES = 100;

/** Writes pictures and copied packets in the order of their times. */
function interleave(mux: {
  readonly input: FormatContext;
  readonly output: FormatContext;
  readonly video: Stream;
  readonly clock: Rational;
  readonly pictures: PartSequence;
  readonly tracks: ReadonlyMap<number, FilmTrack>;
  readonly file: string;
  readonly onPicture: () => void;
}): void {
  const packet = new Packet();
  packet.alloc();
  const seconds = (ticks: bigint, base: { num: number; den: number }): number => (Number(ticks) * base.num) / base.den;
  const writePictures = (until: number): void => {
    while (mux.pictures.nextTime !== null && seconds(mux.pictures.nextTime, mux.clock) <= until) {
      mux.pictures.read(packet);
      packet.streamIndex = mux.video.index;
      packet.rescaleTs(mux.clock, mux.video.timeBase);
      tryWrite(mux.file, mux.output.interleavedWriteFrameSync(packet));
      packet.unref();
      mux.onPicture();
    }
  };
  const other = new Packet();
  other.alloc();
  const caption = new Packet();
  caption.alloc();
  const captions = [...mux.tracks.values()].flatMap((track) => track.captions ?? []);
  const writeCaptions = (until: number): void => {
    for (const track of captions) {
      for (const ready of track.take(until, caption)) {
        tryWrite(mux.file, mux.output.interleavedWriteFrameSync(ready));
      }
    }
  };
  // Errors of single packets pass; one that stays is the end of what can be read.
  for (let failures = 0; mux.tracks.size > 0 && failures < MOST_FAILURES;) {
    const result = mux.input.readFrameSync(other);
    if (result === AVERROR_EOF) break;
    failures = result < 0 ? failures + 1 : 0;
    if (result < 0) continue;
    const track = mux.tracks.get(other.streamIndex);
    if (track) {
      const time = dueTime(other, track.from);
      if (time !== null) {
        writeCaptions(time);
        writePictures(time);
      }
      if (track.captions) {
        track.captions.add(other);
      } else {
        other.streamIndex = track.to.index;
        other.rescaleTs(track.from.timeBase, track.to.timeBase);
        tryWrite(mux.file, mux.output.interleavedWriteFrameSync(other));
      }
    }
    other.unref();
  }
  writeCaptions(Infinity);
  writePictures(Infinity);
  caption.free();
  packet.free();
  other.free();
}

/** Pictures that x265 codes before one that is shown before them, with its pyramid of B-frames. */
const HEVC_DELAY = 2;

/** The coded pictures of all parts as one sequence, with decoding times for the whole of it. */
class PartSequence {
  readonly parameters: FilmPartReader['parameters'];
  readonly #assembly: FilmAssembly;
  readonly #packet = new Packet();
  readonly #delay: number;
  readonly #step: bigint;
  #part = 0;
  #reader: FilmPartReader | null;
  #picture = 0;
  #has = false;

  constructor(assembly: FilmAssembly, clock: Rational) {
    this.#assembly = assembly;
    this.#packet.alloc();
    this.#reader = this.#open();
    this.parameters = this.#reader.parameters;
    // x265 does not say how far it reorders.
    const isHevc = avGetCodecName(this.parameters.codecId) === 'hevc';
    this.#delay = Math.max(this.parameters.videoDelay, isHevc ? HEVC_DELAY : 0);
    this.#step = BigInt(Math.max(1, Math.round(clock.den / clock.num / assembly.frameRate)));
    this.#advance();
  }

  /** Decoding time of the next picture, or null at the end. */
  get nextTime(): bigint | null {
    return this.#has ? this.#decodingTime() : null;
  }

  /** Moves the next coded picture into `packet`, with its times. */
  read(packet: Packet): void {
    check(packet.ref(this.#packet), 'put the film together');
    packet.dts = this.#decodingTime();
    // The time that the picture was given by its number; what the encoder made of it is only its order.
    packet.pts = this.#packet.pts;
    const next = this.#assembly.times[this.#picture + 1];
    const now = this.#assembly.times[this.#picture];
    packet.duration = next !== undefined && now !== undefined ? next - now : this.#step;
    this.#packet.unref();
    this.#picture++;
    this.#advance();
  }

  close(): void {
    this.#reader?.close();
    this.#packet.free();
  }

  /** Pictures are decoded in the order of coding, each as early as reordering needs: at the time of an earlier one. */
  #decodingTime(): bigint {
    const index = this.#picture - this.#delay;
    const first = this.#assembly.times[0] ?? 0n;
    return index >= 0 ? (this.#assembly.times[index] ?? first) : first + BigInt(index) * this.#step;
  }

  #advance(): void {
    while (this.#reader) {
      this.#has = this.#reader.read(this.#packet);
      if (this.#has) return;
      this.#reader.close();
      this.#part++;
      this.#reader = this.#part < this.#assembly.parts.length ? this.#open() : null;
    }
  }

  #open(): FilmPartReader {
    return new FilmPartReader(this.#assembly.parts[this.#part] ?? '', this.#assembly.timeBase);
  }
}

function tryWrite(file: string, result: number): void {
  if (result < 0) throw cannotWrite(file, result);
}
