import { AV_PKT_DATA_DISPLAYMATRIX, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { avGetCodecName, type CodecContext, CodecParameters, type IRational, Rational } from 'node-av/lib';
import { check } from './ffmpeg-error.js';

type Parameters = Pick<
  CodecParameters,
  | 'codecType'
  | 'codecId'
  | 'format'
  | 'bitRate'
  | 'bitsPerCodedSample'
  | 'bitsPerRawSample'
  | 'profile'
  | 'level'
  | 'width'
  | 'height'
  | 'colorRange'
  | 'colorPrimaries'
  | 'colorTrc'
  | 'colorSpace'
  | 'chromaLocation'
  | 'videoDelay'
  | 'channelLayout'
  | 'sampleRate'
  | 'frameSize'
  | 'initialPadding'
>;

/** Everything a muxer must know of a track, as plain data that crosses threads. */
export interface TrackDescription {
  readonly parameters: Parameters;
  readonly extradata: Uint8Array | null;
  readonly pixelAspect: IRational;
  /** How a player must turn the picture, as FFmpeg's display matrix. */
  readonly displayMatrix: Uint8Array | null;
  /** Seconds of a tick of the packets' times. */
  readonly timeBase: IRational;
}

/** Video that MP4 holds as it is. */
const MP4_VIDEO = ['h264', 'hevc', 'av1', 'vp9', 'mpeg4', 'mpeg2video', 'mpeg1video', 'mjpeg', 'vvc'];
/** Sound that MP4 holds as it is; of it, that which cannot be understood without its set-up. */
const MP4_AUDIO = ['aac', 'mp3', 'ac3', 'eac3', 'opus', 'alac'];
const NEEDS_SETUP = ['aac', 'opus', 'alac'];

/** A track of an input, as its container describes it. */
export function describeTrack(codecpar: CodecParameters, timeBase: IRational): TrackDescription {
  const { num, den } = codecpar.sampleAspectRatio;
  const { nbChannels, order, mask } = codecpar.channelLayout;
  return {
    parameters: {
      codecType: codecpar.codecType,
      codecId: codecpar.codecId,
      format: codecpar.format,
      bitRate: codecpar.bitRate,
      bitsPerCodedSample: codecpar.bitsPerCodedSample,
      bitsPerRawSample: codecpar.bitsPerRawSample,
      profile: codecpar.profile,
      level: codecpar.level,
      width: codecpar.width,
      height: codecpar.height,
      colorRange: codecpar.colorRange,
      colorPrimaries: codecpar.colorPrimaries,
      colorTrc: codecpar.colorTrc,
      colorSpace: codecpar.colorSpace,
      chromaLocation: codecpar.chromaLocation,
      videoDelay: codecpar.videoDelay,
      channelLayout: { nbChannels, order, mask },
      sampleRate: codecpar.sampleRate,
      frameSize: codecpar.frameSize,
      initialPadding: codecpar.initialPadding,
    },
    extradata: copyOf(codecpar.extradata),
    pixelAspect: { num, den },
    displayMatrix: copyOf(codecpar.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX)),
    timeBase: { num: timeBase.num, den: timeBase.den },
  };
}

/** The track that an encoder makes. */
export function describeEncoder(encoder: CodecContext): TrackDescription {
  const parameters = new CodecParameters();
  parameters.alloc();
  try {
    check(parameters.fromContext(encoder), 'describe a track');
    return describeTrack(parameters, encoder.timeBase);
  } finally {
    parameters.free();
  }
}

/** Gives a muxer's track what a description says. */
export function applyDescription(description: TrackDescription, codecpar: CodecParameters): void {
  const { parameters, extradata, pixelAspect, displayMatrix } = description;
  const { sampleRate, channelLayout, frameSize, initialPadding, width, height, ...rest } = parameters;
  const isVideo = parameters.codecType === AVMEDIA_TYPE_VIDEO;
  Object.assign(codecpar, rest, isVideo ? { width, height } : { sampleRate, channelLayout, frameSize, initialPadding });
  // Apple's programs play H.265 under this tag alone; others choose by the container.
  codecpar.codecTag = codecOf(description) === 'hevc' ? 'hvc1' : 0;
  if (isVideo) codecpar.sampleAspectRatio = new Rational(pixelAspect.num, pixelAspect.den);
  if (extradata) codecpar.extradata = Buffer.from(extradata);
  if (displayMatrix) {
    check(codecpar.addCodedSideData(AV_PKT_DATA_DISPLAYMATRIX, Buffer.from(displayMatrix)), 'describe a track');
  }
}

/** FFmpeg's name of a track's codec. */
export function codecOf({ parameters }: TrackDescription): string {
  return avGetCodecName(parameters.codecId) ?? 'unknown';
}

/** Whether MP4 holds a track's packets as they are. */
export function fitsMp4(track: TrackDescription): boolean {
  const codec = codecOf(track);
  if (track.parameters.codecType === AVMEDIA_TYPE_VIDEO) return MP4_VIDEO.includes(codec);
  return MP4_AUDIO.includes(codec) && (track.extradata !== null || !NEEDS_SETUP.includes(codec));
}

/** Whether two tracks can follow each other in one file. */
export function sameTrack(one: TrackDescription | null, other: TrackDescription | null): boolean {
  return textOf(one) === textOf(other);
}

function textOf(track: TrackDescription | null): string {
  if (!track) return '';
  // The bit rate of an input is an estimate, and differs from one opening to the next.
  const parameters = { ...track.parameters, bitRate: 0n };
  return JSON.stringify({ ...track, parameters }, (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}

function copyOf(data: Buffer | null): Uint8Array | null {
  return data && data.length > 0 ? new Uint8Array(data) : null;
}
