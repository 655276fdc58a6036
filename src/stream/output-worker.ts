import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import path from 'node:path';
import { isMainThread, parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { H264Encoder } from '../config/encoder-names.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import type { FrameRingHandle } from '../frames/frame-ring.js';
import { NativeGarbage } from '../frames/native-garbage.js';
import { SoundRing } from '../frames/sound-ring.js';
import { steadyMilliseconds, toWallClock } from '../frames/steady-clock.js';
import { TraceBoard } from '../frames/trace-board.js';
import { AUDIO_CHANNELS, AUDIO_CLOCK, type AudioChunk } from '../media/audio-decoder.js';
import { AudioEncoder } from '../media/audio-encoder.js';
import type { StoredPicture } from '../media/last-picture.js';
import { RtpMuxer } from '../media/rtp-muxer.js';
import { encoderWorks } from '../media/video-encoder.js';
import { ControlBlock } from './control-block.js';
import { CounterBoard } from './counter-board.js';
import { RecordingTap } from './recording/recording-tap.js';
import { RenditionEncoder } from './rendition-encoder.js';
import { bitrateOf } from './rendition-bitrate.js';
import { HistogramBoard } from './histogram-board.js';
import { offlineText } from './offline-text.js';
import { keyFrameRequests } from './rtcp.js';
import { storedRendition } from './stored-rendition.js';
import { EXTRA_RENDITIONS, RTP, type ExtraRendition, type Rendition } from './stream-messages.js';
import type { AudioMessage, OutputCommand, OutputMessage, OutputWorkerData } from './worker-messages.js';

const LOOPBACK = '127.0.0.1';
/** Sound waits for its picture at most this long, in seconds. */
const LONGEST_WAIT = 1;
/** Placeholders a second, in milliseconds between two. */
const PLACEHOLDER_EVERY = 200;
/** A picture that is this late, in milliseconds and in pictures of the stream, is not coming for now. */
const LONGEST_SILENCE = 2000;
const LONGEST_SILENCE_PICTURES = 6;
/** A source that has said it is away gets this long, in milliseconds, to be back before viewers are told. */
const GRACE = 300;
/** Sound that is this far behind the picture, in seconds, has stopped: silence takes its place, or HLS would wait for it. */
const SOUND_STOPPED = 1.5;

/** Encodes what the rings bring, and sends it on. Lives on its thread's event loop, which also hears RTCP. */
class Output {
  readonly #data: OutputWorkerData;
  readonly #tell: (message: OutputMessage) => void;
  readonly #control: ControlBlock;
  readonly #counters: CounterBoard;
  readonly #encoderName: H264Encoder;
  readonly #socket: Socket | null;
  readonly #recording: RecordingTap | null;
  readonly #enhanced: RenditionEncoder;
  readonly #extras = new Map<ExtraRendition, RenditionEncoder>();
  readonly #aac: AudioEncoder | null;
  readonly #opus: { readonly encoder: AudioEncoder; readonly rtp: RtpMuxer | null } | null;
  /** Sound that is ahead of the picture, oldest first. */
  readonly #early: AudioMessage[] = [];
  readonly #soundRing: SoundRing;
  readonly #garbage = new NativeGarbage();
  /** Seconds of the time line up to which there is sound, or silence in its place; null before the first. */
  #soundEnd: number | null = null;
  readonly #startedAt = steadyMilliseconds();
  readonly #watch: NodeJS.Timeout | null;
  #finished = false;

  constructor(data: OutputWorkerData, socket: Socket | null, tell: (message: OutputMessage) => void) {
    this.#data = data;
    this.#tell = tell;
    this.#socket = socket;
    this.#soundRing = new SoundRing(data.soundRing);
    this.#control = new ControlBlock(data.control);
    this.#counters = new CounterBoard(data.counters);
    this.#encoderName = this.#chooseEncoder();
    this.#aac = data.sound ? new AudioEncoder('aac') : null;
    const opus = data.sound ? new AudioEncoder('opus') : null;
    this.#opus = opus && {
      encoder: opus,
      rtp: socket ? new RtpMuxer(opus.context, RTP.audio, (packet) => this.#sendRtp(packet)) : null,
    };
    this.#recording = data.recording && new RecordingTap(data.recording);
    this.#enhanced = this.#open('enhanced', data.output);
    this.#watch = data.placeholders ? setInterval(() => this.#fillIn(), PLACEHOLDER_EVERY) : null;
  }

  get encoderName(): string {
    return this.#encoderName;
  }

  /** A picture waits. */
  pictures(): void {
    if (this.#finished) return;
    const more = this.#enhanced.encodeWaiting();
    this.#encodeExtras();
    this.#sendSound();
    this.#garbage.rest();
    if (!more) this.finish();
  }

  /** Sound has come. */
  sound(chunk: AudioMessage): void {
    if (this.#finished) return;
    this.#early.push(chunk);
    this.#sendSound();
  }

  /** A viewer's feedback has come. */
  feedback(packet: Buffer): void {
    for (const ssrc of keyFrameRequests(packet)) {
      if (ssrc === RTP.enhanced.ssrc) this.#enhanced.askKeyFrame();
      for (const [rendition, encoder] of this.#extras) if (ssrc === RTP[rendition].ssrc) encoder.askKeyFrame();
    }
  }

  /** Ends all files. */
  finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    if (this.#watch) clearInterval(this.#watch);
    this.#enhanced.close();
    for (const encoder of this.#extras.values()) encoder.close();
    this.#opus?.rtp?.close();
    this.#opus?.encoder.close();
    this.#aac?.close();
    this.#recording?.close();
    this.#tell({ kind: 'finished' });
  }

  /** Comparison and small pictures are encoded only while somebody wants them. */
  #encodeExtras(): void {
    for (const rendition of EXTRA_RENDITIONS) {
      let encoder = this.#extras.get(rendition);
      if (this.#control.wants(rendition)) {
        encoder ??= this.#open(rendition, this.#data.extras[rendition]);
        this.#extras.set(rendition, encoder);
        encoder.encodeWaiting();
      } else if (encoder) {
        encoder.encodeWaiting();
        encoder.close();
        this.#extras.delete(rendition);
      }
    }
  }

  #open(rendition: Rendition, ring: FrameRingHandle): RenditionEncoder {
    const data = this.#data;
    const format = { ...data.format, width: ring.width, height: ring.height };
    return new RenditionEncoder({
      memory: data.memory,
      ring,
      format,
      frameRate: data.frameRate,
      bitrate: bitrateOf(rendition, data.encoder, data.format, data.frameRate),
      encoder: data.encoder,
      encoderName: this.#encoderName,
      hlsFolder: path.join(data.hlsFolder, rendition),
      aac: this.#aac,
      rtp: this.#socket ? RTP[rendition] : null,
      sendRtp: (packet) => this.#sendRtp(packet),
      counters: this.#counters,
      histograms: new HistogramBoard(this.#data.histograms),
      trace: this.#data.trace && new TraceBoard(this.#data.trace),
      lastPicture: () => this.#lastPicture(rendition),
      note: (message) => this.#tell({ kind: 'note', message }),
      anchored: (anchor) => this.#tell({ kind: 'anchor', rendition, anchor }),
      recording: rendition === 'enhanced' ? this.#recording : null,
      counted: rendition === 'enhanced',
    });
  }

  /** What stands for a rendition's last picture before it has had one. */
  #lastPicture(rendition: Rendition): StoredPicture | null {
    const last = rendition === 'enhanced' ? this.#data.lastPicture : this.#enhanced.lastPicture();
    return last && storedRendition(last, rendition);
  }

  /** Shows the last picture, dimmed, while no other comes, with silence. */
  #fillIn(): void {
    if (this.#finished) return;
    try {
      const { lastArrival } = this.#enhanced;
      const silent = steadyMilliseconds() - (lastArrival ?? this.#startedAt);
      const longest = Math.max(LONGEST_SILENCE, (LONGEST_SILENCE_PICTURES * 1000) / this.#data.frameRate);
      if (silent < (this.#control.away ? GRACE : longest)) return;
      const since = lastArrival === null ? this.#data.lastPictureTaken : toWallClock(lastArrival);
      const text = offlineText(since === null ? null : new Date(since), new Date());
      this.#enhanced.encodePlaceholder(text);
      this.#encodeExtras();
      for (const encoder of this.#extras.values()) encoder.encodePlaceholder(text);
      this.#sendSilence(this.#enhanced.seconds);
    } catch (error) {
      this.#tell({ kind: 'failed', error: AfterglowError.from(error).toReport() });
    }
  }

  /** Fills up the sound to a moment of the time line. */
  #sendSilence(to: number): void {
    this.#soundEnd ??= Math.max(0, to - PLACEHOLDER_EVERY / 1000);
    const from = this.#soundEnd;
    const samples = Math.min(10, to - from) * AUDIO_CLOCK;
    if (samples < 1 || !this.#aac) return;
    this.#encodeSound({ seconds: to - samples / AUDIO_CLOCK, samples: new Float32Array(Math.round(samples) * AUDIO_CHANNELS) }); // prettier-ignore
  }

  /**
   * Sends sound up to where the picture is. Sound takes no time to make; sent at once it would run ahead of the picture,
   * and viewers take the moment of sending for the moment it belongs to.
   */
  #sendSound(): void {
    const { seconds } = this.#enhanced;
    for (let chunk = this.#early[0]; chunk; chunk = this.#early[0]) {
      const newest = this.#early[this.#early.length - 1] ?? chunk;
      if (chunk.seconds > seconds && newest.seconds - chunk.seconds < LONGEST_WAIT) return;
      this.#early.shift();
      if (chunk.kind === 'whole') this.#encodeSound(chunk);
      else {
        const { seconds: at, at: position, length } = chunk;
        this.#encodeSound({ seconds: at, samples: this.#soundRing.read(position, length) });
        this.#soundRing.release(position, length);
      }
    }
    if (this.#data.placeholders && this.#soundEnd !== null && seconds - this.#soundEnd > SOUND_STOPPED) {
      this.#sendSilence(seconds);
    }
  }

  #encodeSound(chunk: AudioChunk): void {
    this.#soundEnd = Math.max(this.#soundEnd ?? 0, chunk.seconds + chunk.samples.length / AUDIO_CHANNELS / AUDIO_CLOCK);
    this.#opus?.encoder.encode(chunk, (packet) => this.#opus?.rtp?.write(packet));
    this.#aac?.encode(chunk, (packet) => {
      this.#enhanced.writeAac(packet);
      for (const encoder of this.#extras.values()) encoder.writeAac(packet);
    });
  }

  #sendRtp(packet: Buffer): void {
    // A lost packet is the network's ordinary case; viewers ask for what they miss.
    if (this.#data.rtpPort !== null) this.#socket?.send(packet, this.#data.rtpPort, LOOPBACK, () => undefined);
  }

  #chooseEncoder(): H264Encoder {
    const { name } = this.#data.encoder;
    if (name === 'libx264' || encoderWorks(name)) return name;
    this.#tell({ kind: 'note', message: `the encoder ${name} does not work on this machine; libx264 serves instead` });
    return 'libx264';
  }
}

async function openSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, LOOPBACK);
  await once(socket, 'listening');
  // A key frame is a burst of packets.
  socket.setSendBufferSize(1 << 20);
  return socket;
}

async function main(data: OutputWorkerData, port: MessagePort): Promise<void> {
  const tell = (message: OutputMessage): void => port.postMessage(message);
  const guard = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      tell({ kind: 'failed', error: AfterglowError.from(error).toReport() });
    }
  };
  try {
    const socket = data.rtpPort === null ? null : await openSocket();
    const output = new Output(data, socket, tell);
    data.pictures.on('message', () => guard(() => output.pictures()));
    data.audio.on('message', (chunk: AudioMessage) => guard(() => output.sound(chunk)));
    socket?.on('message', (packet, peer) => {
      if (peer.port === data.rtpPort) guard(() => output.feedback(packet));
    });
    port.on('message', (_finish: OutputCommand) => {
      guard(() => output.finish());
      data.pictures.close();
      data.audio.close();
      socket?.close();
      port.close();
    });
    tell({ kind: 'ready', encoder: output.encoderName, rtpPort: socket?.address().port ?? null });
  } catch (error) {
    tell({ kind: 'failed', error: AfterglowError.from(error).toReport() });
  }
}

if (!isMainThread && parentPort) await main(workerData as OutputWorkerData, parentPort);
