import type { AfterglowError } from '../../errors/afterglow-error.js';
import { codecOf, fitsMp4, sameTrack, type TrackDescription } from '../../media/recording-track.js';
import type { RecordingOptions } from '../stream-messages.js';
import type { RecordingArchive } from './recording-archive.js';
import { RecordingClock } from './recording-clock.js';
import { recordingComment } from './recording-comment.js';
import { recordingError, recordingFailure, volumeFull } from './recording-error.js';
import { steadyMilliseconds } from '../../frames/steady-clock.js';
import type { Making, TapMessage, TappedPacket } from './recording-messages.js';
import type { RecordingKind } from './recording-name.js';
import { SegmentWriter, type RecordedTracks } from './segment-writer.js';

/** From a fault of the disk to the next try, in milliseconds. */
const RETRY_AFTER = 5000;
/** Pictures a second of a camera that does not say how long a picture lasts. */
const ASSUMED_RATE = 25;
/** Codecs whose set-up stands in front of each key frame, where the track has none of its own. */
const SETUP_IN_BAND = ['h264', 'hevc'];

/** What a recorder needs of its surroundings. */
export interface RecorderSurroundings {
  readonly streamId: string;
  readonly options: RecordingOptions;
  /** The stream's files. Throws the system's error while there can be none. */
  readonly archive: () => RecordingArchive;
  /** Tells why recording has paused; null when it goes on. */
  readonly told: (error: AfterglowError | null) => void;
}

/** Writes one kind of recording, file after file. A disk that does not take it pauses it. All calls block. */
export class Recorder {
  readonly #kind: RecordingKind;
  readonly #surroundings: RecorderSurroundings;
  readonly #clock = new RecordingClock();
  #making: Making;
  #tracks: RecordedTracks | null = null;
  #writer: SegmentWriter | null = null;
  #writerStart = 0;
  /** The next key frame begins a new file. */
  #renew = false;
  #begun = false;
  #error: AfterglowError | null = null;
  #retryAt = 0;
  #bytesBefore = 0;
  #lost = 0;
  /** When the next picture is to be decoded if it does not say; null at the beginning of a section. */
  #nextDts: bigint | null = null;

  constructor(kind: RecordingKind, making: Making, surroundings: RecorderSurroundings) {
    this.#kind = kind;
    this.#making = making;
    this.#surroundings = surroundings;
  }

  /** Bytes written since the start. */
  get bytes(): number {
    return this.#bytesBefore + (this.#writer?.bytes ?? 0);
  }

  /** Pictures that could not be written. */
  get lost(): number {
    return this.#lost;
  }

  get isWriting(): boolean {
    return this.#writer !== null;
  }

  /** What makes the pictures from now on; another pipeline begins a new file. */
  setMaking(making: Making): void {
    const other = making.pipeline !== this.#making.pipeline || making.model !== this.#making.model;
    this.#making = making;
    if (other && this.#kind === 'enhanced') this.#renew = true;
  }

  take(message: TapMessage): void {
    switch (message.kind) {
      case 'tracks':
        this.#setTracks(message.video, message.audio);
        break;
      case 'break':
        this.#breakOff();
        break;
      case 'packet':
        if (message.track === 'video') this.#takeVideo(message);
        else this.#takeAudio(message);
        break;
    }
  }

  /** Notes in the index how far the file has come. */
  note(): void {
    const writer = this.#writer;
    if (!writer) return;
    const archive = this.#surroundings.archive();
    archive.update(writer.file, writer.seconds, writer.bytes);
    // Somebody has deleted it: what follows goes into a file that can be found.
    if (!archive.has(writer.file)) this.#renew = true;
  }

  /** The disk does not take it: ends the file as it is, and tries again later. */
  pause(thrown: unknown): void {
    const { options, told } = this.#surroundings;
    this.#retryAt = steadyMilliseconds() + RETRY_AFTER;
    const writer = this.#writer;
    this.#writer = null;
    writer?.abandon();
    try {
      if (writer) this.#entered(writer, false);
    } catch {
      // The index is written again when the disk takes it.
    }
    const error = recordingError(options.folder, thrown);
    const isNew = error.message !== this.#error?.message;
    this.#error = error;
    if (isNew) told(error);
  }

  /** Ends the file. */
  finish(): void {
    const writer = this.#writer;
    if (!writer) return;
    try {
      writer.close();
    } catch (error) {
      this.pause(error);
      return;
    }
    this.#writer = null;
    try {
      this.#entered(writer, true);
      this.#surroundings.archive().save();
    } catch (error) {
      this.pause(error);
    }
  }

  #setTracks(video: TrackDescription, audio: TrackDescription | null): void {
    const before = this.#tracks;
    const fitting = audio && fitsMp4(audio) ? audio : null;
    if (!before || !sameTrack(before.video, video) || !sameTrack(before.audio, fitting)) this.#renew = true;
    this.#tracks = { video, audio: fitting };
    this.#breakOff();
    this.#retryAt = 0;
  }

  #breakOff(): void {
    this.#clock.breakOff();
    this.#nextDts = null;
  }

  #takeVideo(packet: TappedPacket): void {
    const tracks = this.#tracks;
    if (!tracks) return;
    const tick = tracks.video.timeBase.num / tracks.video.timeBase.den;
    const dts = this.#decodingTime(packet, tracks.video);
    const line = this.#clock.picture(Number(dts) * tick, Number(packet.duration) * tick, packet.at);
    const delay = packet.pts === null ? 0 : Number(packet.pts - dts) * tick;
    try {
      if (packet.key) this.#turnOver(tracks, packet, line);
      if (this.#writer) this.#writer.write(packet, line, delay);
      else if (this.#begun || this.#error) this.#lost++;
    } catch (error) {
      this.#lost++;
      this.pause(error);
    }
  }

  /** When a picture is to be decoded; Matroska, and cameras with B-pictures, do not say it of all of them. */
  #decodingTime({ dts, pts, duration }: TappedPacket, { timeBase, parameters }: TrackDescription): bigint {
    const step = duration > 0n ? duration : BigInt(Math.round(timeBase.den / (ASSUMED_RATE * timeBase.num)));
    const follows = this.#nextDts ?? (pts ?? 0n) - BigInt(parameters.videoDelay) * step;
    const time = dts ?? (pts !== null && pts < follows ? pts : follows);
    this.#nextDts = time + step;
    return time;
  }

  #takeAudio(packet: TappedPacket): void {
    const track = this.#tracks?.audio;
    const source = packet.pts ?? packet.dts;
    if (!track || !this.#writer || source === null) return;
    const line = this.#clock.follow((Number(source) * track.timeBase.num) / track.timeBase.den);
    if (line === null) return;
    try {
      this.#writer.write(packet, line, 0);
    } catch (error) {
      this.pause(error);
    }
  }

  /** At a key frame: ends the file if it is due, and begins the next. */
  #turnOver(tracks: RecordedTracks, packet: TappedPacket, line: number): void {
    const { options, archive } = this.#surroundings;
    if (this.#writer && (this.#renew || line - this.#writerStart >= options.segmentSeconds)) this.finish();
    if (this.#writer || packet.at < this.#retryAt) return;
    if (!fitsMp4(tracks.video)) {
      throw recordingFailure(
        `the original is not recorded: MP4 cannot hold ${codecOf(tracks.video)}`,
        'let the camera send H.264 or H.265, or record the enhanced pictures alone',
      );
    }
    const files = archive();
    if (!files.makeRoom(this.#error !== null)) throw volumeFull(options.folder, options.minFreeBytes);
    this.#begin(tracks, packet, line, files);
    files.save();
    this.#renew = false;
    this.#begun = true;
    if (this.#error) this.#surroundings.told(null);
    this.#error = null;
  }

  #begin(tracks: RecordedTracks, packet: TappedPacket, line: number, files: RecordingArchive): void {
    const making = this.#kind === 'enhanced' ? this.#making : null;
    // The clock may have been set since the packet came, and the packet may have waited.
    const start = new Date(Date.now() - Math.max(0, steadyMilliseconds() - packet.at)).toISOString();
    const file = files.create(this.#kind, {
      start,
      seconds: 0,
      bytes: 0,
      complete: false,
      pipeline: making?.pipeline ?? null,
      model: making?.model ?? null,
      strength: making?.strength ?? null,
    });
    const { video } = tracks;
    const inBand = video.extradata === null && SETUP_IN_BAND.includes(codecOf(video));
    const whole = inBand ? { ...tracks, video: { ...video, extradata: packet.data } } : tracks;
    const metadata = { title: this.#surroundings.streamId, comment: recordingComment(making), creation_time: start };
    try {
      this.#writer = new SegmentWriter(file, whole, { start: line, at: packet.at, metadata });
      this.#writerStart = line;
    } catch (error) {
      files.end(file.file, 0, 0, false);
      throw error;
    }
  }

  #entered(writer: SegmentWriter, complete: boolean): void {
    this.#bytesBefore += writer.bytes;
    const archive = this.#surroundings.archive();
    archive.end(writer.file, writer.seconds, writer.bytes, complete);
    if (!complete) archive.save();
  }
}
