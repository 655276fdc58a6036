import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ffmpeg } from '../film-clips.js';
import { randomBytes, type Random } from './random-source.js';

/** Containers and raw streams of which corrupt ones are made. */
const KINDS = ['mp4', 'mkv', 'ts', 'h264', 'hevc', 'avi', 'flv'] as const;

/** Makes one small, sound clip of each kind. */
export function soundClips(folder: string): readonly string[] {
  const source = ['-f', 'lavfi', '-i', 'testsrc2=s=160x120:r=10:d=1', '-f', 'lavfi', '-i', 'sine=440:d=1'];
  return KINDS.map((kind) => {
    const file = path.join(folder, `sound.${kind}`);
    const raw = kind === 'h264' || kind === 'hevc';
    const codec = kind === 'hevc' ? ['-c:v', 'libx265', '-x265-params', 'log-level=none'] : ['-c:v', 'libx264'];
    ffmpeg(...source, '-map', '0:v', ...(raw ? [] : ['-map', '1:a', '-c:a', 'aac']), ...codec, file);
    return file;
  });
}

/** Writes a corrupt file: bits turned over, an end missing, an absurd header, a part twice, or another's head. */
export function corruptFile(clips: readonly string[], target: string, random: Random): void {
  const pick = (): Buffer => readFileSync(clips[Math.floor(random() * clips.length)] ?? '');
  let data = pick();
  const at = (): number => Math.floor(random() * data.length);
  const way = random();
  if (way < 0.4) {
    const share = 10 ** (-1 - 3 * random());
    for (let count = Math.max(1, Math.floor(data.length * share)); count > 0; count--) {
      const place = at();
      data[place] = (data[place] ?? 0) ^ (1 << Math.floor(random() * 8));
    }
  } else if (way < 0.6) {
    data = data.subarray(0, at());
  } else if (way < 0.8) {
    // Sizes and counts stand at the front, and are of four bytes mostly.
    for (let count = 0; count < 8; count++) {
      const place = Math.floor(random() * Math.min(2000, data.length - 4));
      data.writeUInt32BE(random() < 0.5 ? 0xffffffff : Math.floor(random() * 2 ** 32), place);
    }
  } else if (way < 0.9) {
    const [from, to] = [at(), at()];
    data = Buffer.concat([data.subarray(0, from), randomBytes(random, 500), data.subarray(Math.min(from, to))]);
  } else {
    data = Buffer.concat([pick().subarray(0, 300), data.subarray(300)]);
  }
  writeFileSync(target, data);
}
