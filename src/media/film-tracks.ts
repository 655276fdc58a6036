import {
  AV_NOPTS_VALUE,
  AVMEDIA_TYPE_ATTACHMENT,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_SUBTITLE,
  AVMEDIA_TYPE_VIDEO,
} from 'node-av/constants';
import { avGetCodecName, type FormatContext, type Packet, type Stream } from 'node-av/lib';
import { MOV_TEXT_SETUP } from './caption-text.js';
import { captionCodec, CaptionTrack } from './caption-track.js';
import { check } from './ffmpeg-error.js';

/** A track of the original and what it becomes. */
export interface FilmTrack {
  readonly from: Stream;
  readonly to: Stream;
  /** Writes captions anew for another container; null where packets are copied. */
  readonly captions: CaptionTrack | null;
}

/** Sound that MP4 and MOV take. */
const MP4_SOUND = ['aac', 'mp3', 'ac3', 'eac3', 'alac', 'opus', 'flac', 'mp2', 'dts', 'truehd', 'vorbis'];
const MOV_SOUND = [
  ...MP4_SOUND,
  'pcm_s16le',
  'pcm_s16be',
  'pcm_s24le',
  'pcm_s24be',
  'pcm_s32le',
  'pcm_f32le',
  'pcm_u8',
];
/** Subtitles that Matroska takes as they are. */
const MATROSKA_SUBTITLES = [
  'subrip', 'text', 'ass', 'ssa', 'webvtt', 'hdmv_pgs_subtitle', 'hdmv_text_subtitle', 'dvd_subtitle', 'dvb_subtitle',
]; // prettier-ignore

/** Sound and subtitles of a film; fonts that belong to its subtitles where the container can hold such files. */
export function otherTracks(input: FormatContext, container: string): Stream[] {
  const film = input.findBestStream(AVMEDIA_TYPE_VIDEO);
  return input.streams.filter((stream) => {
    if (stream.index === film) return false;
    switch (stream.codecpar.codecType) {
      case AVMEDIA_TYPE_AUDIO:
      case AVMEDIA_TYPE_SUBTITLE:
        return true;
      case AVMEDIA_TYPE_ATTACHMENT:
        return container === 'matroska' && isNamed(stream);
      default:
        return false;
    }
  });
}

/** Whether a container, by FFmpeg's name, can hold a track, as it is or its captions written anew. */
export function fits(stream: Stream, container: string): boolean {
  const name = codecOf(stream);
  switch (stream.codecpar.codecType) {
    case AVMEDIA_TYPE_SUBTITLE:
      return captionCodec(name, container) !== null || (container === 'matroska' && MATROSKA_SUBTITLES.includes(name));
    case AVMEDIA_TYPE_AUDIO:
      return container === 'matroska' || (container === 'mov' ? MOV_SOUND : MP4_SOUND).includes(name);
    default:
      return true;
  }
}

/** A track in words. */
export function describeTrack(stream: Stream): string {
  const kind = stream.codecpar.codecType === AVMEDIA_TYPE_SUBTITLE ? 'subtitles' : 'sound';
  return `track ${stream.index} (${kind}, ${codecOf(stream)})`;
}

/** Gives the output a track for one of the original that fits. */
export function addTrack(output: FormatContext, stream: Stream, container: string): FilmTrack {
  const to = output.newStream(null);
  check(stream.codecpar.copy(to.codecpar), 'set up the film');
  to.codecpar.codecTag = 0;
  to.timeBase = stream.timeBase;
  to.disposition = stream.disposition;
  if (stream.metadata) to.metadata = stream.metadata;
  const name = codecOf(stream);
  const codec = stream.codecpar.codecType === AVMEDIA_TYPE_SUBTITLE ? captionCodec(name, container) : null;
  if (codec === null || codec.name === name) return { from: stream, to, captions: null };
  to.codecpar.codecId = codec.id;
  to.codecpar.extradata = codec.name === 'mov_text' ? MOV_TEXT_SETUP : null;
  return { from: stream, to, captions: new CaptionTrack(stream, to, name, codec.name) };
}

/** When a packet of a track is due, in seconds; null where it does not say. */
export function dueTime({ dts, pts }: Packet, { timeBase }: Stream): number | null {
  const time = dts === AV_NOPTS_VALUE ? pts : dts;
  return time === AV_NOPTS_VALUE ? null : (Number(time) * timeBase.num) / timeBase.den;
}

function codecOf({ codecpar }: Stream): string {
  return avGetCodecName(codecpar.codecId) ?? 'unknown';
}

/** FFmpeg's muxer fails for an attached file without a name or a type. */
function isNamed({ metadata }: Stream): boolean {
  const { filename, mimetype } = metadata?.getAll() ?? {};
  return filename !== undefined && mimetype !== undefined;
}
