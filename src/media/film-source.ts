import { AV_NOPTS_VALUE } from 'node-av/constants';
import { Packet, type Frame, type Rational } from 'node-av/lib';
import { AfterglowError } from '../errors/afterglow-error.js';
import { Demuxer } from './demuxer.js';
import { FilmConformer, type FieldTreatment } from './film-conformer.js';
import type { FieldOrder } from './field-order.js';
import type { FilmFormat, Fraction } from './film-format.js';
import { VideoDecoder } from './video-decoder.js';

/** How much further back, in seconds, a seek that came out too late tries next. */
const SEEK_STEPS = [0, 2, 10, 60] as const;

/** Reads a film's pictures in order, from any point on. All calls block. */
export class FilmSource {
  /** The form of the pictures. */
  readonly format: FilmFormat;
  /** The film's own clock, in which presentation times are counted. */
  readonly timeBase: Fraction;
  /** Pictures a second, as the container says. */
  readonly frameRate: number;
  /** What is done to the pictures, for people. */
  readonly notes: readonly string[];
  readonly #file: string;
  readonly #conformer: FilmConformer;
  readonly #packet = new Packet();
  #demuxer: Demuxer;
  #decoder: VideoDecoder;
  #ended = false;
  /** Pictures before this time are passed over. */
  #from: bigint | null = null;

  private constructor(file: string, demuxer: Demuxer, fields: FieldTreatment, order: FieldOrder) {
    this.#file = file;
    this.#demuxer = demuxer;
    this.#decoder = new VideoDecoder(demuxer.video);
    this.#packet.alloc();
    const first = this.#decodeFirst();
    const { timeBase, avgFrameRate, rFrameRate } = demuxer.video;
    this.timeBase = { num: timeBase.num, den: timeBase.den };
    const rate = avgFrameRate.num > 0 && avgFrameRate.den > 0 ? avgFrameRate : rFrameRate;
    this.frameRate = rate.num > 0 && rate.den > 0 ? rate.num / rate.den : 25;
    this.#conformer = new FilmConformer(first, demuxer.video, fields, order);
    this.format = this.#conformer.format;
    this.notes = this.#conformer.notes;
    this.#rewind();
  }

  /** Throws AfterglowError whose message names the file, the cause and the remedy. */
  static open(file: string, fields: FieldTreatment, order: FieldOrder): FilmSource {
    const demuxer = Demuxer.open({ kind: 'file', path: file });
    return new FilmSource(file, demuxer, fields, order);
  }

  /** Name of the codec. */
  get codecName(): string {
    return this.#decoder.codecName;
  }

  /** Packets that could not be decoded so far. */
  get damaged(): number {
    return this.#decoder.damaged;
  }

  /** The clock as FFmpeg's own fraction. */
  get rational(): Rational {
    return this.#demuxer.video.timeBase;
  }

  /** Length in seconds as the container says, 0 if it does not. */
  get duration(): number {
    return this.#demuxer.duration;
  }

  /** Goes to a presentation time: the next picture is the first one at or after it. */
  seek(pts: bigint): void {
    const second = BigInt(Math.max(1, Math.round(this.timeBase.den / this.timeBase.num)));
    for (const back of SEEK_STEPS) {
      if (!this.#demuxer.seek(pts - BigInt(back) * second)) break;
      this.#decoder.flush();
      this.#conformer.flush();
      this.#ended = false;
      this.#from = null;
      const first = this.next();
      if (first && first.pts <= pts) {
        this.#restart(pts - BigInt(back) * second, pts);
        return;
      }
    }
    this.#rewind();
    this.#from = pts;
  }

  /** The next picture with its presentation time, valid until the next call; null at the end. */
  next(): Frame | null {
    for (;;) {
      const frame = this.#conformer.take();
      if (frame) {
        if (this.#from !== null && frame.pts < this.#from) continue;
        this.#from = null;
        return frame;
      }
      if (this.#ended) return null;
      const decoded = this.#decode();
      this.#conformer.add(decoded);
      if (!decoded) this.#ended = true;
    }
  }

  close(): void {
    this.#conformer.close();
    this.#decoder.close();
    this.#demuxer.close();
    this.#packet.free();
  }

  /** Seeks to where a seek has proved right, and passes over what comes before `from`. */
  #restart(at: bigint, from: bigint): void {
    this.#demuxer.seek(at);
    this.#decoder.flush();
    this.#conformer.flush();
    this.#ended = false;
    this.#from = from;
  }

  #rewind(): void {
    this.#from = null;
    this.#ended = false;
    // Anew: a seek to the first picture comes out behind it in some containers.
    this.#decoder.close();
    this.#demuxer.close();
    this.#demuxer = Demuxer.open({ kind: 'file', path: this.#file });
    this.#decoder = new VideoDecoder(this.#demuxer.video);
    this.#conformer.flush();
  }

  #decodeFirst(): Frame {
    const frame = this.#decode();
    if (frame) return frame;
    this.#decoder.close();
    this.#demuxer.close();
    throw new AfterglowError('input-unreadable', `${this.#file} has no picture that can be decoded`, {
      remedy: 'play it in another program to see whether it is whole',
    });
  }

  #decode(): Frame | null {
    for (;;) {
      const frame = this.#decoder.receive();
      if (frame && frame.bestEffortTimestamp !== AV_NOPTS_VALUE) return frame;
      if (frame) continue;
      const kind = this.#demuxer.read(this.#packet);
      if (kind === 'end' || kind === 'lost') {
        this.#decoder.send(null);
        return this.#decoder.receive();
      }
      if (kind === 'video') this.#decoder.send(this.#packet);
      this.#packet.unref();
    }
  }
}
