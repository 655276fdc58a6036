import { readdirSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';

/** Kinds of stamps in the data pack, with how often each falls on a picture and how large, as a share of the stamp. */
const KINDS = [
  { kind: 'dirt', share: 0.8, scale: [0.4, 1] },
  { kind: 'spots', share: 1, scale: [0.5, 1] },
  { kind: 'hair', share: 0.5, scale: [0.4, 0.9] },
  { kind: 'hair-short', share: 1, scale: [0.4, 1] },
  { kind: 'lint', share: 0.5, scale: [0.2, 0.6] },
  { kind: 'scratches', share: 0.3, scale: [0.3, 0.8] },
  { kind: 'smut', share: 0.4, scale: [0.2, 0.5] },
  { kind: 'sprinkles', share: 0.2, scale: [0.3, 0.6] },
  { kind: 'dots', share: 0.4, scale: [0.1, 0.4] },
  { kind: 'stain', share: 0.3, scale: [0.1, 0.4] },
] as const;
/** Side of a stamp. */
const STAMP = 400;
/** Alpha, of 255, from which a pixel counts as damaged. */
const DAMAGED_FROM = 24;

/** Random numbers 0..1 from a seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Reads some stamps of each kind: grey values that are alpha. */
export async function readStamps(folder: string): Promise<ReadonlyMap<string, readonly Uint8Array[]>> {
  const stamps = new Map<string, Uint8Array[]>();
  for (const { kind } of KINDS) {
    const home = path.join(folder, kind);
    const files = readdirSync(home).sort().slice(0, 8);
    const read = files.map((file) => sharp(path.join(home, file)).greyscale().raw().toBuffer());
    stamps.set(
      kind,
      (await Promise.all(read)).map((buffer) => new Uint8Array(buffer)),
    );
  }
  return stamps;
}

/** Damaged I420 pictures, and where each is damaged: [height, width], 1 by what is new on it and 2 by what stays. */
export interface DamagedFilm {
  readonly pictures: readonly Uint8Array[];
  readonly masks: readonly Uint8Array[];
}

/** Puts dust, hairs and stains on pictures, other ones on each, and two scratches that stand in the same place. */
export function damageFilm(
  clean: readonly Uint8Array[],
  width: number,
  height: number,
  stamps: ReadonlyMap<string, readonly Uint8Array[]>,
  seed: number,
): DamagedFilm {
  const next = random(seed);
  const scratches = [0, 1].map(() => ({ x: (0.1 + 0.8 * next()) * width, slope: (next() - 0.5) * 0.02 }));
  const masks: Uint8Array[] = [];
  const pictures = clean.map((picture) => {
    const damaged = picture.slice();
    const mask = new Uint8Array(width * height);
    const put = (x: number, y: number, alpha: number, level: number, mark: number): void => {
      if (x < 0 || y < 0 || x >= width || y >= height || alpha === 0) return;
      const i = y * width + x;
      damaged[i] = Math.round((damaged[i] ?? 0) + (alpha / 255) * (level - (damaged[i] ?? 0)));
      if (alpha >= DAMAGED_FROM) mask[i] = mark;
      if (x % 2 === 1 || y % 2 === 1) return;
      for (const plane of [0, 1]) {
        const at = width * height + plane * ((width * height) / 4) + (y >> 1) * (width >> 1) + (x >> 1);
        damaged[at] = Math.round((damaged[at] ?? 0) + (alpha / 255) * (128 - (damaged[at] ?? 0)));
      }
    };
    for (const { kind, share, scale } of KINDS) {
      if (next() >= share) continue;
      const of = stamps.get(kind) ?? [];
      const stamp = of[Math.floor(next() * of.length)];
      if (!stamp) continue;
      const size = Math.round(STAMP * (scale[0] + (scale[1] - scale[0]) * next()));
      const [left, top] = [Math.round(next() * width - size / 2), Math.round(next() * height - size / 2)];
      const level = next() < 0.5 ? 18 + 20 * next() : 215 + 20 * next();
      const strength = 0.75 + 0.25 * next();
      const isTurned = next() < 0.5;
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          const [sx, sy] = [Math.floor(((x + 0.5) * STAMP) / size), Math.floor(((y + 0.5) * STAMP) / size)];
          const alpha = stamp[isTurned ? sx * STAMP + sy : sy * STAMP + sx] ?? 0;
          put(left + x, top + y, Math.round(alpha * strength), level, 1);
        }
      }
    }
    for (const { x, slope } of scratches) {
      for (let y = 0; y < height; y++) {
        const centre = Math.round(x + slope * y);
        for (let dx = -1; dx <= 1; dx++) put(centre + dx, y, dx === 0 ? 230 : 110, 225, 2);
      }
    }
    masks.push(mask);
    return damaged;
  });
  return { pictures, masks };
}
