/**
 * Makes an old film of the demo's street by day, black and white, flickering, scratched and dusty, restores it, and lays
 * pictures of both beside each other: `node dist/demo/old-film.js [folder]` writes docs/pictures/restore-film.jpg, and
 * leaves the films in the folder if one is given.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { loadRecipe } from '../src/config/recipe.js';
import { packageVersion } from '../src/config/package-version.js';
import { processFilm } from '../src/film/job/film-run.js';
import { localWorkers } from '../src/film/job/worker-pool.js';
import { planesOf } from '../src/film/segment/picture-store.js';
import { SharedArena } from '../src/frames/shared-arena.js';
import { FilmEncoder, filmFrameOver } from '../src/media/film-encoder.js';
import { filmBytes, type FilmFormat } from '../src/media/film-format.js';
import { FilmPartWriter } from '../src/media/film-part.js';
import { FilmSource } from '../src/media/film-source.js';
import { silenceFfmpeg } from '../src/media/ffmpeg-log.js';
import { Random } from './night-street/random.js';

const STREET = 'demo/street-by-day.jpg';
const PICTURE = 'docs/pictures/restore-film.jpg';
const FORMAT: FilmFormat = {
  width: 800, height: 576, depth: 8, matrix: 'bt709', range: 'limited', pixelAspect: { num: 1, den: 1 },
}; // prettier-ignore
const COUNT = 72;
/** Pictures that are shown. */
const SHOWN = [18, 45] as const;

/** Damage of one picture: dust and hairs, light or dark; the scratch stays over all. */
function damage(number: number): Buffer {
  const random = new Random(100 + number);
  const pick = (from: number, to: number): number => from + (to - from) * random.next();
  const spots = Array.from({ length: 14 }, () => {
    const [x, y, r] = [pick(0, FORMAT.width), pick(0, FORMAT.height), pick(1, 5)];
    const shade = random.next() < 0.5 ? '#f4f4f4' : '#101010';
    return `<ellipse cx="${x}" cy="${y}" rx="${r}" ry="${r * pick(0.5, 1.6)}" fill="${shade}"/>`;
  });
  const bend = (): string => `${pick(-40, 40)} ${pick(-40, 40)}`;
  const hair = `<path d="M${pick(0, FORMAT.width)} ${pick(0, FORMAT.height)} q${bend()} ${bend()} t${bend()}"
    stroke="#151515" stroke-width="2" fill="none"/>`;
  const x = 560 + 3 * Math.sin(number / 9);
  const scratch = `<path d="M${x} 0 V${FORMAT.height}" stroke="#e8e8e8" stroke-width="1.6" stroke-opacity="0.8"/>`;
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${FORMAT.width}" height="${FORMAT.height}">` +
      `${spots.join('')}${number % 3 === 0 ? hair : ''}${scratch}</svg>`,
  );
}

/** Luma of one picture: the camera pans over the street, the light flickers, the film has grain. */
async function luma(number: number): Promise<Uint8Array> {
  const left = Math.round((number * (1280 - FORMAT.width)) / COUNT);
  const { width, height } = FORMAT;
  const clean = await sharp(STREET).extract({ left, top: 100, width, height }).greyscale().toColourspace('srgb').png().toBuffer(); // prettier-ignore
  const { data, info } = await sharp(clean)
    .composite([{ input: damage(number) }])
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const random = new Random(7000 + number);
  const light = 0.92 + 0.14 * random.next();
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const grain = 10 * (random.next() + random.next() - 1);
    const level = (data[i * info.channels] ?? 0) * light + grain;
    return Math.min(235, Math.max(16, Math.round(16 + (level * 219) / 255)));
  });
}

async function makeFilm(file: string): Promise<void> {
  const arena = SharedArena.create(filmBytes(FORMAT) + 4096);
  const address = arena.allocate(filmBytes(FORMAT));
  const bytes = arena.bytes(address, filmBytes(FORMAT));
  const encoder = new FilmEncoder({
    codec: 'h264', crf: 14, preset: 'medium', format: FORMAT, timeBase: { num: 1, den: 24 }, frameRate: 24,
  }); // prettier-ignore
  const writer = new FilmPartWriter(file, encoder.context);
  for (let number = 0; number < COUNT; number++) {
    bytes.set(await luma(number));
    bytes.fill(128, FORMAT.width * FORMAT.height);
    const frame = filmFrameOver(arena.memory, address, filmBytes(FORMAT), FORMAT);
    encoder.encode(frame, BigInt(number), (packet) => writer.write(packet));
    frame.free();
  }
  encoder.finish((packet) => writer.write(packet));
  await writer.finish();
  encoder.close();
}

/** The shown pictures of a film as PNG. */
async function shown(file: string): Promise<Buffer[]> {
  const source = FilmSource.open(file, 'none', 'unknown');
  const { width, height } = FORMAT;
  const found: Promise<Buffer>[] = [];
  let number = 0;
  for (let frame = source.next(); frame; frame = source.next(), number++) {
    if (!SHOWN.some((wanted) => wanted === number)) continue;
    const planes = new Uint8Array(filmBytes(FORMAT));
    planesOf(frame, planes, 1);
    const rgb = new Uint8Array(width * height * 3);
    for (let i = 0; i < width * height; i++) {
      const chroma = width * height + (Math.floor(i / width) >> 1) * (width / 2) + ((i % width) >> 1);
      const y = (((planes[i] ?? 16) - 16) * 255) / 219;
      const u = (((planes[chroma] ?? 128) - 128) * 255) / 224;
      const v = (((planes[chroma + (width * height) / 4] ?? 128) - 128) * 255) / 224;
      const held = (value: number): number => Math.min(255, Math.max(0, Math.round(value)));
      rgb[i * 3] = held(y + 1.5748 * v);
      rgb[i * 3 + 1] = held(y - 0.1873 * u - 0.4681 * v);
      rgb[i * 3 + 2] = held(y + 1.8556 * u);
    }
    found.push(
      sharp(rgb, { raw: { width, height, channels: 3 } })
        .resize({ width: 640 })
        .png()
        .toBuffer(),
    );
  }
  source.close();
  return Promise.all(found);
}

silenceFfmpeg();
const given = process.argv[2];
const folder = given ?? mkdtempSync(path.join(os.tmpdir(), 'afterglow-old-film-'));
mkdirSync(folder, { recursive: true });
const [before, after] = [path.join(folder, 'old-film.nut'), path.join(folder, 'restored.mp4')];
await makeFilm(before);
await processFilm(
  {
    input: before,
    output: after,
    settings: {
      recipe: loadRecipe('restore-film'), strength: 1, codec: 'h264', crf: 14, preset: 'medium', compare: false,
      stretch: null, references: [], mask: null, version: packageVersion,
    },
    overwrite: true,
    restart: true,
    workers: localWorkers(os.availableParallelism()),
    software: 'Afterglow',
  },
  () => undefined,
  new AbortController().signal,
); // prettier-ignore
const pairs = [await shown(before), await shown(after)];
const height = Math.round((640 * FORMAT.height) / FORMAT.width);
await sharp({ create: { width: 1280, height: height * SHOWN.length, channels: 3, background: 'black' } })
  .composite(pairs.flatMap((column, x) => column.map((input, y) => ({ input, left: x * 640, top: y * height }))))
  .jpeg({ quality: 86 })
  .toFile(PICTURE);
console.log(PICTURE);
if (given === undefined) rmSync(folder, { recursive: true });
