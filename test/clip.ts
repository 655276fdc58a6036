import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_CODEC_FLAG_INTERLACED_DCT,
  AV_FRAME_FLAG_INTERLACED,
  AV_FRAME_FLAG_TOP_FIELD_FIRST,
  AV_PIX_FMT_YUV420P,
  AV_PKT_DATA_DISPLAYMATRIX,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_RANGE_UNSPECIFIED,
  AVCOL_SPC_BT709,
  AVCOL_SPC_SMPTE170M,
  AVCOL_SPC_UNSPECIFIED,
  type FFEncoderCodec,
} from 'node-av/constants';
import { Codec, CodecContext, FormatContext, Frame, Packet, Rational } from 'node-av/lib';
import { afterAll } from 'vitest';
import { AudioEncoder } from '../src/media/audio-encoder.js';
import { silenceFfmpeg } from '../src/media/ffmpeg-log.js';

/** Folder of this run's clips; it is removed at the end. */
export const clipFolder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-clips-'));
afterAll(() => rmSync(clipFolder, { recursive: true, force: true }));
silenceFfmpeg();

/** A clip that a test makes for itself. */
export interface ClipOptions {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Pictures a second. */
  readonly rate?: number;
  /** Draws picture `index` as I420 without padding. */
  readonly draw: (picture: Uint8Array, index: number) => void;
  /** ffv1 is lossless and takes odd sizes; libx264 is what cameras send. */
  readonly codec?: 'ffv1' | 'libx264' | 'mpeg2video';
  readonly matrix?: 'bt601' | 'bt709';
  readonly range?: 'limited' | 'full';
  readonly pixelAspect?: readonly [number, number];
  /** Clockwise turn that a player must make. */
  readonly rotation?: 90 | 180 | 270;
  readonly interlaced?: boolean;
  /** A tone in both channels for the length of the clip. */
  readonly tone?: number;
  /** Timestamps of the pictures in milliseconds, for a variable rate. */
  readonly times?: readonly number[];
}

const CHECKED = (result: number, what: string): number => {
  if (result < 0) throw new Error(`${what} failed: ${result}`);
  return result;
};

/** Writes a clip into `clipFolder`; the ending of its name says the container. Returns its path. */
export function makeClip(name: string, options: ClipOptions): string {
  const { width, height, rate = 25 } = options;
  const file = path.join(clipFolder, name);
  const format = new FormatContext();
  CHECKED(format.allocOutputContext2(null, null, file), 'alloc');
  const video = openEncoder(options, rate);
  const stream = format.newStream(null);
  stream.codecpar.fromContext(video);
  stream.timeBase = video.timeBase;
  stream.avgFrameRate = new Rational(rate, 1);
  if (options.pixelAspect) stream.sampleAspectRatio = new Rational(...options.pixelAspect);
  if (options.rotation !== undefined) {
    CHECKED(stream.codecpar.addCodedSideData(AV_PKT_DATA_DISPLAYMATRIX, displayMatrix(options.rotation)), 'rotation');
  }
  const audio = options.tone === undefined ? null : new AudioEncoder('aac');
  if (audio) {
    const track = format.newStream(null);
    track.codecpar.fromContext(audio.context);
    track.timeBase = audio.context.timeBase;
  }
  CHECKED(format.openOutputSync(), 'open output');
  CHECKED(format.writeHeaderSync(null), 'header');

  const write = (packet: Packet, index: number, timeBase: Rational): void => {
    packet.streamIndex = index;
    packet.rescaleTs(timeBase, format.streams[index]?.timeBase ?? timeBase);
    CHECKED(format.interleavedWriteFrameSync(packet), 'write');
  };
  const picture = new Uint8Array(width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2));
  const packet = new Packet();
  packet.alloc();
  const drain = (): void => {
    while (video.receivePacketSync(packet) >= 0) {
      if (packet.duration === 0n) packet.duration = BigInt(Math.round(1000 / rate));
      write(packet, 0, video.timeBase);
    }
  };
  for (let i = 0; i < options.frames; i++) {
    options.draw(picture, i);
    const frame = new Frame();
    frame.alloc();
    Object.assign(frame, { width, height, format: AV_PIX_FMT_YUV420P });
    CHECKED(frame.fromBuffer(Buffer.from(picture.buffer)), 'fromBuffer');
    tag(frame, options);
    if (options.interlaced) frame.setFlags(AV_FRAME_FLAG_INTERLACED, AV_FRAME_FLAG_TOP_FIELD_FIRST);
    frame.pts = BigInt(Math.round(options.times?.[i] ?? (i * 1000) / rate));
    CHECKED(video.sendFrameSync(frame), 'encode');
    frame.free();
    drain();
  }
  video.sendFrameSync(null);
  drain();
  if (audio) {
    const chunk = 4800;
    for (let start = 0; start < (options.frames / rate) * 48_000; start += chunk) {
      const samples = Float32Array.from(
        { length: chunk * 2 },
        (_, i) => 0.3 * Math.sin((2 * Math.PI * (options.tone ?? 0) * (start + (i >> 1))) / 48_000),
      );
      audio.encode({ seconds: start / 48_000, samples }, (encoded) => write(encoded, 1, audio.context.timeBase));
    }
  }
  CHECKED(format.writeTrailerSync(), 'trailer');
  format.closeOutputSync();
  format.freeContext();
  return file;
}

function openEncoder(options: ClipOptions, rate: number): CodecContext {
  const { codec: name = 'ffv1', width, height } = options;
  const codec = Codec.findEncoderByName(name as FFEncoderCodec);
  const context = new CodecContext();
  context.allocContext3(codec);
  Object.assign(context, {
    width,
    height,
    pixelFormat: AV_PIX_FMT_YUV420P,
    timeBase: name === 'mpeg2video' ? new Rational(1, rate) : new Rational(1, 1000),
    framerate: new Rational(rate, 1),
    gopSize: rate,
    maxBFrames: 0,
    threadCount: 1,
  });
  if (options.pixelAspect) context.sampleAspectRatio = new Rational(...options.pixelAspect);
  tag(context, options);
  context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  if (options.interlaced) context.setFlags(AV_CODEC_FLAG_INTERLACED_DCT);
  if (name === 'libx264') {
    CHECKED(context.setOption('preset', 'veryfast'), 'preset');
    CHECKED(context.setOption('crf', '12'), 'crf');
  }
  if (name === 'mpeg2video') context.bitRate = 8_000_000n;
  CHECKED(context.open2Sync(codec, null), 'open encoder');
  return context;
}

function tag(target: Frame | CodecContext, options: ClipOptions): void {
  const { matrix, range } = options;
  target.colorSpace =
    matrix === 'bt709' ? AVCOL_SPC_BT709 : matrix === 'bt601' ? AVCOL_SPC_SMPTE170M : AVCOL_SPC_UNSPECIFIED;
  target.colorRange =
    range === 'full' ? AVCOL_RANGE_JPEG : range === 'limited' ? AVCOL_RANGE_MPEG : AVCOL_RANGE_UNSPECIFIED;
}

/** A display matrix that asks players to turn the picture clockwise. */
function displayMatrix(clockwise: number): Buffer {
  const angle = (clockwise * Math.PI) / 180;
  const [cosine, sine] = [Math.round(Math.cos(angle)) * 65536, Math.round(Math.sin(angle)) * 65536];
  const matrix = Buffer.alloc(36);
  [cosine, sine, 0, -sine, cosine, 0, 0, 0, 1 << 30].forEach((value, i) => matrix.writeInt32LE(value, i * 4));
  return matrix;
}
