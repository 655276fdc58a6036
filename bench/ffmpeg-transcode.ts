import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { streamSchema } from '../src/config/stream-schema.js';
import { SEGMENT_SECONDS } from '../src/media/hls-muxer.js';
import { bitrateOf } from '../src/stream/rendition-bitrate.js';
import { RATE, type BenchSize } from './bench-clip.js';
import type { Transcode } from './transcode.js';

/** How streams are encoded unless they are told otherwise. */
export const ENCODER = streamSchema.parse({ id: 'bench', input: 'clip.mp4' }).encoder;
/** FFmpeg's command line tool. */
const TOOL = 'ffmpeg';
/** Pictures between two key frames that nobody asks for: none in these clips. */
const GOP = 10 * RATE;

/** Why FFmpeg's command line tool cannot be measured here, or null where it can. */
export function whyNoFfmpeg(): string | null {
  try {
    const encoders = execFileSync(TOOL, ['-hide_banner', '-encoders'], { encoding: 'utf8', stdio: 'pipe' });
    return encoders.includes('libx264') ? null : 'the ffmpeg on the PATH has no libx264';
  } catch {
    return 'there is no ffmpeg on the PATH';
  }
}

/** Bits a second that a stream of this size is encoded with. */
export function streamBitrate(size: { readonly width: number; readonly height: number }): number {
  return bitrateOf('enhanced', ENCODER, size, RATE);
}

/** Options of FFmpeg's command line tool that encode as a stream does. threads: 0 leaves their number to x264. */
export function encoderArguments(size: BenchSize, threads: number): string[] {
  const bits = streamBitrate(size);
  return [
    ...['-c:v', 'libx264', '-preset', ENCODER.preset, '-tune', 'zerolatency', '-profile:v', 'baseline'],
    ...['-b:v', String(bits), '-maxrate', String(bits), '-bufsize', String(Math.round(bits / 2))],
    ...['-g', String(GOP), '-force_key_frames', `expr:gte(t,n_forced*${SEGMENT_SECONDS})`, '-forced-idr', '1'],
    ...['-x264opts', 'no-scenecut', '-pix_fmt', 'yuv420p', '-threads:v', String(threads)],
  ];
}

/** Transcodes a clip by FFmpeg's command line tool, through filters if any are given; what comes out is thrown away. */
export async function ffmpegTranscode(size: BenchSize, threads: number, filters?: string): Promise<Transcode> {
  const { stdout, stderr } = await promisify(execFile)(
    TOOL,
    [
      ...['-hide_banner', '-nostdin', '-benchmark', '-nostats', '-progress', 'pipe:1', '-i', size.file(), '-an'],
      ...(filters === undefined ? [] : ['-vf', filters]),
      ...encoderArguments(size, threads),
      ...['-f', 'null', '-'],
    ],
    { maxBuffer: 1 << 26 },
  );
  const number = (text: string, pattern: RegExp): number => Number([...text.matchAll(pattern)].at(-1)?.[1]);
  const frames = number(stdout, /^frame=\s*(\d+)/gm);
  const seconds = number(stderr, /rtime=([\d.]+)s/g);
  const cpu = number(stderr, /utime=([\d.]+)s/g) + number(stderr, /stime=([\d.]+)s/g);
  const rate = { framesPerSecond: frames / seconds, cpuPerFrame: (1000 * cpu) / frames };
  if (Object.values(rate).every(Number.isFinite)) return { frames, ...rate, memoryMiB: null };
  throw new Error(`FFmpeg did not say what it had done: ${stderr.slice(-500)}`);
}
