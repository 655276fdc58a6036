import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { packageRoot } from '../src/config/package-root.js';

/** Research material that may not be part of the repository; AFTERGLOW_DATA names another place for it. */
export const DATA = process.env['AFTERGLOW_DATA'] ?? path.join(packageRoot, '..', 'shared', 'data');

/** Sets of pictures whose truth is known, and that no network was trained on. */
export type PairSet = 'lol' | 'exposure';

/** A picture and what it should be, as files. */
export interface ValidationPair {
  readonly name: string;
  readonly input: string;
  readonly truth: string;
}

/** RGB of 8 bits, interleaved. */
export interface RgbPicture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** The pairs of a set, or null where it is not on this machine. */
export function validationPairs(set: PairSet): readonly ValidationPair[] | null {
  const folder = path.join(DATA, set);
  if (!existsSync(path.join(folder, 'val.txt'))) return null;
  const names = readFileSync(path.join(folder, 'val.txt'), 'utf8').split(/\s+/).filter(Boolean);
  if (set === 'lol') {
    return names.map((name) => ({
      name,
      input: path.join(folder, 'full', 'low', `${name}.webp`),
      truth: path.join(folder, 'full', 'high', `${name}.jpg`),
    }));
  }
  const scenes = JSON.parse(readFileSync(path.join(folder, 'scenes.json'), 'utf8')) as {
    readonly id: string;
    readonly exposures: readonly string[];
    readonly gt: string;
  }[];
  return names.flatMap((name) => {
    const scene = scenes.find(({ id }) => id === name);
    return (scene?.exposures ?? []).map((exposure) => ({
      name: exposure,
      input: path.join(folder, exposure),
      truth: path.join(folder, scene?.gt ?? ''),
    }));
  });
}

/** Reads a picture's pixels. */
export async function readRgb(file: string): Promise<RgbPicture> {
  const { data, info } = await sharp(file)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, pixels: new Uint8Array(data) };
}
