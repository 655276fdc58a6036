import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeModelFolder } from '../../../test/fixture-models.js';
import { recipeSchema } from '../../config/recipe.js';
import type { FilmFormat } from '../../media/film-format.js';
import type { PictureStore } from './picture-store.js';
import { cutIntoSegments, type Shot } from './segment.js';
import { SegmentProcessor } from './segment-processor.js';

const WIDTH = 96;
const HEIGHT = 64;
const COUNT = 60;

let folder: string;
beforeAll(() => {
  folder = makeModelFolder({ tint: 'tint', fill: 'fill', sharpen: 'sharpen' });
  process.env['AFTERGLOW_MODELS'] = folder;
});
afterAll(() => {
  delete process.env['AFTERGLOW_MODELS'];
  rmSync(folder, { recursive: true });
});

const format = (depth: 8 | 10): FilmFormat => ({
  width: WIDTH,
  height: HEIGHT,
  depth,
  matrix: 'bt709',
  range: 'limited',
  pixelAspect: { num: 1, den: 1 },
});

/** A textured scene that moves, flickers, and has a spot of dust on every third picture. */
class Scene implements PictureStore {
  readonly #depth: 8 | 10;
  #next = 0;

  constructor(depth: 8 | 10) {
    this.#depth = depth;
  }

  begin(number: number): void {
    this.#next = number;
  }

  read(number: number, into: Uint8Array): void {
    expect(number).toBe(this.#next++);
    const samples = this.#depth === 8 ? into : new Uint16Array(into.buffer, into.byteOffset, into.length / 2);
    const scale = this.#depth === 8 ? 1 : 4;
    const light = 1 + 0.08 * Math.sin(number * 2.4);
    for (let i = 0; i < WIDTH * HEIGHT; i++) {
      const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
      const texture = 40 * Math.sin((x + number) * 0.3) * Math.cos(y * 0.25) + 12 * Math.sin((x + number) * y * 0.02);
      const isDust = number % 3 === 1 && Math.hypot(x - 20 - ((number * 13) % 50), y - 30) < 3;
      samples[i] = Math.round(scale * (isDust ? 230 : 110 * light + texture));
    }
    samples.fill(128 * scale, WIDTH * HEIGHT);
  }
}

type RecipeName = 'colour' | 'restore' | 'follow' | 'native';

function recipe(name: RecipeName) {
  const network = { stage: 'network', model: 'tint', keepLuma: true, grid: [6, 4, 4], smoothing: 0.3, rate: 8 };
  if (name === 'follow') return recipeSchema.parse({ description: 'test', stages: [{ ...network, follow: 0.8 }] });
  if (name === 'native') {
    const sharpen = { ...network, model: 'sharpen', keepLuma: false, native: true };
    return recipeSchema.parse({ description: 'test', stages: [sharpen] });
  }
  const repair = { stage: 'repair', model: 'fill' };
  const stages = name === 'colour' ? [network] : [repair, { stage: 'deflicker', window: 0.3 }, network];
  return recipeSchema.parse({ description: 'test', stages });
}

interface Result {
  /** Checksum of each picture. */
  readonly sums: readonly string[];
  /** Mean of luma of each picture, in levels of 8 bits. */
  readonly means: readonly number[];
  readonly pictures: readonly Uint8Array[];
}

async function run(name: RecipeName, shots: readonly Shot[], longest: number, depth: 8 | 10 = 8): Promise<Result> {
  const processor = await SegmentProcessor.open({
    recipe: recipe(name),
    strength: 1,
    format: format(depth),
    frameRate: 24,
    mask: null,
  });
  const pictures: Uint8Array[] = [];
  const bytes = ((WIDTH * HEIGHT * 3) / 2) * (depth === 8 ? 1 : 2);
  for (const segment of cutIntoSegments(shots, longest)) {
    const write = (number: number, address: number): void => {
      expect(number).toBe((shots[0]?.first ?? 0) + pictures.length);
      pictures.push(new Uint8Array(processor.memory.buffer, address, bytes).slice());
    };
    await processor.run(segment, new Scene(depth), null, { write });
  }
  await processor.close();
  return {
    pictures,
    sums: pictures.map((picture) => createHash('md5').update(picture).digest('hex')),
    means: pictures.map((picture) => picture.subarray(0, WIDTH * HEIGHT).reduce((a, b) => a + b, 0) / (WIDTH * HEIGHT)),
  };
}

const ONE_SHOT = [{ first: 0, end: COUNT }];
const TWO_SHOTS = [
  { first: 0, end: 25 },
  { first: 25, end: COUNT },
];

describe('segments', () => {
  it.each(['colour', 'restore', 'native'] as const)(
    'give the same pictures wherever they are cut: %s',
    async (name) => {
      const whole = await run(name, ONE_SHOT, 1000);
      expect(whole.sums).toHaveLength(COUNT);
      expect((await run(name, ONE_SHOT, 17)).sums).toEqual(whole.sums);
      expect((await run(name, ONE_SHOT, 7)).sums).toEqual(whole.sums);
      // A cut does change what is known of what is before and after.
      expect((await run(name, TWO_SHOTS, 1000)).sums).not.toEqual(whole.sums);
    },
  );

  it('give the same pictures to a level where colours follow motion', async () => {
    const [whole, parts] = [await run('follow', ONE_SHOT, 1000), await run('follow', ONE_SHOT, 20)];
    whole.pictures.forEach((picture, number) => {
      picture.forEach((level, i) => {
        if (Math.abs(level - (parts.pictures[number]?.[i] ?? -9)) > 1)
          throw new Error(`picture ${number} differs at ${i}`);
      });
    });
  });

  it('owe nothing to the segments that were made before, where colours follow motion', async () => {
    const [first, second] = [await run('follow', TWO_SHOTS, 1000), await run('follow', TWO_SHOTS.slice(1), 1000)];
    expect(first.sums.slice(25)).toEqual(second.sums);
  });

  it('keep the luma of colour alone, and flicker goes with deflicker', async () => {
    const [plain, restored] = [await run('colour', ONE_SHOT, 1000), await run('restore', ONE_SHOT, 1000)];
    const change = ({ means }: Result): number =>
      means.reduce((sum, mean, i) => sum + (i > 0 ? Math.abs(mean - (means[i - 1] ?? 0)) : 0), 0) / means.length;
    expect(change(plain)).toBeGreaterThan(5);
    expect(change(restored)).toBeLessThan(0.3 * change(plain));
    const scene = new Scene(8);
    const picture = new Uint8Array((WIDTH * HEIGHT * 3) / 2);
    for (let number = 0; number < COUNT; number++) {
      scene.read(number, picture);
      expect(plain.pictures[number]?.subarray(0, WIDTH * HEIGHT)).toEqual(picture.subarray(0, WIDTH * HEIGHT));
    }
  });

  it('take dust away', async () => {
    const { pictures } = await run('restore', ONE_SHOT, 1000);
    const spots = pictures.flatMap((picture, number) => {
      if (number % 3 !== 1) return [];
      const [x, y] = [20 + ((number * 13) % 50), 30];
      return [picture[y * WIDTH + x] ?? 255];
    });
    expect(spots.filter((level) => level > 200)).toEqual([]);
  });

  it('keep ten bits where nothing is done', async () => {
    const { pictures } = await run('colour', ONE_SHOT, 13, 10);
    const scene = new Scene(10);
    const picture = new Uint8Array(WIDTH * HEIGHT * 3);
    for (let number = 0; number < COUNT; number++) {
      scene.read(number, picture);
      expect(pictures[number]?.subarray(0, WIDTH * HEIGHT * 2)).toEqual(picture.subarray(0, WIDTH * HEIGHT * 2));
    }
  });

  it('are cut evenly', () => {
    const lengths = cutIntoSegments([{ first: 0, end: 10 }, { first: 10, end: 700 }], 300).map((s) => s.end - s.first); // prettier-ignore
    expect(lengths).toEqual([10, 230, 230, 230]);
  });
});
