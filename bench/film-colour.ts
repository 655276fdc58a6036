// node dist/bench/film-colour.js: how much the colours of a film waver from picture to picture, each picture coloured by
// itself and with the window in time, on clips made grey. Needs ../shared/data or $AFTERGLOW_DATA.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../src/config/package-root.js';
import { loadRecipe, type Recipe } from '../src/config/recipe.js';
import { frameAt } from '../src/enhance/frame-view.js';
import { SegmentProcessor } from '../src/film/segment/segment-processor.js';
import { planesOf, type PictureStore } from '../src/film/segment/picture-store.js';
import { colourCoefficients } from '../src/frames/picture-format.js';
import { SharedArena } from '../src/frames/shared-arena.js';
import { loadKernels } from '../src/kernels/kernel-module.js';
import { silenceFfmpeg } from '../src/media/ffmpeg-log.js';
import { FilmSource } from '../src/media/film-source.js';
import type { FilmFormat } from '../src/media/film-format.js';
import { BlockMotion } from '../src/repair/block-motion.js';
import { LumaPyramid } from '../src/repair/luma-pyramid.js';
import { printTable } from './cpu-time.js';

const CLIPS = ['davis_car-roundabout', 'davis_scooter-black', 'davis_libby', 'davis_blackswan'] as const;
/** Distances in pictures over which colour distribution consistency is taken. */
const DISTANCES = [1, 2, 4] as const;

interface Film {
  readonly format: FilmFormat;
  readonly frameRate: number;
  /** I420 pictures. */
  readonly pictures: readonly Uint8Array[];
}

function readFilm(file: string): Film {
  const source = FilmSource.open(file, 'none', 'unknown');
  const { format, frameRate } = source;
  const pictures: Uint8Array[] = [];
  for (let frame = source.next(); frame; frame = source.next()) {
    const picture = new Uint8Array((format.width * format.height * 3) / 2);
    planesOf(frame, picture, 1);
    pictures.push(picture);
  }
  source.close();
  return { format, frameRate, pictures };
}

/** The film's luma, without its colours, through a recipe. */
async function coloured(film: Film, recipe: Recipe): Promise<Uint8Array[]> {
  const { format, frameRate, pictures } = film;
  const lumaBytes = format.width * format.height;
  const store: PictureStore = {
    begin: () => undefined,
    read: (number, into) => {
      into.set(pictures[number]?.subarray(0, lumaBytes) ?? []);
      into.fill(128, lumaBytes);
    },
  };
  const processor = await SegmentProcessor.open({ recipe, strength: 1, format, frameRate, mask: null });
  const made: Uint8Array[] = [];
  const all = { index: 0, shot: 0, first: 0, end: pictures.length, shotFirst: 0, shotEnd: pictures.length };
  await processor.run(all, store, null, {
    write: (_, address) => made.push(new Uint8Array(processor.memory.buffer, address, (lumaBytes * 3) / 2).slice()),
  });
  await processor.close();
  return made;
}

/** Motion of each picture's blocks of 8x8 from the one before, in half pixels. */
function motionOf({ format, pictures }: Film): Int16Array[] {
  const arena = SharedArena.create(
    2 * LumaPyramid.bytes(format) + BlockMotion.bytes(format) + format.width * format.height + 65536,
  );
  const kernels = loadKernels(arena.memory);
  const [now, before] = [new LumaPyramid(kernels, arena, format), new LumaPyramid(kernels, arena, format)];
  const motion = new BlockMotion(kernels, arena, format);
  const luma = arena.allocate(format.width * format.height);
  const fill = (pyramid: LumaPyramid, picture: Uint8Array): void => {
    arena.bytes(luma, format.width * format.height).set(picture.subarray(0, format.width * format.height));
    pyramid.fill(frameAt(luma, format.width, format.height).y, format.width, 1, 0);
  };
  return pictures.slice(1).map((picture, i) => {
    fill(now, picture);
    fill(before, pictures[i] ?? picture);
    motion.find(now, before);
    motion.finish(now, before);
    return motion.vectors.slice();
  });
}

/** a and b of CIE Lab (D65) from luma 0..1 and chroma -0.5..0.5. */
function labChroma(y: number, u: number, v: number): [a: number, b: number] {
  const c = colourCoefficients('bt709', 'limited');
  const linear = (value: number): number => {
    const held = Math.min(1, Math.max(0, value));
    return held <= 0.04045 ? held / 12.92 : ((held + 0.055) / 1.055) ** 2.4;
  };
  const [r, g, b] = [y + c.redFromV * v, y + c.greenFromU * u + c.greenFromV * v, y + c.blueFromU * u].map(linear) as [
    number,
    number,
    number,
  ];
  const f = (t: number): number => (t > 216 / 24389 ? Math.cbrt(t) : (841 / 108) * t + 4 / 29);
  const fx = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const fy = f(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const fz = f((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [500 * (fx - fy), 200 * (fy - fz)];
}

/** Mean absolute change of a and b from picture to picture along the motion, with the same lightness for both. */
function flicker({ format }: Film, made: readonly Uint8Array[], motion: readonly Int16Array[]): number {
  const [width, height] = [format.width / 2, format.height / 2];
  const columns = Math.ceil(format.width / 32) * 4;
  const chroma = format.width * format.height;
  let [sum, count] = [0, 0];
  motion.forEach((vectors, i) => {
    const [before, now] = [made[i], made[i + 1]];
    if (!before || !now) return;
    // Every second pixel of the chroma planes each way is enough.
    for (let y = 1; y < height; y += 2) {
      for (let x = 1; x < width; x += 2) {
        const block = (y >> 2) * columns + (x >> 2);
        const px = x + Math.round((vectors[2 * block] ?? 0) / 4);
        const py = y + Math.round((vectors[2 * block + 1] ?? 0) / 4);
        if (px < 0 || py < 0 || px >= width || py >= height) continue;
        const light = ((now[2 * y * format.width + 2 * x] ?? 16) - 16) / 219;
        const at = (picture: Uint8Array, cx: number, cy: number): [number, number] => {
          const p = chroma + cy * width + cx;
          return labChroma(light, ((picture[p] ?? 0) - 128) / 224, ((picture[p + width * height] ?? 0) - 128) / 224);
        };
        const [a, b] = [at(now, x, y), at(before, px, py)];
        sum += (Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1])) / 2;
        count++;
      }
    }
  });
  return sum / count;
}

/**
 * Colour distribution consistency: Jensen-Shannon divergence of the histograms of pictures 1, 2 and 4 apart, mean over
 * both chroma planes (Liu et al. 2021, "Temporally Consistent Video Colorization", who take R, G and B: luma is not ours).
 */
function distributionConsistency({ format }: Film, made: readonly Uint8Array[]): number {
  const luma = format.width * format.height;
  const plane = luma / 4;
  const histograms = made.map((picture) =>
    [luma, luma + plane].map((from) => {
      const bins = new Float64Array(256);
      for (const level of picture.subarray(from, from + plane)) bins[level] = (bins[level] ?? 0) + 1 / plane;
      return bins;
    }),
  );
  let [sum, count] = [0, 0];
  for (const distance of DISTANCES) {
    for (let i = 0; i + distance < histograms.length; i++) {
      histograms[i]?.forEach((p, k) => {
        const q = histograms[i + distance]?.[k];
        if (!q) return;
        for (let bin = 0; bin < 256; bin++) {
          const [a, b] = [p[bin] ?? 0, q[bin] ?? 0];
          const m = (a + b) / 2;
          if (a > 0) sum += (a * Math.log(a / m)) / 2;
          if (b > 0) sum += (b * Math.log(b / m)) / 2;
        }
        count++;
      });
    }
  }
  return sum / count;
}

/** Each picture by itself: the network on every one, and no memory. */
function perPicture(recipe: Recipe): Recipe {
  const stages = recipe.stages.map((stage) =>
    stage.stage === 'network' ? { ...stage, rate: 120, smoothing: 0, follow: 0 } : stage,
  );
  return { ...recipe, stages };
}

silenceFfmpeg();
const data = process.env['AFTERGLOW_DATA'] ?? path.join(packageRoot, '..', 'shared', 'data');
if (!existsSync(path.join(data, 'video'))) {
  console.log(`not run: there are no clips in ${path.join(data, 'video')}`);
} else {
  const recipe = loadRecipe('colorize-film');
  const rows: string[][] = [];
  const totals = [0, 0];
  for (const clip of CLIPS) {
    const film = readFilm(path.join(data, 'video', `${clip}.mp4`));
    const motion = motionOf(film);
    const results = [await coloured(film, perPicture(recipe)), await coloured(film, recipe)].map((made) => ({
      change: flicker(film, made, motion),
      consistency: distributionConsistency(film, made),
    }));
    const [alone, windowed] = results;
    if (!alone || !windowed) continue;
    totals[0] = (totals[0] ?? 0) + alone.change;
    totals[1] = (totals[1] ?? 0) + windowed.change;
    const original = flicker(film, film.pictures, motion);
    rows.push([
      clip, alone.change.toFixed(3), windowed.change.toFixed(3), (windowed.change / alone.change).toFixed(2),
      original.toFixed(3), alone.consistency.toFixed(5), windowed.consistency.toFixed(5),
    ]); // prettier-ignore
  }
  printTable(['clip', 'alone', 'window', 'ratio', 'original', 'CDC alone', 'CDC window'], rows);
  console.log(`\nmean ratio ${((totals[1] ?? 0) / (totals[0] ?? 1)).toFixed(3)}`);
}
