import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import {
  FFmpegError,
  FormatContext,
  InputFormat,
  Packet,
  Rational,
  type CodecContext,
  type CodecParameters,
} from 'node-av/lib';
import { Dictionary } from 'node-av/lib';
import { AfterglowError } from '../errors/afterglow-error.js';
import { check } from './ffmpeg-error.js';
import type { Fraction } from './film-format.js';

/** Writes the coded pictures of a part of a film, as NUT, which keeps any clock exactly. Appears when complete. */
export class FilmPartWriter {
  readonly #file: string;
  // A name of its own: a worker that is thought dead may still be writing the same part.
  readonly #temporary: string;
  readonly #context = new FormatContext();
  readonly #packet = new Packet();
  readonly #timeBase: Rational;
  #pictures = 0;

  /** Throws AfterglowError `output-invalid` where the file cannot be written. */
  constructor(file: string, encoder: CodecContext) {
    this.#file = file;
    this.#temporary = `${file}.${randomUUID()}.tmp`;
    this.#timeBase = encoder.timeBase;
    this.#packet.alloc();
    check(this.#context.allocOutputContext2(null, 'nut', this.#temporary), 'set up a part');
    const stream = this.#context.newStream(null);
    check(stream.codecpar.fromContext(encoder), 'set up a part');
    stream.timeBase = encoder.timeBase;
    this.#try(this.#context.openOutputSync());
    this.#try(this.#context.writeHeaderSync(Dictionary.fromObject({ avoid_negative_ts: 'disabled' })));
  }

  /** Coded pictures written so far. */
  get pictures(): number {
    return this.#pictures;
  }

  /** Writes a coded picture, which stays the caller's. Throws AfterglowError `output-invalid`. */
  write(packet: Packet): void {
    check(this.#packet.ref(packet), 'write a part');
    this.#packet.streamIndex = 0;
    this.#packet.rescaleTs(this.#timeBase, this.#context.streams[0]?.timeBase ?? this.#timeBase);
    this.#try(this.#context.interleavedWriteFrameSync(this.#packet));
    this.#pictures++;
  }

  /** Gives the file its name. Throws AfterglowError `output-invalid`. */
  async finish(): Promise<void> {
    this.#try(this.#context.writeTrailerSync());
    this.#close();
    await rename(this.#temporary, this.#file);
  }

  /** Deletes what was written. */
  async abandon(): Promise<void> {
    this.#close();
    await rm(this.#temporary, { force: true });
  }

  #close(): void {
    this.#context.closeOutputSync();
    this.#context.freeContext();
    this.#packet.free();
  }

  #try(result: number): void {
    if (result < 0) throw cannotWrite(this.#file, result);
  }
}

/** Reads a part's coded pictures in coding order. */
export class FilmPartReader {
  readonly parameters: CodecParameters;
  readonly #context = new FormatContext();
  readonly #from: Rational;
  readonly #to: Rational;

  /** timeBase: clock that presentation times are to be counted in. Throws AfterglowError for a damaged part. */
  constructor(file: string, timeBase: Fraction) {
    this.#context.allocContext();
    check(
      this.#context.openInputSync(`file:${file}`, InputFormat.findInputFormat('nut'), null),
      `open the part ${file}`,
    );
    const stream = this.#context.streams.find(({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_VIDEO);
    if (!stream) throw new Error(`the part ${file} has no pictures`);
    this.parameters = stream.codecpar;
    this.#from = stream.timeBase;
    this.#to = new Rational(timeBase.num, timeBase.den);
  }

  /** Reads the next coded picture into `packet`, which the caller unrefs; false at the end. */
  read(packet: Packet): boolean {
    if (this.#context.readFrameSync(packet) < 0) return false;
    packet.rescaleTs(this.#from, this.#to);
    return true;
  }

  close(): void {
    this.#context.closeInputSync();
  }
}

/** The error of an output that FFmpeg could not write to. */
export function cannotWrite(file: string, result: number): AfterglowError {
  const full = result === -28;
  const why = full ? 'the disk is full' : FFmpegError.strerror(result);
  return new AfterglowError('output-invalid', `${file} cannot be written: ${why}`, {
    remedy: full
      ? 'make room and give the same command again: it goes on where it stopped'
      : "check the folder's permissions and the space on its disk, then give the same command again",
  });
}
