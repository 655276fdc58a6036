import { mkdirSync } from 'node:fs';
import { AfterglowError } from '../errors/afterglow-error.js';
import type { Frame, Packet } from 'node-av/lib';
import type { EncoderConfig } from '../config/stream-schema.js';
import type { H264Encoder } from '../config/encoder-names.js';
import { FrameRing, type FrameRingHandle } from '../frames/frame-ring.js';
import type { PictureFormat } from '../frames/picture-format.js';
import { LIVE_CLOCK } from '../frames/timeline.js';
import type { TraceBoard } from '../frames/trace-board.js';
import type { AudioEncoder } from '../media/audio-encoder.js';
import { steadyMilliseconds } from '../frames/steady-clock.js';
import { HlsMuxer, SEGMENT_SECONDS } from '../media/hls-muxer.js';
import type { StoredPicture } from '../media/last-picture.js';
import { ownPicture } from '../media/own-picture.js';
import { PlaceholderPicture } from '../media/placeholder-picture.js';
import { RtpMuxer, type RtpStream } from '../media/rtp-muxer.js';
import { describeEncoder } from '../media/recording-track.js';
import { frameOver, VideoEncoder } from '../media/video-encoder.js';
import type { CounterBoard } from './counter-board.js';
import type { HistogramBoard } from './histogram-board.js';
import type { RecordingTap } from './recording/recording-tap.js';
import type { RtpAnchor } from './stream-messages.js';

/** Key frames that viewers ask for come at least this far apart, in ticks: each costs as much as many other frames. */
const KEY_FRAME_SPACING = BigInt(LIVE_CLOCK / 5);
/** Ticks between two reports of where RTP time stands. */
const ANCHOR_SPACING = BigInt(LIVE_CLOCK / 2);

/** After a failure to write HLS it is tried again so much later, in milliseconds. */
const HLS_RETRY = 5000;

/** A picture that has waited for its encoder to be opened this long, in milliseconds, is of another time. */
const STALE = 1000;

/** How far behind our clock placeholders stay, in milliseconds: the next picture has been on its way for some time. */
const PLACEHOLDER_LAG = 100;

/** How one rendition of a stream is encoded and where it goes. */
export interface RenditionOptions {
  readonly memory: WebAssembly.Memory;
  readonly ring: FrameRingHandle;
  readonly format: PictureFormat;
  readonly frameRate: number;
  /** Bits a second. */
  readonly bitrate: number;
  readonly encoder: EncoderConfig;
  /** The encoder that was found to work. */
  readonly encoderName: H264Encoder;
  readonly hlsFolder: string;
  readonly aac: AudioEncoder | null;
  readonly rtp: RtpStream | null;
  readonly sendRtp: (packet: Buffer) => void;
  readonly counters: CounterBoard;
  readonly histograms: HistogramBoard;
  /** Where the time of each picture is traced, or null. */
  readonly trace: TraceBoard | null;
  /** What is shown, dimmed, until the ring brings a picture. */
  readonly lastPicture: () => StoredPicture | null;
  readonly anchored: (anchor: RtpAnchor) => void;
  /** Says something for the log. */
  readonly note: (message: string) => void;
  /** Takes copies of the packets, or null. */
  readonly recording: RecordingTap | null;
  /** Whether this rendition's figures are the stream's. */
  readonly counted: boolean;
}

/** Encodes one ring's pictures once and gives the packets to HLS, RTP and the recording. */
export class RenditionEncoder {
  readonly #options: RenditionOptions;
  readonly #ring: FrameRing;
  readonly #frames: readonly Frame[];
  readonly #encoder: VideoEncoder;
  #hls: HlsMuxer | null;
  #hlsRetryAt = 0;
  readonly #openedAt = steadyMilliseconds();
  readonly #rtp: RtpMuxer | null;
  #nextKeyFrame = 0n;
  #lastKeyFrame = -KEY_FRAME_SPACING;
  #keyFrameAsked = false;
  #nextAnchor = 0n;
  #rtpTimestamp: number | null = null;
  #lastPts = -1n;
  /** The last picture from the ring: its slot, its time and when it came in, by the steady clock. */
  #last: { readonly slot: number; readonly pts: bigint; readonly arrival: number } | null = null;
  /** Drawn while there is no picture; null while there is. */
  #placeholder: PlaceholderPicture | null = null;
  #placeholderStart = 0;
  #stored: Frame | null = null;

  constructor(options: RenditionOptions) {
    this.#options = options;
    const { memory, ring, format, frameRate } = options;
    this.#ring = FrameRing.join(memory, ring);
    this.#frames = Array.from({ length: ring.slots }, (_, slot) => frameOver(memory, this.#ring.address(slot), format));
    this.#encoder = new VideoEncoder({
      encoder: options.encoderName,
      format,
      frameRate,
      bitrate: options.bitrate,
      preset: options.encoder.preset,
    });
    const sound = options.aac && describeEncoder(options.aac.context);
    options.recording?.describe(describeEncoder(this.#encoder.context), sound);
    mkdirSync(options.hlsFolder, { recursive: true });
    this.#hls = this.#openHls();
    this.#rtp = options.rtp
      ? new RtpMuxer(this.#encoder.context, options.rtp, (packet) => {
          this.#rtpTimestamp = packet.readUInt32BE(4);
          options.sendRtp(packet);
        })
      : null;
  }

  /** Seconds of the time line up to which pictures have been sent. */
  get seconds(): number {
    return Number(this.#lastPts) / LIVE_CLOCK;
  }

  /** Makes the next picture a key frame, unless the last one was a moment ago. */
  askKeyFrame(): void {
    this.#keyFrameAsked = true;
  }

  /** Encodes all pictures that wait. Returns false once no more can come. */
  encodeWaiting(): boolean {
    const { counters, histograms, counted } = this.#options;
    for (let slot = this.#ring.acquireRead(0); slot; slot = this.#ring.acquireRead(0)) {
      const frame = this.#frames[slot.index];
      if (!frame) continue;
      if (!counted && slot.arrival < this.#openedAt - STALE) {
        // Left over from when this rendition was last wanted.
        this.#ring.release(slot.index);
        continue;
      }
      // Those who wait behind a placeholder get the whole picture at once.
      if (this.#placeholder) this.#keyFrameAsked = true;
      this.#endPlaceholder();
      const start = steadyMilliseconds();
      const traceStart = performance.now();
      const keyFrame = this.#encode(frame, slot.pts);
      const now = steadyMilliseconds();
      this.#ring.release(slot.index);
      this.#last = { slot: slot.index, pts: slot.pts, arrival: slot.arrival };
      if (counted) {
        counters.add('encoded');
        counters.add('encodeMs', now - start);
        counters.add('ageMs', now - slot.arrival);
        histograms.observe('encode', now - start);
        histograms.observe('age', now - slot.arrival);
        if (keyFrame) counters.add('keyFrames');
        this.#options.trace?.add('encode', Number(slot.pts) / LIVE_CLOCK, traceStart);
      }
      if (slot.pts >= this.#nextAnchor && this.#rtpTimestamp !== null) {
        this.#nextAnchor = slot.pts + ANCHOR_SPACING;
        this.#options.anchored({ rtpTimestamp: this.#rtpTimestamp, arrival: slot.arrival });
      }
    }
    return !this.#ring.closed;
  }

  /** Steady clock at which the last picture of the ring came in; null before the first. */
  get lastArrival(): number | null {
    return this.#last?.arrival ?? null;
  }

  /** Encodes the last picture, dimmed, with a line of text: what viewers see while no picture comes. */
  encodePlaceholder(text: string): void {
    const { format, counters, counted } = this.#options;
    const now = steadyMilliseconds();
    if (!this.#placeholder) {
      this.#placeholder = new PlaceholderPicture(format);
      this.#placeholderStart = now;
    }
    const last = this.#last ? (this.#frames[this.#last.slot] ?? null) : this.#storedFrame();
    const frame = this.#placeholder.draw(last, text);
    // The time line goes on at the pace of our clock, a little behind where the next picture will begin.
    const from = this.#last ?? { pts: 0n, arrival: this.#placeholderStart };
    const passed = Math.max(0, now - from.arrival - PLACEHOLDER_LAG);
    this.#encode(frame, from.pts + BigInt(Math.round((passed * LIVE_CLOCK) / 1000)));
    if (counted) counters.add('placeholders');
  }

  /** A copy of the last picture that was encoded, or of what stands for it; null where there is none. */
  lastPicture(): StoredPicture | null {
    if (!this.#last) return this.#options.lastPicture();
    const { format, memory } = this.#options;
    const { bytes } = this.#ring.layout;
    return {
      format,
      bytes: Uint8Array.from(new Uint8Array(memory.buffer, this.#ring.address(this.#last.slot), bytes)),
    };
  }

  #storedFrame(): Frame | null {
    if (!this.#stored) {
      const picture = this.#options.lastPicture();
      this.#stored = picture && frameOf(picture);
    }
    return this.#stored;
  }

  /** Writes sound that belongs to this rendition. */
  writeAac(packet: Packet): void {
    if (!this.#placeholder) this.#options.recording?.audio(packet);
    this.#writeHls((hls) => hls.writeAudio(packet), false);
  }

  close(): void {
    this.#encoder.finish((packet) => this.#send(packet));
    this.#hls?.close();
    this.#rtp?.close();
    for (const frame of this.#frames) frame.free();
    this.#placeholder?.close();
    this.#stored?.free();
    this.#encoder.close();
  }

  /** Encodes a picture at a time that is later than the last one's; returns whether it became a key frame. */
  #encode(frame: Frame, pts: bigint): boolean {
    const rising = pts > this.#lastPts ? pts : this.#lastPts + 1n;
    const keyFrame = this.#decideKeyFrame(rising);
    this.#encoder.encode(frame, rising, keyFrame, (packet) => this.#send(packet));
    this.#lastPts = rising;
    return keyFrame;
  }

  #endPlaceholder(): void {
    if (!this.#placeholder) return;
    this.#options.recording?.breakOff();
    this.#placeholder.close();
    this.#placeholder = null;
  }

  #openHls(): HlsMuxer {
    const { hlsFolder, aac } = this.#options;
    return new HlsMuxer(hlsFolder, this.#encoder.context, aac?.context ?? null);
  }

  /** A disk that is full ends HLS for a while, not the stream: WebRTC and the recording go on. */
  #writeHls(write: (hls: HlsMuxer) => void, canBegin: boolean): void {
    try {
      if (!this.#hls && canBegin && steadyMilliseconds() >= this.#hlsRetryAt) {
        this.#hls = this.#openHls();
        this.#options.note('HLS can be written again');
      }
      if (this.#hls) write(this.#hls);
    } catch (error) {
      this.#options.note(`HLS pauses, as its folder cannot be written: ${AfterglowError.from(error).message}`);
      this.#hlsRetryAt = steadyMilliseconds() + HLS_RETRY;
      const broken = this.#hls;
      this.#hls = null;
      try {
        broken?.close();
      } catch {
        // It cannot write its last lines either.
      }
    }
  }

  /** Key frames stand on a grid of whole segments; those that viewers ask for come between and move nothing. */
  #decideKeyFrame(pts: bigint): boolean {
    const step = BigInt(SEGMENT_SECONDS * LIVE_CLOCK);
    const due = pts >= this.#nextKeyFrame;
    if (due) this.#nextKeyFrame = (pts / step + 1n) * step;
    const asked = this.#keyFrameAsked && pts - this.#lastKeyFrame >= KEY_FRAME_SPACING;
    if (!due && !asked) return false;
    if (asked && !due && this.#options.counted) this.#options.counters.add('askedKeyFrames');
    this.#keyFrameAsked = false;
    this.#lastKeyFrame = pts;
    return true;
  }

  #send(packet: Packet): void {
    if (this.#options.counted) this.#options.counters.add('bytes', packet.size);
    const traceStart = performance.now();
    const seconds = Number(packet.pts) / LIVE_CLOCK;
    this.#rtp?.write(packet);
    this.#writeHls((hls) => hls.writeVideo(packet), packet.isKeyframe);
    // A recording has what was seen, and a gap where nothing was.
    if (!this.#placeholder) this.#options.recording?.video(packet);
    if (this.#options.counted) this.#options.trace?.add('send', seconds, traceStart);
  }
}

/** A frame over a stored picture. */
function frameOf(picture: StoredPicture): Frame {
  const { frame, bytes } = ownPicture(picture.format);
  bytes.set(picture.bytes);
  return frame;
}
