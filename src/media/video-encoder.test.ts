import { describe, expect, it } from 'vitest';
import { planeLayout, type PictureFormat } from '../frames/picture-format.js';
import { SharedArena } from '../frames/shared-arena.js';
import { silenceFfmpeg } from './ffmpeg-log.js';
import { frameOver, VideoEncoder } from './video-encoder.js';

silenceFfmpeg();

const FORMAT: PictureFormat = { width: 320, height: 180, matrix: 'bt709', range: 'limited' };

interface Encoded {
  readonly picture: number;
  readonly pts: bigint;
  readonly key: boolean;
  readonly units: readonly number[];
}

/** Types of the NAL units in a packet with start codes. */
function unitTypes(data: Buffer): number[] {
  const types: number[] = [];
  for (let i = 0; i + 3 < data.length; i++) {
    if (data[i] === 0 && data[i + 1] === 0 && data[i + 2] === 1) types.push((data[i + 3] ?? 0) & 31);
  }
  return types;
}

/** Encodes pictures of a moving gradient; says which packets came with which picture. */
function encode(pictures: number, keyFrames: readonly number[]): Encoded[] {
  const { bytes } = planeLayout(FORMAT.width, FORMAT.height);
  const arena = SharedArena.create(bytes + 4096);
  const address = arena.allocate(bytes + 64);
  const memory = arena.bytes(address, bytes);
  const picture = frameOver(arena.memory, address, FORMAT);
  const encoder = new VideoEncoder({
    encoder: 'libx264',
    format: FORMAT,
    frameRate: 30,
    bitrate: 1_000_000,
    preset: 'ultrafast',
  });
  const encoded: Encoded[] = [];
  for (let i = 0; i < pictures; i++) {
    for (let p = 0; p < bytes; p++) memory[p] = (p + 7 * i) & 127;
    encoder.encode(picture, BigInt(i * 3000), keyFrames.includes(i), (packet) => {
      encoded.push({
        picture: i,
        pts: packet.pts,
        key: packet.isKeyframe,
        units: unitTypes(packet.data ?? Buffer.alloc(0)),
      });
    });
    // The picture's memory is the next picture's at once.
    memory.fill(0);
  }
  let late = 0;
  encoder.finish(() => {
    late++;
  });
  expect(late).toBe(0);
  encoder.close();
  picture.free();
  return encoded;
}

describe('the H.264 encoder', () => {
  it('gives each picture out before the next one is there', () => {
    const encoded = encode(30, [0]);
    expect(encoded.map(({ picture }) => picture)).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(encoded.map(({ pts }) => pts)).toEqual(Array.from({ length: 30 }, (_, i) => BigInt(i * 3000)));
  });

  it('makes key frames where they are asked for and nowhere else, each an IDR with SPS and PPS', () => {
    const encoded = encode(40, [0, 13, 14, 33]);
    expect(encoded.filter(({ key }) => key).map(({ picture }) => picture)).toEqual([0, 13, 14, 33]);
    for (const { key, units } of encoded) {
      for (const type of [5, 7, 8]) expect(units.includes(type)).toBe(key);
    }
  });
});
