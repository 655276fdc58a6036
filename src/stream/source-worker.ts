import { isMainThread, parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { AV_NOPTS_VALUE } from 'node-av/constants';
import { Packet, type Frame } from 'node-av/lib';
import { describeInput, parseInput, type InputLocation } from '../config/input-location.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { FrameRing } from '../frames/frame-ring.js';
import { Timeline } from '../frames/timeline.js';
import { AudioDecoder, type AudioChunk } from '../media/audio-decoder.js';
import { Demuxer } from '../media/demuxer.js';
import { FrameConformer } from '../media/frame-conformer.js';
import { VideoDecoder } from '../media/video-decoder.js';
import { frameOver } from '../media/video-encoder.js';
import { Backoff } from './backoff.js';
import { ControlBlock } from './control-block.js';
import { CounterBoard } from './counter-board.js';
import { OriginalRecording } from './recording/original-recording.js';
import type { SourceInfo } from './stream-messages.js';
import type { AudioMessage, SourceMessage, SourceStart, SourceWorkerData } from './worker-messages.js';

/** Pictures a second where the container does not say. */
const ASSUMED_RATE = 25;
/** Packets after which an input that yields no picture is given up. */
const PATIENCE = 1500;
/** How late a file's picture may be before the pace starts anew from it: the machine slept, or was too slow. */
const LATEST_SECONDS = 1;

/** An input that has been opened and whose first picture has been decoded. */
interface Opened {
  readonly demuxer: Demuxer;
  readonly decoder: VideoDecoder;
  readonly sound: AudioDecoder | null;
  readonly rate: number;
  /** The first picture, until it is taken. */
  first: Frame | null;
}

/** Opens an input up to its first picture. Throws AfterglowError. */
function open(
  input: InputLocation,
  counters: CounterBoard,
  control: ControlBlock,
  recording: OriginalRecording | null,
): Opened {
  const demuxer = Demuxer.open(input);
  try {
    const decoder = new VideoDecoder(demuxer.video);
    const { num, den } = demuxer.video.avgFrameRate;
    const rate = num > 0 && den > 0 ? Math.min(240, num / den) : ASSUMED_RATE;
    const sound = demuxer.audio ? AudioDecoder.open(demuxer.audio) : null;
    recording?.opened(demuxer, sound !== null);
    const packet = new Packet();
    packet.alloc();
    for (let packets = 0; packets < PATIENCE && !control.stopped; packets++) {
      const read = demuxer.read(packet);
      if (read === 'lost') break;
      if (read === 'end') decoder.send(null);
      if (read === 'video') decoder.send(packet);
      recording?.packet(read, packet);
      packet.unref();
      const first = decoder.receive();
      if (first) {
        packet.free();
        return { demuxer, decoder, sound, rate, first };
      }
      if (read === 'end') break;
    }
    counters.add('damaged', decoder.damaged);
    throw new AfterglowError('input-unreadable', `${describeInput(input)} yields no picture`, {
      remedy: 'it is damaged or empty; play it in another program to see',
      retryable: input.kind !== 'file',
    });
  } catch (error) {
    demuxer.close();
    throw error;
  }
}

/** Reads one input for as long as the stream runs. */
class SourceLoop {
  readonly #data: SourceWorkerData;
  readonly #port: MessagePort;
  readonly #input: InputLocation;
  readonly #control: ControlBlock;
  readonly #counters: CounterBoard;
  readonly #backoff = new Backoff();
  readonly #recording: OriginalRecording | null;
  #opened: Opened | null = null;
  #conformer: FrameConformer | null = null;
  #ring: FrameRing | null = null;
  #targets: Frame[] = [];
  #timeline = new Timeline(1 / ASSUMED_RATE);
  /** Wall clock, in seconds, at which time 0 of the file's pace lies; null before its first picture. */
  #paceStart: number | null = null;
  #damagedBefore = 0;

  constructor(data: SourceWorkerData, port: MessagePort) {
    this.#data = data;
    this.#port = port;
    this.#input = parseInput(data.input);
    this.#control = new ControlBlock(data.control);
    this.#counters = new CounterBoard(data.counters);
    this.#recording = data.recording && new OriginalRecording(data.recording);
  }

  /** Opens the input for the first time, trying again while that can help. Null if the stream was stopped meanwhile. */
  openFirst(): SourceInfo | null {
    const opened = this.#openPersistently();
    const { first } = opened ?? {};
    if (!opened || !first) return null;
    const { demuxer, decoder, rate, sound } = opened;
    this.#conformer = new FrameConformer(first, demuxer.video, this.#data.maxPixels);
    this.#timeline = new Timeline(1 / rate);
    return {
      width: first.width,
      height: first.height,
      frameRate: rate,
      codec: decoder.codecName,
      container: demuxer.format,
      sound: sound !== null,
      notes: this.#conformer.notes,
      format: this.#conformer.format,
    };
  }

  /** Reads until the file's end or until the stream is stopped. */
  run(start: SourceStart): void {
    const conformer = this.#conformer;
    if (!conformer) return;
    this.#ring = FrameRing.join(start.memory, start.ring);
    this.#targets = Array.from({ length: start.ring.slots }, (_, slot) =>
      frameOver(start.memory, this.#ring?.address(slot) ?? 0, conformer.format),
    );
    while (!this.#control.stopped) {
      const opened = this.#opened ?? this.#reopen();
      if (!opened) break;
      const end = this.#readToEnd(opened, conformer);
      if (end === 'stopped') break;
      if (end === 'end' && !this.#data.loop) {
        this.#drain(opened, conformer);
        this.#ring.close();
        this.#port.postMessage({ kind: 'ended' } satisfies SourceMessage);
        break;
      }
      if (end === 'end') {
        this.#again(opened, conformer);
      } else {
        // What came before the connection broke is shown, down to what the decoder holds back for reordering.
        opened.decoder.send(null);
        this.#receiveAll(opened, conformer);
        this.#close();
        this.#control.sleep(this.#tellLost(this.#lostError()));
      }
    }
    this.#close();
    this.#recording?.close();
  }

  #readToEnd(opened: Opened, conformer: FrameConformer): 'end' | 'lost' | 'stopped' {
    const { demuxer, decoder, sound } = opened;
    const packet = new Packet();
    packet.alloc();
    try {
      if (opened.first) {
        this.#conform(opened.first, opened, conformer);
        opened.first = null;
        this.#receiveAll(opened, conformer);
      }
      for (;;) {
        if (this.#control.stopped) return 'stopped';
        const read = demuxer.read(packet);
        if (read === 'end' || read === 'lost') {
          return read;
        }
        this.#recording?.packet(read, packet);
        if (read === 'video') {
          decoder.send(packet);
          this.#receiveAll(opened, conformer);
          this.#counters.set('damaged', this.#damagedBefore + decoder.damaged);
        } else if (read === 'audio' && sound) {
          sound.decode(packet, (chunk) => this.#sendSound(chunk));
        }
        packet.unref();
      }
    } finally {
      packet.free();
    }
  }

  #receiveAll(opened: Opened, conformer: FrameConformer): void {
    for (let frame = opened.decoder.receive(); frame; frame = opened.decoder.receive()) {
      this.#conform(frame, opened, conformer);
      if (this.#control.stopped) return;
    }
  }

  #conform(frame: Frame | null, opened: Opened, conformer: FrameConformer): void {
    conformer.add(frame);
    while (this.#publish(opened, conformer));
  }

  /** Publishes one conformed picture; false when there is none. */
  #publish(opened: Opened, conformer: FrameConformer): boolean {
    const ring = this.#ring;
    if (!ring) return false;
    const wait = this.#data.exact ? 100 : 20;
    let slot = ring.acquireWrite(wait);
    while (slot < 0 && this.#data.exact && !this.#control.stopped) slot = ring.acquireWrite(wait);
    const target = this.#targets[Math.max(0, slot)];
    if (slot < 0 || !target) {
      // Every slot is being read: the picture is taken out of the way into none and counted.
      if (this.#control.stopped || !conformer.discard()) return false;
      this.#counters.add('decoded');
      this.#counters.add('droppedNoSlot');
      return true;
    }
    const pts = conformer.take(target);
    if (pts === null) {
      ring.release(slot);
      return false;
    }
    const { num, den } = opened.demuxer.video.timeBase;
    const seconds = pts === AV_NOPTS_VALUE ? null : (Number(pts) * num) / den;
    const ticks = this.#timeline.picture(seconds, performance.now() / 1000);
    this.#pace(Number(ticks) / 90000);
    this.#counters.add('decoded');
    ring.publish(slot, {
      pts: ticks,
      arrival: performance.timeOrigin + performance.now(),
      matrix: conformer.format.matrix,
      range: conformer.format.range,
    });
    return true;
  }

  /** Waits until a file's picture is due: a file that serves as a camera comes at its own rate. */
  #pace(seconds: number): void {
    if (this.#input.kind !== 'file' || this.#data.exact) return;
    const now = performance.now() / 1000;
    this.#paceStart ??= now - seconds;
    const due = this.#paceStart + seconds;
    if (now - due > LATEST_SECONDS) this.#paceStart = now - seconds;
    else if (due > now) this.#control.sleep((due - now) * 1000);
  }

  #sendSound(chunk: AudioChunk): void {
    this.#recording?.sound(chunk);
    const seconds = this.#timeline.sound(chunk.seconds);
    if (seconds === null) return;
    this.#data.audio.postMessage({ seconds, samples: chunk.samples } satisfies AudioMessage, [chunk.samples.buffer]);
  }

  /** The pictures that decoder and filters still hold at a file's end. */
  #drain(opened: Opened, conformer: FrameConformer): void {
    opened.decoder.send(null);
    this.#receiveAll(opened, conformer);
    opened.sound?.decode(null, (chunk) => this.#sendSound(chunk));
    this.#conform(null, opened, conformer);
  }

  /** Begins a file again. */
  #again(opened: Opened, conformer: FrameConformer): void {
    opened.decoder.send(null);
    this.#receiveAll(opened, conformer);
    opened.decoder.flush();
    opened.sound?.flush();
    this.#timeline.breakOff();
    this.#recording?.breakOff();
    // A picture file cannot go back; it is opened anew.
    if (!opened.demuxer.rewind()) this.#close();
  }

  #reopen(): Opened | null {
    const opened = this.#openPersistently();
    if (!opened) return null;
    this.#timeline.breakOff();
    if (this.#input.kind !== 'file') {
      this.#counters.add('reconnects');
      this.#port.postMessage({ kind: 'live' } satisfies SourceMessage);
    }
    return opened;
  }

  #openPersistently(): Opened | null {
    while (!this.#control.stopped) {
      try {
        this.#opened = open(this.#input, this.#counters, this.#control, this.#recording);
        this.#backoff.succeeded();
        return this.#opened;
      } catch (thrown) {
        const error = AfterglowError.from(thrown);
        if (!error.retryable) throw error;
        const wait = this.#tellLost(error);
        this.#control.sleep(wait);
      }
    }
    return null;
  }

  #tellLost(error: AfterglowError): number {
    const retryInMs = this.#backoff.next();
    this.#port.postMessage({ kind: 'lost', error: error.toReport(), retryInMs } satisfies SourceMessage);
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
    this.#opened.sound?.close();
    this.#opened.decoder.close();
    this.#opened.demuxer.close();
    this.#opened = null;
  }
}

async function main(data: SourceWorkerData, port: MessagePort): Promise<void> {
  try {
    const loop = new SourceLoop(data, port);
    const source = loop.openFirst();
    if (!source) return;
    const start = new Promise<SourceStart>((resolve) => port.once('message', resolve));
    port.postMessage({ kind: 'opened', source } satisfies SourceMessage);
    loop.run(await start);
  } catch (error) {
    port.postMessage({ kind: 'failed', error: AfterglowError.from(error).toReport() } satisfies SourceMessage);
  }
}

if (!isMainThread && parentPort) {
  const data = workerData as SourceWorkerData;
  await main(data, parentPort);
  data.audio.close();
  parentPort.close();
}
