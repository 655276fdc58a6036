import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { FormatContext, Packet, SoftwareScaleContext, type Frame } from 'node-av/lib';
import { AV_PIX_FMT_YUV420P, SWS_BILINEAR } from 'node-av/constants';
import { packageRoot } from '../src/config/package-root.js';
import { planeLayout, type PictureFormat } from '../src/frames/picture-format.js';
import { SharedArena } from '../src/frames/shared-arena.js';
import { Demuxer } from '../src/media/demuxer.js';
import { VideoDecoder } from '../src/media/video-decoder.js';
import { frameOver, VideoEncoder } from '../src/media/video-encoder.js';

/** The demo camera's clip, which every measurement is made on. */
export const DEMO = path.join(packageRoot, 'demo', 'night-street.mp4');

/** Folder of everything that a run writes; it is removed at the end. */
export const benchFolder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-bench-'));
process.on('exit', () => rmSync(benchFolder, { recursive: true, force: true }));

/** Calls back with each decoded picture of a clip. */
export function decodeAll(file: string, take: (frame: Frame) => void): void {
  const demuxer = Demuxer.open({ kind: 'file', path: file });
  const decoder = new VideoDecoder(demuxer.video);
  const packet = new Packet();
  packet.alloc();
  for (let ended = false; !ended;) {
    const read = demuxer.read(packet);
    ended = read === 'end';
    if (ended) decoder.send(null);
    else if (read === 'video') decoder.send(packet);
    packet.unref();
    for (let frame = decoder.receive(); frame; frame = decoder.receive()) take(frame);
  }
  packet.free();
  decoder.close();
  demuxer.close();
}

/** Pictures a second of the clips that are made for measuring. */
export const RATE = 30;

/** The demo clip, `passes` times over, at another size and at 30 pictures a second, as a camera's H.264. Returns its path. */
export function scaledDemo(width: number, height: number, passes = 1): string {
  const file = path.join(benchFolder, `street-${height}p-${passes}.mp4`);
  const format: PictureFormat = { width, height, matrix: 'bt709', range: 'limited' };
  const arena = SharedArena.create(planeLayout(width, height).bytes + 4096);
  const target = frameOver(arena.memory, arena.allocate(planeLayout(width, height).bytes), format);
  const encoder = new VideoEncoder({
    encoder: 'libx264',
    format,
    frameRate: RATE,
    bitrate: 6_000_000,
    preset: 'veryfast',
  });
  const output = new FormatContext();
  output.allocOutputContext2(null, 'mp4', file);
  const stream = output.newStream(null);
  stream.codecpar.fromContext(encoder.context);
  stream.timeBase = encoder.context.timeBase;
  output.openOutputSync();
  output.writeHeaderSync(null);
  const write = (packet: Packet): void => {
    packet.streamIndex = 0;
    packet.duration = BigInt(90_000 / RATE);
    packet.rescaleTs(encoder.context.timeBase, stream.timeBase);
    output.interleavedWriteFrameSync(packet);
  };
  const scaler = new SoftwareScaleContext();
  let count = 0;
  const add = (frame: Frame): void => {
    if (count === 0)
      scaler.getContext(frame.width, frame.height, AV_PIX_FMT_YUV420P, width, height, AV_PIX_FMT_YUV420P, SWS_BILINEAR);
    scaler.scaleFrameSync(target, frame);
    encoder.encode(target, BigInt((count * 90_000) / RATE), count % 50 === 0, write);
    count++;
  };
  for (let pass = 0; pass < passes; pass++) decodeAll(DEMO, add);
  encoder.finish(write);
  output.writeTrailerSync();
  output.closeOutputSync();
  output.freeContext();
  return file;
}

/** Twice the demo: long enough that what goes before and after the first and last picture does not count. */
const PASSES = 2;
const made = new Map<string, string>();

/** The sizes that streams are measured at, each with its clip, which is made when it is first asked for. */
export const SIZES = [
  { name: '720p', width: 1280, height: 720 },
  { name: '1080p', width: 1920, height: 1080 },
].map((size) => ({
  ...size,
  file: (): string => {
    const file = made.get(size.name) ?? scaledDemo(size.width, size.height, PASSES);
    made.set(size.name, file);
    return file;
  },
}));

/** A size with its clip. */
export type BenchSize = (typeof SIZES)[number];
