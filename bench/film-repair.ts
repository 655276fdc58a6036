// node dist/bench/film-repair.js: how well damage that is put on clean films is repaired, beside FFmpeg's filters for it,
// and how much of a clean film is taken for damage. The films and the damage are data that is not part of the product:
// $AFTERGLOW_DATA, or ../shared/data.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { cpuMilliseconds } from '../src/frames/cpu-clock.js';
import { packageRoot } from '../src/config/package-root.js';
import { recipeSchema, type RepairStage } from '../src/config/recipe.js';
import { frameAt } from '../src/enhance/frame-view.js';
import { planeLayout, type PictureFormat } from '../src/frames/picture-format.js';
import { SharedArena } from '../src/frames/shared-arena.js';
import { NetworkSession } from '../src/inference/network-session.js';
import { loadKernels } from '../src/kernels/kernel-module.js';
import { silenceFfmpeg } from '../src/media/ffmpeg-log.js';
import { FilmRepairer } from '../src/repair/film-repairer.js';
import { CROP } from '../src/enhance/recipe-networks.js';
import { printTable } from './cpu-time.js';
import { damageFilm, readStamps, type DamagedFilm } from './film-damage.js';
import { filterPictures, readPictures } from './film-filters.js';

const CLIPS = ['davis_car-roundabout', 'davis_libby', 'davis_blackswan'];
const PICTURES = 20;
const MODEL = 'mat-live';
const SEED = 7;
/** FFmpeg's filters for the purpose; the second as strong as it goes. */
const FILTERS = [
  'atadenoise',
  'atadenoise=0a=0.3:0b=5:1a=0.3:1b=5:2a=0.3:2b=5:s=5',
  'removegrain=17:17:17',
  'tmedian=radius=1',
  'tmedian=radius=2',
  'deflicker',
];

/** What was measured of one way of repair: PSNR inside all damage, inside what is new on each picture, and inside scratches. */
type Figures = readonly [all: number, fresh: number, standing: number];

interface Repaired {
  readonly pictures: Uint8Array[];
  /** CPU milliseconds a picture. */
  readonly cpu: number;
}

async function repairAll(
  pictures: readonly Uint8Array[],
  format: PictureFormat,
  stage: RepairStage,
  session: NetworkSession | null,
): Promise<Repaired> {
  const { width, height } = format;
  const { bytes } = planeLayout(width, height);
  const arena = SharedArena.create(FilmRepairer.bytes(format) + 4 * (bytes + 64));
  const [before, now, after, into] = [0, 1, 2, 3].map(() => frameAt(arena.allocate(bytes), width, height));
  if (!before || !now || !after || !into) throw new Error('there are four pictures');
  const repairer = new FilmRepairer(loadKernels(arena.memory), arena, format, stage, session, format);
  const repaired: Uint8Array[] = [];
  let cpu = 0;
  for (const [i, picture] of pictures.entries()) {
    const [previous, next] = [pictures[i - 1], pictures[i + 1]];
    arena.bytes(now.y, bytes).set(picture);
    if (previous) arena.bytes(before.y, bytes).set(previous);
    if (next) arena.bytes(after.y, bytes).set(next);
    const start = cpuMilliseconds();
    await repairer.repair(previous ? before : null, now, next ? after : null, into);
    cpu += cpuMilliseconds() - start;
    repaired.push(arena.bytes(into.y, bytes).slice());
  }
  return { pictures: repaired, cpu: cpu / pictures.length };
}

/** Over pictures that have both neighbours: filters over time give nothing for the others. */
function figures(pictures: readonly Uint8Array[], clean: readonly Uint8Array[], { masks }: DamagedFilm): Figures {
  const psnr = (isCounted: (mark: number) => boolean): number => {
    let [sum, count] = [0, 0];
    for (let n = 1; n < pictures.length - 1; n++) {
      masks[n]?.forEach((mark, i) => {
        if (!isCounted(mark)) return;
        sum += ((pictures[n]?.[i] ?? 0) - (clean[n]?.[i] ?? 0)) ** 2;
        count++;
      });
    }
    return 10 * Math.log10((255 * 255 * count) / sum);
  };
  return [psnr((mark) => mark > 0), psnr((mark) => mark === 1), psnr((mark) => mark === 2)];
}

/** Share of luma that differs between films. */
function shareChanged(pictures: readonly Uint8Array[], clean: readonly Uint8Array[], pixels: number): number {
  let count = 0;
  pictures.forEach((picture, n) => {
    for (let i = 0; i < pixels; i++) if (picture[i] !== clean[n]?.[i]) count++;
  });
  return count / (pixels * pictures.length);
}

silenceFfmpeg();
const data = process.env['AFTERGLOW_DATA'] ?? path.join(packageRoot, '..', 'shared', 'data');
if (!existsSync(path.join(data, 'damage')) || !existsSync(path.join(data, 'video'))) {
  console.log(`No films and damage to measure with in ${data}; set $AFTERGLOW_DATA.`);
  process.exit(0);
}
const recipe = recipeSchema.parse({ description: 'bench', stages: [{ stage: 'repair', model: MODEL }] });
const stage = recipe.stages[0] as RepairStage;
const session = await NetworkSession.open(MODEL, { width: CROP, height: CROP });
const stamps = await readStamps(path.join(data, 'damage'));
for (const clip of CLIPS) {
  const { pictures: clean, format } = readPictures(path.join(data, 'video', `${clip}.mp4`), PICTURES);
  const film = damageFilm(clean, format.width, format.height, stamps, SEED);
  const rows: string[][] = [];
  const note = (name: string, pictures: readonly Uint8Array[], cpu: number | null): void => {
    const values = figures(pictures, clean, film).map((value) => value.toFixed(2));
    rows.push([name, ...values, cpu === null ? '' : cpu.toFixed(0)]);
  };
  note('damaged', film.pictures, null);
  const ours = await repairAll(film.pictures, format, stage, session);
  note(`repair, ${MODEL}`, ours.pictures, ours.cpu);
  const plain = await repairAll(film.pictures, format, stage, null);
  note('repair, no network', plain.pictures, plain.cpu);
  for (const chain of FILTERS) {
    const start = cpuMilliseconds();
    const filtered = filterPictures(film.pictures, format, chain);
    note(chain, filtered, (cpuMilliseconds() - start) / PICTURES);
  }
  console.log(`\n${clip}, ${PICTURES} pictures of ${format.width}x${format.height}: dB inside damage\n`);
  printTable(['', 'all', 'new on each picture', 'standing scratches', 'CPU ms a picture'], rows);
  const untouched = await repairAll(clean, format, stage, session);
  const wrong = shareChanged(untouched.pictures, clean, format.width * format.height);
  console.log(`\nOf the clean film ${(100 * wrong).toFixed(4)} % is taken for damage.`);
}
await session.close();
process.exit(0);
