/**
 * Makes the before-and-after pictures of docs/models.md from the demo's street by day, each network by its pipeline:
 * `node dist/demo/model-pictures.js [network ...]`, in the project's folder after building.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { loadRecipe } from '../src/config/recipe.js';
import { PictureEnhancer } from '../src/stills/picture-enhancer.js';
import { readPicture, writePicture } from '../src/stills/picture-file.js';
import { Random } from './night-street/random.js';

const STREET = 'demo/street-by-day.jpg';
const PICTURES = 'docs/pictures';
/** Width of one half of a picture. */
const HALF = 640;

/** A picture as floats in 0..1 of linear light, [height, width, 3]. */
interface Light {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

type Spoil = (street: Light) => Promise<{ readonly before: Sharp; readonly mask?: Sharp }>;

/** Each network's picture: the pipeline, and how the street is spoilt for it. */
const SHOWN: Readonly<Record<string, { readonly pipeline: string; readonly spoil: Spoil }>> = {
  'liednet-live': {
    pipeline: 'night-cctv',
    spoil: (street) => Promise.resolve({ before: exposed(street, 0.02, 0.004) }),
  },
  'nerco-live': {
    pipeline: 'night-nerco',
    spoil: (street) => Promise.resolve({ before: exposed(street, 0.02, 0.004) }),
  },
  'msec-live': { pipeline: 'exposure', spoil: (street) => Promise.resolve({ before: exposed(street, 2.8, 0) }) },
  'msec-live-dark': { pipeline: 'exposure', spoil: (street) => Promise.resolve({ before: exposed(street, 0.15, 0) }) },
  'colorize-live': {
    pipeline: 'colorize-film',
    spoil: (street) => Promise.resolve({ before: exposed(street, 1, 0).greyscale().toColourspace('srgb') }),
  },
  'mat-live': { pipeline: 'restore-film', spoil: scratched },
};

/** The street under another exposure: linear light times a gain, with noise, clipped and gamma-encoded. */
function exposed({ width, height, values }: Light, gain: number, noise: number): Sharp {
  const random = new Random(9);
  const pixels = Buffer.alloc(values.length);
  values.forEach((value, i) => {
    // Three draws make a bell.
    const grain = noise * (random.next() + random.next() + random.next() - 1.5);
    const light = Math.min(1, Math.max(0, value * gain + grain * gain * 8));
    const encoded = light <= 0.0031308 ? 12.92 * light : 1.055 * Math.pow(light, 1 / 2.4) - 0.055;
    pixels[i] = Math.round(255 * encoded);
  });
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** The street in black and white with scratches, hairs and dust, and the mask of them. */
async function scratched(street: Light): ReturnType<Spoil> {
  const { width, height } = street;
  const random = new Random(4);
  const strokes: string[] = [];
  const pick = (from: number, to: number): number => from + (to - from) * random.next();
  for (let i = 0; i < 7; i++) {
    const x = pick(0, width);
    strokes.push(
      `<path d="M${x} 0 q${pick(-9, 9)} ${height / 2} ${pick(-6, 6)} ${height}" stroke-width="${pick(1, 3)}"/>`,
    );
  }
  for (let i = 0; i < 9; i++) {
    const bend = (): string => `${pick(-70, 70)} ${pick(-70, 70)}`;
    strokes.push(
      `<path d="M${pick(0, width)} ${pick(0, height)} q${bend()} ${bend()} t${bend()}" stroke-width="${pick(1.5, 4)}"/>`,
    );
  }
  for (let i = 0; i < 60; i++) {
    strokes.push(`<circle cx="${pick(0, width)}" cy="${pick(0, height)}" r="${pick(0.5, 4.5)}" fill="white"/>`);
  }
  const drawn = (grow: number): Buffer =>
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><g fill="none" stroke="white">` +
        strokes
          .join('')
          .replace(/(stroke-width|r)="([\d.]+)"/g, (_, name, size) => `${name}="${Number(size) + grow}"`) +
        '</g></svg>',
    );
  const grey = await exposed(street, 1, 0).greyscale().toColourspace('srgb').png().toBuffer();
  const before = await sharp(grey)
    .composite([{ input: drawn(0) }])
    .png()
    .toBuffer();
  const black = sharp({ create: { width, height, channels: 3, background: 'black' } });
  return { before: sharp(before), mask: black.composite([{ input: drawn(3) }]) };
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-pictures-'));
try {
  const { data, info } = await sharp(STREET).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const values = Float32Array.from(data, (byte) => {
    const value = byte / 255;
    return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
  });
  const street = { width: info.width, height: info.height, values };
  const wanted = process.argv.slice(2);
  for (const [name, { pipeline, spoil }] of Object.entries(SHOWN)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const [input, output, maskFile] = ['before.png', 'after.png', 'mask.png'].map((file) => path.join(folder, file));
    if (input === undefined || output === undefined || maskFile === undefined) continue;
    const { before, mask } = await spoil(street);
    await before.png().toFile(input);
    await mask?.png().toFile(maskFile);
    const enhancer = await PictureEnhancer.open({
      recipe: loadRecipe(pipeline),
      strength: 1,
      threads: 1,
      ...(mask ? { maskFile } : {}),
    });
    const picture = await readPicture(input);
    await enhancer.enhance(picture);
    await enhancer.close();
    await writePicture(picture, output, { quality: 92, overwrite: true, software: 'Afterglow' });
    const halves = await Promise.all([input, output].map((file) => sharp(file).resize({ width: HALF }).toBuffer()));
    const height = Math.round((HALF * info.height) / info.width);
    const target = path.join(PICTURES, `${name}.jpg`);
    await sharp({ create: { width: 2 * HALF, height, channels: 3, background: 'black' } })
      .composite(halves.map((half, i) => ({ input: half, left: i * HALF, top: 0 })))
      .jpeg({ quality: 86 })
      .toFile(target);
    console.log(target);
  }
} finally {
  rmSync(folder, { recursive: true });
}
