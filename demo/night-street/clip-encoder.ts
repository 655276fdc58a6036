import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AV_CHANNEL_LAYOUT_STEREO,
  AVCHROMA_LOC_LEFT,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
  AV_LOG_ERROR,
  AV_CODEC_FLAG_CLOSED_GOP,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_CODEC_FLAG_PASS1,
  AV_CODEC_FLAG_PASS2,
  AV_PIX_FMT_YUV420P,
  AV_SAMPLE_FMT_FLTP,
  FF_ENCODER_AAC,
  FF_ENCODER_LIBX264,
  type AVCodecFlag,
} from 'node-av/constants';
import { Codec, CodecContext, Dictionary, FormatContext, Frame, Log, Packet, Rational } from 'node-av/lib';

/** The pictures and the sound of a clip. */
export interface Clip {
  readonly width: number;
  readonly height: number;
  /** Pictures a second. */
  readonly rate: number;
  /** 8-bit 4:2:0 pictures, planes one after another. */
  readonly pictures: readonly Buffer[];
  /** Left and right channel, -1..1, as long as the pictures take. */
  readonly sound: readonly [Float32Array, Float32Array];
  readonly soundRate: number;
}

/** Bits a second of the two streams: together with the container they stay below 3.0 MB for ten seconds. */
const VIDEO_BITS = 2_310_000;
const SOUND_BITS = 56_000;
/** Pictures from one key picture to the next. */
const KEY_INTERVAL = 125;

/** Encodes the clip into an MP4 file at `path`. `progress` hears the fraction done. */
export function encodeClip(clip: Clip, path: string, progress: (done: number) => void): void {
  Log.setLevel(AV_LOG_ERROR);
  const scratch = mkdtempSync(join(tmpdir(), 'night-street-'));
  try {
    const statistics = join(scratch, 'passes');
    encodePictures(
      clip,
      openVideo(clip, AV_CODEC_FLAG_PASS1, statistics),
      () => undefined,
      (done) => progress(done / 2),
    );
    writeFile(clip, path, statistics, (done) => progress(0.5 + done / 2));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function writeFile(clip: Clip, path: string, statistics: string, progress: (done: number) => void): void {
  const container = new FormatContext();
  check(container.allocOutputContext2(null, 'mp4', path), 'open the container');
  const video = openVideo(clip, AV_CODEC_FLAG_PASS2, statistics);
  const sound = openSound(clip);
  const [pictureTrack, soundTrack] = [video, sound].map((encoder) => {
    const track = container.newStream();
    check(track.codecpar.fromContext(encoder), 'describe a track');
    track.timeBase = encoder.timeBase;
    return track;
  });
  if (pictureTrack === undefined || soundTrack === undefined) throw new Error('No tracks');
  check(container.openOutputSync(), `create ${path}`);
  check(container.writeHeaderSync(Dictionary.fromObject({ movflags: '+faststart' })), 'write the header');
  const keep = (track: typeof pictureTrack, encoder: CodecContext) => (packet: Packet) => {
    packet.streamIndex = track.index;
    // The encoder gives pictures no length; without one the container would cut the last one off.
    if (packet.duration === 0n) packet.duration = 1n;
    packet.rescaleTs(encoder.timeBase, track.timeBase);
    check(container.interleavedWriteFrameSync(packet), 'write a packet');
  };
  encodeSound(clip, sound, keep(soundTrack, sound));
  encodePictures(clip, video, keep(pictureTrack, video), progress);
  check(container.writeTrailerSync(), 'finish the file');
  container.closeOutputSync();
  container.freeContext();
}

function openVideo(clip: Clip, pass: AVCodecFlag, statistics: string): CodecContext {
  const codec = Codec.findEncoderByName(FF_ENCODER_LIBX264);
  const encoder = new CodecContext();
  encoder.allocContext3(codec);
  Object.assign(encoder, {
    width: clip.width,
    height: clip.height,
    pixelFormat: AV_PIX_FMT_YUV420P,
    timeBase: new Rational(1, clip.rate),
    framerate: new Rational(clip.rate, 1),
    gopSize: KEY_INTERVAL,
    // Without B pictures the first picture is shown at time 0 as it is: players loop the file without a gap.
    maxBFrames: 0,
    bitRate: BigInt(VIDEO_BITS),
    threadCount: 1,
    colorRange: AVCOL_RANGE_MPEG,
    colorSpace: AVCOL_SPC_BT709,
    colorPrimaries: AVCOL_PRI_BT709,
    colorTrc: AVCOL_TRC_BT709,
    chromaLocation: AVCHROMA_LOC_LEFT,
  });
  encoder.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER, AV_CODEC_FLAG_CLOSED_GOP, pass);
  setOptions(encoder, {
    preset: 'veryslow',
    tune: 'grain',
    level: '4.0',
    refs: '5',
    stats: statistics,
    // The dark carries the noise that the clip is to show; it gets the bits.
    'aq-mode': '3',
    'aq-strength': '0.6',
  });
  check(encoder.open2Sync(codec, null), 'open the video encoder');
  return encoder;
}

function openSound(clip: Clip): CodecContext {
  const codec = Codec.findEncoderByName(FF_ENCODER_AAC);
  const encoder = new CodecContext();
  encoder.allocContext3(codec);
  Object.assign(encoder, {
    sampleRate: clip.soundRate,
    sampleFormat: AV_SAMPLE_FMT_FLTP,
    channelLayout: AV_CHANNEL_LAYOUT_STEREO,
    timeBase: new Rational(1, clip.soundRate),
    bitRate: BigInt(SOUND_BITS),
  });
  encoder.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  check(encoder.open2Sync(codec, null), 'open the sound encoder');
  return encoder;
}

function encodePictures(
  clip: Clip,
  encoder: CodecContext,
  keep: (packet: Packet) => void,
  progress: (done: number) => void,
): void {
  clip.pictures.forEach((picture, index) => {
    const frame = new Frame();
    frame.alloc();
    Object.assign(frame, {
      width: clip.width,
      height: clip.height,
      format: AV_PIX_FMT_YUV420P,
      colorRange: AVCOL_RANGE_MPEG,
      colorSpace: AVCOL_SPC_BT709,
      colorPrimaries: AVCOL_PRI_BT709,
      colorTrc: AVCOL_TRC_BT709,
      chromaLocation: AVCHROMA_LOC_LEFT,
      timeBase: encoder.timeBase,
    });
    check(frame.fromBuffer(picture), 'fill a picture');
    frame.pts = BigInt(index);
    frame.duration = 1n;
    check(encoder.sendFrameSync(frame), 'encode a picture');
    frame.free();
    drain(encoder, keep);
    progress((index + 1) / clip.pictures.length);
  });
  finish(encoder, keep);
}

function encodeSound(clip: Clip, encoder: CodecContext, keep: (packet: Packet) => void): void {
  const size = encoder.frameSize;
  const length = clip.sound[0].length;
  for (let start = 0; start < length; start += size) {
    const count = Math.min(size, length - start);
    const frame = new Frame();
    frame.alloc();
    Object.assign(frame, {
      nbSamples: count,
      format: AV_SAMPLE_FMT_FLTP,
      sampleRate: clip.soundRate,
      channelLayout: AV_CHANNEL_LAYOUT_STEREO,
      timeBase: encoder.timeBase,
    });
    check(frame.getBuffer(), 'make room for sound');
    clip.sound.forEach((channel, side) => {
      const samples = channel.subarray(start, start + count);
      frame.data?.[side]?.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
    });
    frame.pts = BigInt(start);
    check(encoder.sendFrameSync(frame), 'encode a stretch of sound');
    frame.free();
    drain(encoder, keep);
  }
  finish(encoder, keep);
}

function finish(encoder: CodecContext, keep: (packet: Packet) => void): void {
  check(encoder.sendFrameSync(null), 'finish a stream');
  drain(encoder, keep);
  encoder.freeContext();
}

/** Hands on all packets that are ready. */
function drain(encoder: CodecContext, keep: (packet: Packet) => void): void {
  const packet = new Packet();
  packet.alloc();
  while (encoder.receivePacketSync(packet) >= 0) {
    keep(packet);
    packet.unref();
  }
  packet.free();
}

function setOptions(encoder: CodecContext, options: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(options)) check(encoder.setOption(name, value), `set ${name}=${value}`);
}

function check(code: number, what: string): void {
  if (code < 0) throw new Error(`Cannot ${what} (error ${code})`);
}
