import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DamagedScene,
  dust,
  hair,
  placePicture,
  psnrWithin,
  random,
  scratch,
  type Damage,
} from '../../test/damaged-scene.js';
import { makeModelFolder } from '../../test/fixture-models.js';
import { recipeSchema, type RepairStage } from '../config/recipe.js';
import type { FrameView } from '../enhance/frame-view.js';
import { SharedArena } from '../frames/shared-arena.js';
import { NetworkSession } from '../inference/network-session.js';
import { loadKernels } from '../kernels/kernel-module.js';
import { FilmRepairer } from './film-repairer.js';

/** No multiple of a block either way. */
const SIZE = { width: 330, height: 250 } as const;
const PIXELS = SIZE.width * SIZE.height;
const BYTES = (PIXELS * 3) / 2;
const COLOUR = { matrix: 'bt709', range: 'limited' } as const;
const SCENE = new DamagedScene(SIZE);

let folder: string;
let fill: NetworkSession;

beforeAll(async () => {
  folder = makeModelFolder({ fill: 'fill', brighten: 'brighten' });
  fill = await NetworkSession.open('fill', { width: 128, height: 128 }, { folder });
});
afterAll(async () => {
  await fill.close();
  rmSync(folder, { recursive: true });
});

function stageWith(temporal: Partial<RepairStage['temporal']> = {}): RepairStage {
  const recipe = recipeSchema.parse({ description: 'test', stages: [{ stage: 'repair', model: 'fill', temporal }] });
  return recipe.stages[0] as RepairStage;
}

/** A repairer with an arena of its own, which takes pictures and gives them back. */
function setUp(session: NetworkSession | null = null, stage = stageWith()) {
  const arena = SharedArena.create(FilmRepairer.bytes(SIZE) + 4 * (BYTES + 256));
  const [before, now, after, into] = [0, 1, 2, 3].map(() => placePicture(arena, SIZE, null));
  if (!before || !now || !after || !into) throw new Error('there are four pictures');
  const repairer = new FilmRepairer(loadKernels(arena.memory), arena, SIZE, stage, session, COLOUR);
  const put = (view: FrameView, picture: Uint8Array | null): FrameView | null => {
    if (picture) arena.bytes(view.y, BYTES).set(picture);
    return picture && view;
  };
  const repair = async (
    previous: Uint8Array | null,
    picture: Uint8Array,
    next: Uint8Array | null,
  ): Promise<{ readonly picture: Uint8Array; readonly count: number }> => {
    put(now, picture);
    const count = await repairer.repair(put(before, previous), now, put(after, next), into);
    return { picture: arena.bytes(into.y, BYTES).slice(), count };
  };
  return { repairer, repair };
}

/** Dust and hairs of all sizes in other places for each picture. */
function dirt(seed: number): Damage[] {
  const next = random(seed * 7919);
  return Array.from({ length: 9 }, (_, n) => {
    const [x, y] = [12 + next() * (SIZE.width - 24), 12 + next() * (SIZE.height - 24)];
    const level = next() < 0.5 ? 20 : 238;
    return n % 3 === 2 ? hair(x, y, 8 + 10 * next(), level) : dust(x, y, 2 + 7 * next(), level);
  });
}

/** Pixels that a repair changed of the luma that came in. */
function changed(before: Uint8Array, after: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: PIXELS }, (_, i) => (before[i] === after[i] ? 0 : 1));
}

/** How many pixels of a mask are within some pixels of another's. */
function outside(mask: Uint8Array, other: Uint8Array, reach: number): number {
  let count = 0;
  mask.forEach((value, i) => {
    if (value === 0) return;
    const [x, y] = [i % SIZE.width, Math.floor(i / SIZE.width)];
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        if (other[(y + dy) * SIZE.width + x + dx] === 1) return;
      }
    }
    count++;
  });
  return count;
}

describe('film repair', () => {
  it('finds dust and hairs, fills them to what was there, and alters nothing else', async () => {
    const { repair } = setUp();
    let [strong, found, wrong, before, after] = [0, 0, 0, 0, 0];
    for (let n = 1; n <= 6; n++) {
      const pictures = [n - 1, n, n + 1].map((number) => SCENE.clean(number));
      const masks = pictures.map((picture, i) => SCENE.damage(picture, dirt(n + i)));
      const [previous, picture, next] = pictures;
      const mask = masks[1];
      if (!previous || !picture || !next || !mask) throw new Error('there are three pictures');
      const result = await repair(previous, picture, next);
      const touched = changed(picture, result.picture);
      mask.forEach((value, i) => {
        strong += value;
        if (value === 1) found += touched[i] ?? 0;
      });
      wrong += outside(touched, mask, 4);
      before += psnrWithin(mask, picture, SCENE.clean(n));
      after += psnrWithin(mask, result.picture, SCENE.clean(n));
    }
    expect(found / strong).toBeGreaterThan(0.8);
    expect(wrong).toBeLessThan(0.0005 * 6 * PIXELS);
    expect(after / 6).toBeGreaterThan(before / 6 + 6);
  });

  it('leaves a clean film as it is, flicker and all', async () => {
    const { repair } = setUp();
    let wrong = 0;
    for (let n = 1; n <= 4; n++) {
      const picture = SCENE.clean(n, 1.08);
      const { count } = await repair(SCENE.clean(n - 1), picture, SCENE.clean(n + 1, 0.95));
      wrong += count;
    }
    expect(wrong).toBeLessThan(0.0005 * 4 * PIXELS);
  });

  it('finds dust through flicker and fills it in the light of its picture', async () => {
    const { repair } = setUp();
    const clean = SCENE.clean(3, 1.12);
    const picture = clean.slice();
    const mask = SCENE.damage(picture, [dust(100, 80, 6, 240), dust(220, 180, 5, 10)]);
    const result = await repair(SCENE.clean(2), picture, SCENE.clean(4, 0.96));
    expect(psnrWithin(mask, result.picture, clean)).toBeGreaterThan(27);
  });

  it('repairs colour with light', async () => {
    const { repair } = setUp();
    const clean = SCENE.clean(3);
    const picture = clean.slice();
    SCENE.damage(picture, [dust(100, 80, 8, 240)]);
    const result = await repair(SCENE.clean(2), picture, SCENE.clean(4));
    const at = PIXELS + 40 * (SIZE.width / 2) + 50;
    expect(Math.abs((result.picture[at] ?? 0) - (clean[at] ?? 0))).toBeLessThan(3);
  });

  it('finds scratches that stand still, but no lines that move with the scene', async () => {
    const { repair } = setUp();
    const standing = [scratch(90, 235), scratch(240, 15)];
    const pictures = [4, 5, 6].map((number) => SCENE.clean(number));
    const masks = pictures.map((picture) => SCENE.damage(picture, standing));
    const [previous, picture, next] = pictures;
    const mask = masks[1];
    if (!previous || !picture || !next || !mask) throw new Error('there are three pictures');
    const result = await repair(previous, picture, next);
    const gain = psnrWithin(mask, result.picture, SCENE.clean(5)) - psnrWithin(mask, picture, SCENE.clean(5));
    expect(gain).toBeGreaterThan(6);

    // A pole of the scene.
    const poles = [4, 5, 6].map((number) => {
      const withPole = SCENE.clean(number);
      SCENE.damage(withPole, [{ level: 235, depth: (x) => (Math.abs(x - 200 + 3.5 * number) < 2 ? 1 : 0) }]);
      return withPole;
    });
    const { count } = await repair(poles[0] ?? null, poles[1] ?? new Uint8Array(BYTES), poles[2] ?? null);
    expect(count).toBeLessThan(0.0005 * PIXELS);
  });

  it('is careful at the ends of a shot', async () => {
    const { repair } = setUp();
    const clean = SCENE.clean(3);
    const picture = clean.slice();
    const mask = SCENE.damage(picture, [dust(100, 80, 1.5, 250), hair(220, 180, 12, 250)]);
    let wrong = 0;
    for (const [previous, next] of [
      [SCENE.clean(2), null],
      [null, SCENE.clean(4)],
    ] as const) {
      const result = await repair(previous, picture, next);
      expect(psnrWithin(mask, result.picture, clean)).toBeGreaterThan(25);
      wrong += (await repair(previous, clean, next)).count;
    }
    expect(wrong).toBeLessThan(0.0005 * 2 * PIXELS);
    const alone = await repair(null, picture, null);
    expect(alone).toEqual({ picture, count: 0 });
  });

  it('takes a cut that nobody saw for no damage', async () => {
    const { repair } = setUp();
    const other = new DamagedScene(SIZE).clean(60).map((level, i) => (i < PIXELS ? 255 - level : level));
    const picture = SCENE.clean(3);
    expect((await repair(SCENE.clean(2), picture, other)).count).toBeLessThan(0.001 * PIXELS);
    expect((await repair(other, picture, other)).count).toBeLessThan(0.001 * PIXELS);
  });

  it.each(['from the rim', 'by the network'])('fills what the mask covers on every picture, %s', async (way) => {
    const { repairer, repair } = setUp(way === 'from the rim' ? null : fill);
    const logo = (x: number, y: number): boolean => x >= 260 && x < 310 && y >= 20 && y < 44;
    const mask = Uint8Array.from({ length: PIXELS }, (_, i) =>
      logo(i % SIZE.width, Math.floor(i / SIZE.width)) ? 1 : 0,
    );
    repairer.setMask(mask);
    const pictures = [2, 3, 4].map((number) => {
      const stamped = SCENE.clean(number);
      mask.forEach((hole, i) => (hole === 1 ? (stamped[i] = 255) : undefined));
      return stamped;
    });
    const picture = pictures[1] ?? new Uint8Array(BYTES);
    const result = await repair(pictures[0] ?? null, picture, pictures[2] ?? null);
    const touched = changed(picture, result.picture);
    expect(touched[32 * SIZE.width + 285]).toBe(1);
    mask.forEach((hole, i) => (hole === 1 ? expect(result.picture[i]).toBeLessThan(230) : undefined));
    expect(outside(touched, mask, 1)).toBeLessThan(0.0005 * PIXELS);
    repairer.setMask(null);
    expect((await repair(pictures[0] ?? null, picture, pictures[2] ?? null)).count).toBeLessThan(0.001 * PIXELS);
  });

  it('bounds the work of the network', async () => {
    const holes = Uint8Array.from({ length: PIXELS }, (_, i) =>
      i % 60 < 14 && Math.floor(i / SIZE.width) % 50 < 12 ? 1 : 0,
    );
    for (const crops of [0, 1, 8]) {
      const { repairer, repair } = setUp(fill, stageWith({ crops }));
      repairer.setMask(holes);
      const { picture, count } = await repair(null, SCENE.clean(1), null);
      expect(count).toBe(holes.reduce((sum, hole) => sum + hole, 0));
      expect(picture).toHaveLength(BYTES);
    }
  });

  it('gives the same pictures again, whatever it saw before', async () => {
    const [one, other] = [setUp(fill), setUp(fill)];
    const pictures = [1, 2, 3, 4].map((number) => SCENE.clean(number));
    pictures.forEach((picture, n) => SCENE.damage(picture, [...dirt(n), scratch(120, 230)]));
    const [a, b, c, d] = pictures;
    if (!a || !b || !c || !d) throw new Error('there are four pictures');
    await one.repair(a, b, c);
    const first = await one.repair(b, c, d);
    const second = await other.repair(b, c, d);
    expect(first.count).toBe(second.count);
    expect(Buffer.compare(first.picture, second.picture)).toBe(0);
  });

  it('refuses a network that fills no holes', async () => {
    const brighten = await NetworkSession.open('brighten', { width: 64, height: 64 }, { folder });
    expect(() => setUp(brighten)).toThrow(/"brighten" does not fill holes/);
    await brighten.close();
  });
});
