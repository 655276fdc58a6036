import { existsSync } from 'node:fs';
import path from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { AV_NOPTS_VALUE } from 'node-av/constants';
import { Packet, type Frame } from 'node-av/lib';
import { describeInput, parseInput, type InputLocation } from '../config/input-location.js';
import { frameAt } from '../enhance/frame-view.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { FrameRing } from '../frames/frame-ring.js';
import { lumaLimits } from '../frames/picture-format.js';
import { steadyMilliseconds } from '../frames/steady-clock.js';
import { LIVE_CLOCK, Timeline } from '../frames/timeline.js';
import { TraceBoard } from '../frames/trace-board.js';
import { NativeGarbage } from '../frames/native-garbage.js';
import { SoundRing } from '../frames/sound-ring.js';
import type { AudioChunk } from '../media/audio-decoder.js';
import { frameOver } from '../media/video-encoder.js';
import { noPublisher } from '../media/whip-description.js';
import { Backoff } from './backoff.js';
import { ControlBlock } from './control-block.js';
import { CounterBoard } from './counter-board.js';
import { OpenedSource } from './opened-source.js';
import { OriginalRecording } from './recording/original-recording.js';
import { RegionMask } from './region-mask.js';
import { SourceMarks } from './source-marks.js';
import type { AudioMessage, SourceMessage, SourceStart, SourceWorkerData } from './worker-messages.js';

/** How often the reading thread lets its event loop turn, in milliseconds. */
const BREATH_EVERY = 1000;
/** How late a file's picture may be before the pace starts anew from it: the machine slept, or was too slow. */
const LATEST_SECONDS = 1;
/** A connection that has served this long was a good one: the next attempt after it comes soon. In milliseconds. */
const SOUND_AFTER = 3000;

/** A longer gap in the times of pictures, in seconds, is a jump of the camera's clock. */
const LARGEST_GAP = 5;

/** A picture this late, in milliseconds, was held up: what the source sent after it is missing from its own time on. */
const HELD_UP = 1000;

/** Where pictures and sound go. */
interface Target {
  readonly ring: FrameRing;
  /** A frame over each slot of the ring. */
  readonly frames: readonly Frame[];
  readonly bytes: Uint8Array;
  readonly masked: RegionMask;
}

/** How often it is looked whether there is a publisher, and from its loss to that, in milliseconds. */
const PUBLISHER_LOOK = 100;
const PUBLISHER_RETRY = 200;

/** Reads one input for as long as the stream runs. */
export class SourceLoop {
  readonly #data: SourceWorkerData;
  readonly #port: MessagePort;
  readonly #input: InputLocation;
  readonly #control: ControlBlock;
  readonly #counters: CounterBoard;
  readonly #marks: SourceMarks;
  readonly #backoff = new Backoff();
  readonly #recording: OriginalRecording | null;
  readonly #trace: TraceBoard | null;
  /** When the work on the next picture began, by `performance.now()`. */
  #workStart = 0;
  #opened: OpenedSource | null = null;
  #openedAt = 0;
  #target: Target | null = null;
  #audio: { readonly port: MessagePort; readonly ring: SoundRing } | null = null;
  #timeline: Timeline | null = null;
  /** Wall clock, in seconds, at which time 0 of the file's pace lies; null before its first picture. */
  #paceStart: number | null = null;
  #damagedBefore = 0;
  readonly #garbage = new NativeGarbage();
  #breathAt = 0;
  /** Steady clock at which the last picture was due, in milliseconds; 0 before the first. */
  #lastDue = 0;
  /** Whether the next picture is the first one after the source was away. */
  #wasAway = false;
  #tellsOfClock = true;
  /** The source's time of the last picture, in seconds; null at the start of a connection. */
  #lastSeconds: number | null = null;

  constructor(data: SourceWorkerData, port: MessagePort) {
    this.#data = data;
    this.#port = port;
    const input = parseInput(data.input);
    this.#input = input.kind === 'whip' ? { kind: 'whip', description: data.whipDescription } : input;
    this.#control = new ControlBlock(data.control);
    this.#counters = new CounterBoard(data.counters);
    this.#marks = new SourceMarks(data.marks);
    this.#recording = data.recording && new OriginalRecording(data.recording);
    this.#trace = data.trace && new TraceBoard(data.trace);
  }

  /** Reads until the file's end or until the stream is stopped. Throws AfterglowError where trying again cannot help. */
  async run(): Promise<void> {
    while (!this.#control.stopped) {
      const opened = this.#opened ?? (await this.#connect());
      if (!opened) break;
      const end = await this.#readToEnd(opened);
      if (end === 'stopped') break;
      if (end === 'end' && !this.#data.loop) {
        this.#drain(opened);
        this.#target?.ring.close();
        this.#say({ kind: 'ended' });
        break;
      }
      if (end === 'end') this.#again(opened);
      else this.#lose(opened);
    }
    this.#close();
    this.#audio?.port.close();
    this.#recording?.close();
  }

  /** Opens the input, trying again while that can help, and waits until there is a place for what it brings. */
  async #connect(): Promise<OpenedSource | null> {
    const isFirst = this.#timeline === null;
    const opened = this.#openPersistently();
    if (!opened) return null;
    this.#opened = opened;
    this.#openedAt = steadyMilliseconds();
    this.#marks.connected(opened.demuxer.connectedAt);
    this.#lastSeconds = null;
    const start = new Promise<SourceStart>((resolve) => this.#port.once('message', resolve));
    this.#say({ kind: 'opened', source: opened.info });
    this.#begin(opened, await start);
    this.#timeline?.breakOff(1 / opened.info.frameRate);
    this.#timeline ??= new Timeline(1 / opened.info.frameRate, !this.#isFile);
    if (!isFirst && !this.#isFile) this.#counters.add('reconnects');
    return opened;
  }

  get #isFile(): boolean {
    return this.#input.kind === 'file';
  }

  #begin(opened: OpenedSource, start: SourceStart): void {
    if (start.audio) {
      this.#audio?.port.close();
      this.#audio = { port: start.audio.port, ring: new SoundRing(start.audio.ring) };
    }
    const { format } = opened.info;
    const ring = FrameRing.join(start.memory, start.ring);
    for (const frame of this.#target?.frames ?? []) frame.free();
    this.#target = {
      ring,
      frames: Array.from({ length: start.ring.slots }, (_, slot) =>
        frameOver(start.memory, ring.address(slot), format),
      ),
      bytes: new Uint8Array(start.memory.buffer),
      masked: new RegionMask(this.#data.regions.private, format.width, format.height),
    };
  }

  async #readToEnd(opened: OpenedSource): Promise<'end' | 'lost' | 'stopped'> {
    const { demuxer, decoder, sound } = opened;
    const packet = new Packet();
    packet.alloc();
    try {
      const first = opened.takeFirst();
      if (first) {
        this.#conform(first, opened);
        this.#receiveAll(opened);
      }
      for (;;) {
        if (this.#control.stopped) return 'stopped';
        const read = demuxer.read(packet);
        if (read === 'end' || read === 'lost') return read;
        this.#recording?.packet(read, packet);
        if (read === 'video') {
          this.#workStart = performance.now();
          decoder.send(packet);
          this.#receiveAll(opened);
          this.#counters.set('damaged', this.#damagedBefore + decoder.damaged);
        } else if (read === 'audio' && sound) {
          sound.decode(packet, (chunk) => this.#sendSound(chunk));
        }
        packet.unref();
        if (steadyMilliseconds() >= this.#breathAt) await this.#breathe();
      }
    } finally {
      packet.free();
    }
  }

  /**
   * Lets the thread's event loop turn now and then. What FFmpeg's binding holds outside the heap is freed there and nowhere
   * else: a loop that only ever waits for the camera would gather it for as long as the camera stays.
   */
  async #breathe(): Promise<void> {
    this.#breathAt = steadyMilliseconds() + BREATH_EVERY;
    this.#garbage.rest();
    await new Promise((resolve) => setImmediate(resolve));
  }

  #receiveAll(opened: OpenedSource): void {
    for (let frame = opened.decoder.receive(); frame; frame = opened.decoder.receive()) {
      this.#conform(frame, opened);
      if (this.#control.stopped) return;
    }
  }

  #conform(frame: Frame | null, opened: OpenedSource): void {
    opened.conformer.add(frame);
    while (this.#publish(opened));
  }

  /** Publishes one conformed picture; false when there is none. */
  #publish(opened: OpenedSource): boolean {
    const { conformer } = opened;
    const target = this.#target;
    const timeline = this.#timeline;
    if (!target || !timeline) return false;
    const { ring } = target;
    const wait = this.#data.exact ? 100 : 20;
    const decoded = performance.now();
    let slot = ring.acquireWrite(wait);
    while (slot < 0 && this.#data.exact && !this.#control.stopped) slot = ring.acquireWrite(wait);
    const picture = target.frames[Math.max(0, slot)];
    if (slot < 0 || !picture) {
      // Every slot is being read: the picture is taken out of the way into none and counted.
      if (this.#control.stopped || !conformer.discard()) return false;
      this.#counters.add('decoded');
      this.#counters.add('droppedNoSlot');
      return true;
    }
    const acquired = performance.now();
    const pts = conformer.take(picture);
    const taken = performance.now();
    if (pts === null) {
      ring.release(slot);
      return false;
    }
    const { num, den } = opened.demuxer.video.timeBase;
    const seconds = pts === AV_NOPTS_VALUE ? null : (Number(pts) * num) / den;
    const late = this.#follow(seconds, opened.info.frameRate);
    const ticks = timeline.picture(seconds, steadyMilliseconds() / 1000);
    this.#pace(Number(ticks) / LIVE_CLOCK);
    const { width, height, matrix, range } = conformer.format;
    if (!target.masked.isEmpty) {
      target.masked.blacken(target.bytes, frameAt(ring.address(slot), width, height), lumaLimits(range).black);
    }
    const arrival = steadyMilliseconds();
    this.#noteArrival(arrival - late, opened, timeline);
    ring.publish(slot, { pts: ticks, arrival, matrix, range });
    // Without the waits for a free slot and for the picture's time.
    const work = decoded - this.#workStart + taken - acquired;
    this.#trace?.addPast('decode', Number(ticks) / LIVE_CLOCK, taken - work, work);
    this.#workStart = performance.now();
    return true;
  }

  /**
   * Follows the times of pictures, seconds by the source: counts those that UDP has lost, and returns how many
   * milliseconds this one is late because it was held up, 0 where that is nothing unusual.
   */
  #follow(seconds: number | null, frameRate: number): number {
    const last = this.#lastSeconds;
    this.#lastSeconds = seconds;
    if (this.#isFile || seconds === null || last === null) return 0;
    const step = seconds - last;
    const gap = Math.round(step * frameRate);
    if (this.#data.transport === 'udp' && gap > 1 && step < LARGEST_GAP) this.#counters.add('missedNetwork', gap - 1);
    const late = steadyMilliseconds() - this.#lastDue - step * 1000;
    return late > HELD_UP && step >= 0 ? late : 0;
  }

  /** Counts a picture that was due at a moment of the steady clock. */
  #noteArrival(due: number, opened: OpenedSource, timeline: Timeline): void {
    this.#counters.add('decoded');
    if (this.#wasAway) {
      this.#wasAway = false;
      this.#control.away = false;
      if (this.#lastDue > 0) {
        // What came since the connection stood is decoded now, however long it had to wait.
        const away = opened.demuxer.connectedAt - this.#lastDue;
        this.#counters.add('missedAway', Math.max(0, Math.round((away * opened.info.frameRate) / 1000) - 1));
        const first = Math.round(steadyMilliseconds() - opened.demuxer.connectedAt);
        this.#say({
          kind: 'note',
          message: `back after ${(away / 1000).toFixed(1)} s, the first picture ${first} ms after the connection stood`,
        });
      }
    }
    if (timeline.byArrival && this.#tellsOfClock) {
      this.#tellsOfClock = false;
      this.#say({ kind: 'note', message: "the camera's timestamps run at another pace than its pictures: they are laid by when they come" }); // prettier-ignore
    }
    this.#lastDue = due;
    this.#marks.picture(due);
  }

  /** Waits until a file's picture is due: a file that serves as a camera comes at its own rate. */
  #pace(seconds: number): void {
    if (!this.#isFile || this.#data.exact) return;
    const now = steadyMilliseconds() / 1000;
    this.#paceStart ??= now - seconds;
    const due = this.#paceStart + seconds;
    if (now - due > LATEST_SECONDS) this.#paceStart = now - seconds;
    else if (due > now) this.#control.sleep((due - now) * 1000);
  }

  #sendSound(chunk: AudioChunk): void {
    this.#recording?.sound(chunk);
    const seconds = this.#timeline?.sound(chunk.seconds, steadyMilliseconds() / 1000) ?? null;
    if (seconds === null) return;
    if (!this.#audio) return;
    const { port, ring } = this.#audio;
    const at = ring.write(chunk.samples);
    if (at >= 0) {
      port.postMessage({ kind: 'placed', seconds, at, length: chunk.samples.length } satisfies AudioMessage);
    } else {
      const samples = Float32Array.from(chunk.samples);
      port.postMessage({ kind: 'whole', seconds, samples } satisfies AudioMessage, [samples.buffer]);
    }
  }

  /** The pictures that decoder and filters still hold at a file's end. */
  #drain(opened: OpenedSource): void {
    opened.decoder.send(null);
    this.#receiveAll(opened);
    opened.sound?.decode(null, (chunk) => this.#sendSound(chunk));
    this.#conform(null, opened);
  }

  /** Begins a file again. */
  #again(opened: OpenedSource): void {
    opened.decoder.send(null);
    this.#receiveAll(opened);
    opened.decoder.flush();
    opened.sound?.flush();
    this.#timeline?.breakOff();
    this.#recording?.breakOff();
    // A picture file cannot go back; it is opened anew.
    if (!opened.demuxer.rewind()) this.#close();
  }

  /** The connection broke: what came before is shown, down to what the decoder holds back for reordering. */
  #lose(opened: OpenedSource): void {
    opened.decoder.send(null);
    this.#receiveAll(opened);
    this.#close();
    // A camera that accepts and breaks off at once is not to be asked every second.
    if (steadyMilliseconds() - this.#openedAt > SOUND_AFTER) this.#backoff.succeeded();
    this.#control.sleep(this.#tellLost(this.#lostError()));
  }

  #openPersistently(): OpenedSource | null {
    const { transport, maxPixels } = this.#data;
    while (!this.#control.stopped) {
      try {
        if (!this.#awaitPublisher()) break;
        return OpenedSource.open(this.#input, {
          transport,
          maxPixels,
          counters: this.#counters,
          control: this.#control,
          recording: this.#recording,
        });
      } catch (thrown) {
        const error = AfterglowError.from(thrown);
        if (!error.retryable) throw error;
        const wait = this.#tellLost(error);
        this.#control.sleep(wait);
      }
    }
    return null;
  }

  /** A publisher comes when it likes, and is then not to wait for the next try. False if the stream is stopped. */
  #awaitPublisher(): boolean {
    const input = this.#input;
    if (input.kind !== 'whip' || existsSync(input.description)) return true;
    this.#tellLost(noPublisher(path.basename(path.dirname(input.description))));
    while (!existsSync(input.description)) if (!this.#control.sleep(PUBLISHER_LOOK)) return false;
    return true;
  }

  #tellLost(error: AfterglowError): number {
    // What a publisher does next cannot be guessed from what it did.
    const retryInMs = this.#input.kind === 'whip' ? PUBLISHER_RETRY : this.#backoff.next();
    this.#wasAway = true;
    this.#control.away = true;
    this.#say({ kind: 'lost', error: error.toReport(), retryInMs });
    return retryInMs;
  }

  #lostError(): AfterglowError {
    return new AfterglowError('input-lost', `${describeInput(this.#input)} went away`, {
      remedy: 'it is tried again; check the camera and the network if it stays away',
      retryable: true,
    });
  }

  #close(): void {
    if (!this.#opened) return;
    this.#damagedBefore += this.#opened.decoder.damaged;
    this.#opened.close();
    this.#opened = null;
  }

  #say(message: SourceMessage): void {
    this.#port.postMessage(message);
  }
}
