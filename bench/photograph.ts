import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { loadRecipe } from '../src/config/recipe.js';
import { PictureEnhancer } from '../src/stills/picture-enhancer.js';
import { readPicture, writePicture } from '../src/stills/picture-file.js';
import { scaledDemo, decodeAll } from './bench-clip.js';
import { cpuMilliseconds, median } from './cpu-time.js';

const [WIDTH, HEIGHT] = [4928, 3264];
const RUNS = 5;

/** CPU milliseconds of each step of `afterglow process` on a 16-megapixel JPEG made from the demo street. */
export async function measurePhotograph(): Promise<ReadonlyMap<string, number>> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-bench-'));
  const input = path.join(folder, 'in.jpg');
  writeFileSync(input, await enlargedDemo());
  const times = new Map<string, number[]>();
  const note = (step: string, milliseconds: number): void => {
    times.set(step, [...(times.get(step) ?? []), milliseconds]);
  };
  const start = cpuMilliseconds();
  const enhancer = await PictureEnhancer.open({ recipe: loadRecipe('night-cctv'), strength: 1, threads: 1 });
  const loaded = cpuMilliseconds() - start;
  for (let run = 0; run < RUNS; run++) {
    enhancer.clock.total.fill(0);
    const [before, picture] = [cpuMilliseconds(), await readPicture(input)];
    const read = cpuMilliseconds();
    await enhancer.enhance(picture);
    const enhanced = cpuMilliseconds();
    await writePicture(picture, path.join(folder, 'out.jpg'), { quality: 92, overwrite: true, software: 'bench' });
    const written = cpuMilliseconds();
    note('decode', read - before);
    // The clock tells the shares; processor time is what is reported, as the machine is shared.
    const { stages, total } = enhancer.clock;
    const all = total.reduce((sum, time) => sum + time, 0);
    stages.forEach((stage, i) => {
      const share = (total[i] ?? 0) / all;
      if (share > 0) note(stage, share * (enhanced - read));
    });
    note('encode', written - enhanced);
    note('all of it', written - before);
  }
  await enhancer.close();
  rmSync(folder, { recursive: true });
  const medians = [...times].map(([step, values]) => [step, median(values)] as const);
  return new Map([...medians, ['once: loading the network', loaded]]);
}

/** A frame of the demo, enlarged, as JPEG. */
async function enlargedDemo(): Promise<Buffer> {
  const [width, height] = [1280, 720];
  const planes: Buffer[] = [];
  decodeAll(scaledDemo(width, height), (frame) => {
    if (planes.length === 0) planes.push(Buffer.from(frame.toBuffer().subarray(0, width * height)));
  });
  const [grey = Buffer.alloc(width * height)] = planes;
  return sharp(grey, { raw: { width, height, channels: 1 } })
    .resize(WIDTH, HEIGHT, { fit: 'fill' })
    .toColourspace('srgb')
    .jpeg({ quality: 92 })
    .toBuffer();
}
