import type { Packet } from 'node-av/lib';
import { cpuMilliseconds } from '../src/frames/cpu-clock.js';
import { VideoEncoder } from '../src/media/video-encoder.js';
import { SEGMENT_SECONDS } from '../src/media/hls-muxer.js';
import { LIVE_CLOCK } from '../src/frames/timeline.js';
import { decodeAll, RATE, type BenchSize } from './bench-clip.js';
import { ENCODER, streamBitrate } from './ffmpeg-transcode.js';
import { mostMemory } from './own-memory.js';
import type { Transcode } from './transcode.js';

/** Decodes a clip and encodes it again by node-av, on one thread, and does nothing else. */
export function plainTranscode(file: string, { width, height }: Pick<BenchSize, 'width' | 'height'>): Transcode {
  const encoder = new VideoEncoder({
    encoder: 'libx264',
    format: { width, height, matrix: 'bt709', range: 'limited' },
    frameRate: RATE,
    bitrate: streamBitrate({ width, height }),
    preset: ENCODER.preset,
  });
  const ignore = (_packet: Packet): void => undefined;
  const [start, cpu] = [performance.now(), cpuMilliseconds()];
  let frames = 0;
  decodeAll(file, (frame) => {
    const pts = BigInt(Math.round((frames * LIVE_CLOCK) / RATE));
    encoder.encode(frame, pts, frames % (RATE * SEGMENT_SECONDS) === 0, ignore);
    frames++;
  });
  encoder.finish(ignore);
  const [seconds, used] = [(performance.now() - start) / 1000, cpuMilliseconds() - cpu];
  encoder.close();
  return {
    frames,
    framesPerSecond: frames / seconds,
    cpuPerFrame: used / frames,
    memoryMiB: mostMemory(),
  };
}
