import { mkdirSync, rmSync } from 'node:fs';
import type { Frame, Packet } from 'node-av/lib';
import type { EncoderConfig } from '../config/stream-schema.js';
import type { H264Encoder } from '../config/encoder-names.js';
import { FrameRing, type FrameRingHandle } from '../frames/frame-ring.js';
import type { PictureFormat } from '../frames/picture-format.js';
import { LIVE_CLOCK } from '../frames/timeline.js';
import type { AudioEncoder } from '../media/audio-encoder.js';
import { HlsMuxer, SEGMENT_SECONDS } from '../media/hls-muxer.js';
import { RtpMuxer, type RtpStream } from '../media/rtp-muxer.js';
import { frameOver, VideoEncoder } from '../media/video-encoder.js';
import { describeEncoder } from '../media/recording-track.js';
import type { CounterBoard } from './counter-board.js';
import type { RecordingTap } from './recording/recording-tap.js';
import type { RtpAnchor } from './stream-messages.js';

/** Key frames that viewers ask for come at least this far apart, in ticks: each costs as much as many other frames. */
const KEY_FRAME_SPACING = BigInt(LIVE_CLOCK / 5);
/** Ticks between two reports of where RTP time stands. */
const ANCHOR_SPACING = BigInt(LIVE_CLOCK / 2);

/** Bits of a picture's pixel, for `bitrate: auto`: enough for the fine noise of an enhanced night picture. */
const BITS_PER_PIXEL = 0.13;

/** How one rendition of a stream is encoded and where it goes. */
export interface RenditionOptions {
  readonly memory: WebAssembly.Memory;
  readonly ring: FrameRingHandle;
  readonly format: PictureFormat;
  readonly frameRate: number;
  readonly encoder: EncoderConfig;
  /** The encoder that was found to work. */
  readonly encoderName: H264Encoder;
  readonly hlsFolder: string;
  readonly aac: AudioEncoder | null;
  readonly rtp: RtpStream | null;
  readonly sendRtp: (packet: Buffer) => void;
  readonly counters: CounterBoard;
  readonly anchored: (anchor: RtpAnchor) => void;
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
  readonly #hls: HlsMuxer;
  readonly #rtp: RtpMuxer | null;
  #nextKeyFrame = 0n;
  #lastKeyFrame = -KEY_FRAME_SPACING;
  #keyFrameAsked = false;
  #nextAnchor = 0n;
  #rtpTimestamp: number | null = null;
  #lastPts = -1n;

  constructor(options: RenditionOptions) {
    this.#options = options;
    const { memory, ring, format, frameRate } = options;
    this.#ring = FrameRing.join(memory, ring);
    this.#frames = Array.from({ length: ring.slots }, (_, slot) => frameOver(memory, this.#ring.address(slot), format));
    const auto = Math.round(format.width * format.height * Math.min(60, frameRate) * BITS_PER_PIXEL);
    const bitrate = options.encoder.bitrate === 'auto' ? Math.max(400_000, auto) : options.encoder.bitrate * 1000;
    this.#encoder = new VideoEncoder({
      encoder: options.encoderName,
      format,
      frameRate,
      bitrate,
      preset: options.encoder.preset,
    });
    const sound = options.aac && describeEncoder(options.aac.context);
    options.recording?.describe(describeEncoder(this.#encoder.context), sound);
    rmSync(options.hlsFolder, { recursive: true, force: true });
    mkdirSync(options.hlsFolder, { recursive: true });
    this.#hls = new HlsMuxer(options.hlsFolder, this.#encoder.context, options.aac?.context ?? null);
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
    const { counters, counted } = this.#options;
    for (let slot = this.#ring.acquireRead(0); slot; slot = this.#ring.acquireRead(0)) {
      const frame = this.#frames[slot.index];
      if (!frame) continue;
      const keyFrame = this.#decideKeyFrame(slot.pts);
      const start = performance.now();
      this.#encoder.encode(frame, slot.pts, keyFrame, (packet) => this.#send(packet));
      const now = performance.now();
      this.#ring.release(slot.index);
      this.#lastPts = slot.pts;
      if (counted) {
        counters.add('encoded');
        counters.add('encodeMs', now - start);
        counters.add('ageMs', performance.timeOrigin + now - slot.arrival);
        if (keyFrame) counters.add('keyFrames');
      }
      if (slot.pts >= this.#nextAnchor && this.#rtpTimestamp !== null) {
        this.#nextAnchor = slot.pts + ANCHOR_SPACING;
        this.#options.anchored({ rtpTimestamp: this.#rtpTimestamp, arrival: slot.arrival });
      }
    }
    return !this.#ring.closed;
  }

  /** Writes sound that belongs to this rendition. */
  writeAac(packet: Packet): void {
    this.#options.recording?.audio(packet);
    this.#hls.writeAudio(packet);
  }

  close(): void {
    this.#encoder.finish((packet) => this.#send(packet));
    this.#hls.close();
    this.#rtp?.close();
    for (const frame of this.#frames) frame.free();
    this.#encoder.close();
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
    this.#rtp?.write(packet);
    this.#hls.writeVideo(packet);
    this.#options.recording?.video(packet);
  }
}
