import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EnhancerBench } from '../../test/enhanced-pictures.js';
import { makeModelFolder } from '../../test/fixture-models.js';
import { recipeSchema } from '../config/recipe.js';
import { SharedArena } from '../frames/shared-arena.js';
import { NetworkSession } from '../inference/network-session.js';
import { loadKernels } from '../kernels/kernel-module.js';
import { frameAt } from './frame-view.js';
import { NativeDetail } from './native-detail.js';
import { NATIVE_TILE, NativeNetwork } from './native-network.js';
import { takeLowFrequencies } from './tiling.js';

const COLOUR = { matrix: 'bt709', range: 'full' } as const;

let folder: string;
beforeAll(() => {
  folder = makeModelFolder({ brighten: 'brighten', sharpen: 'sharpen', levelling: 'levelling', tint: 'tint' });
  process.env['AFTERGLOW_MODELS'] = folder;
});
afterAll(() => {
  delete process.env['AFTERGLOW_MODELS'];
  rmSync(folder, { recursive: true });
});

/** Grey, with fine texture on a slow ramp; I420 without padding. */
function textured(width: number, height: number, low = 60, high = 180): Uint8Array {
  const picture = new Uint8Array((width * height * 3) / 2).fill(128);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    picture[i] = Math.round(low + ((high - low) * x) / width + 12 * Math.sin(x * 1.9) * Math.sin(y * 2.3));
  }
  return picture;
}

/** What the fixture `sharpen` makes of a luma plane, but at the picture's rim. */
function sharpened(luma: Uint8Array, width: number, x: number, y: number): number {
  let sum = 0;
  for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) sum += luma[(y + dy) * width + x + dx] ?? 0;
  return 2 * (luma[y * width + x] ?? 0) - sum / 9;
}

/** Root mean square of what differs from the mean of the neighbours above, below, left and right, away from the rim. */
function detail(luma: Uint8Array, width: number, height: number): number {
  let sum = 0;
  let count = 0;
  for (let y = 8; y < height - 8; y++) {
    for (let x = 8; x < width - 8; x++) {
      const i = y * width + x;
      const around = (luma[i - 1] ?? 0) + (luma[i + 1] ?? 0) + (luma[i - width] ?? 0) + (luma[i + width] ?? 0);
      sum += ((luma[i] ?? 0) - around / 4) ** 2;
      count++;
    }
  }
  return Math.sqrt(sum / count);
}

const mean = (values: Uint8Array): number => values.reduce((a, b) => a + b, 0) / values.length;

describe('a network over whole pictures', () => {
  it('sees every pixel, and tiles meet without a seam', async () => {
    // Three tiles along, two down, the last of which overlap more.
    const [width, height] = [2 * NATIVE_TILE + 36, NATIVE_TILE + 90];
    const picture = textured(width, height);
    const pixels = width * height;
    const arena = SharedArena.create(picture.length + 24 * pixels + 2 * 12 * 1100 * 640 + 65536);
    const kernels = loadKernels(arena.memory);
    const address = arena.allocate(picture.length + 64);
    arena.bytes(address, picture.length).set(picture);
    const session = await NetworkSession.open('sharpen', { width: NATIVE_TILE, height: NATIVE_TILE });
    const tile = NativeNetwork.tileBytes({ width, height }, session.model.card);
    const at = {
      picture: arena.allocate(12 * pixels),
      target: arena.allocate(12 * pixels),
      rgb: arena.allocate(tile),
      lab: arena.allocate(tile),
    };
    const network = new NativeNetwork(kernels, session, arena.memory, { width, height }, at);
    NativeNetwork.fill(kernels, frameAt(address, width, height), null, at.picture);
    await network.run(COLOUR);
    await session.close();
    const target = arena.float32(at.target, pixels);
    const luma = picture.subarray(0, pixels);
    let worst = 0;
    for (let y = 1; y < height - 1; y++) {
      for (let x = 1; x < width - 1; x++) {
        worst = Math.max(worst, Math.abs((target[y * width + x] ?? NaN) - sharpened(luma, width, x, y)));
      }
    }
    // A tile's outermost pixels have no neighbours, and next to no weight.
    expect(worst).toBeLessThan(1);
    const chroma = arena.float32(at.target + pixels * 4, pixels);
    expect(Math.max(...chroma.subarray(0, 1000).map((value) => Math.abs(value - 128)))).toBeLessThan(0.01);
  });

  it('gives details and leaves the light, as the plain computation says', () => {
    // Cells that divide the picture evenly: the plain computation cuts others elsewhere.
    const [width, height] = [160, 64];
    const lit = textured(width, height);
    const arena = SharedArena.create(
      2 * lit.length + 16 * width * height + 2 * NativeDetail.bytes({ width, height }) + 65536,
    );
    const kernels = loadKernels(arena.memory);
    const address = arena.allocate(lit.length + 64);
    const target = arena.allocate(12 * width * height);
    const planes = NativeNetwork.planes({ width, height }, target);
    const wanted = arena.float32(target, 3 * width * height);
    // Another light, with other details: a network that judges by its own mean.
    for (let i = 0; i < wanted.length; i++) wanted[i] = 40 + 80 * Math.sin(i * 0.001) ** 2 + 20 * Math.sin(i * 1.3);
    const size = { width, height };
    const add = new NativeDetail(kernels, arena, size, { keepLuma: false, task: 'exposure' });
    arena.bytes(address, lit.length).set(lit);
    const camera = frameAt(arena.allocate(lit.length + 64), width, height);
    arena.bytes(camera.y, lit.length).set(textured(width, height, 20, 250));
    add.add(camera, frameAt(address, width, height), planes, 1);
    const made = arena.bytes(address, lit.length).slice();

    const reference = (targetPlane: Float32Array, plane: Uint8Array, planeWidth: number): Float32Array => {
      const values = targetPlane.slice();
      takeLowFrequencies({ width: planeWidth, height: plane.length / planeWidth, values }, Float32Array.from(plane), (32 * planeWidth) / width); // prettier-ignore
      return values.map((value) => Math.min(255, Math.max(0, value)));
    };
    const pixels = width * height;
    const luma = reference(wanted.subarray(0, pixels), lit.subarray(0, pixels), width);
    luma.forEach((value, i) => expect(Math.abs((made[i] ?? NaN) - value)).toBeLessThan(0.502));
    const halved = Float32Array.from({ length: pixels / 4 }, (_, i) => {
      const [x, y] = [i % (width / 2), Math.floor(i / (width / 2))];
      const place = pixels + 2 * y * width + 2 * x;
      const at = (offset: number): number => wanted[place + offset] ?? NaN;
      return (at(0) + at(1) + at(width) + at(width + 1)) / 4;
    });
    const u = reference(halved, lit.subarray(pixels, pixels * 1.25), width / 2);
    u.forEach((value, i) => expect(Math.abs((made[pixels + i] ?? NaN) - value)).toBeLessThan(0.502));
    // Nothing of it at strength 0, and luma as it was where the network gives colour alone.
    arena.bytes(address, lit.length).set(lit);
    add.add(camera, frameAt(address, width, height), planes, 0);
    expect(arena.bytes(address, lit.length)).toEqual(lit);
    // A network for dark pictures changes nothing of what the camera sees well, where that is all that there is.
    arena.bytes(camera.y, width * height).fill(200);
    const careful = new NativeDetail(kernels, arena, size, { keepLuma: false, task: 'low-light' });
    careful.add(camera, frameAt(address, width, height), planes, 1);
    expect(arena.bytes(address, lit.length)).toEqual(lit);
    arena.bytes(camera.y, width * height).fill(90);
    careful.add(camera, frameAt(address, width, height), planes, 1);
    expect(arena.bytes(address, lit.length)).toEqual(made);
  });
});

describe('a stream whose network sees whole pictures', () => {
  const [width, height] = [320, 192];
  const format = { width, height, ...COLOUR };
  const recipe = (native: boolean, model = 'sharpen', denoise = false) =>
    recipeSchema.parse({
      description: 'test',
      stages: [
        ...(denoise ? [{ stage: 'temporal-denoise' }] : []),
        { stage: 'network', model, native, workingSize: 64, grid: [4, 3, 4], keepLuma: model === 'tint' },
      ],
    });

  /** What an enhancer makes of one picture, ten times over. */
  async function enhanced(picture: Uint8Array, of: ReturnType<typeof recipe>, seesNative = true): Promise<Uint8Array> {
    const bench = await EnhancerBench.open(of, format);
    bench.enhancer.seesNative = seesNative;
    try {
      let made = picture;
      for (let i = 0; i < 10; i++) made = bench.process(picture, i / 30);
      return made;
    } finally {
      await bench.close();
    }
  }

  it('has the details that the grid cannot give, at the light that it gives', async () => {
    const picture = textured(width, height);
    const luma = (of: Uint8Array): Uint8Array => of.subarray(0, width * height);
    const [guided, native, left] = [
      luma(await enhanced(picture, recipe(false))),
      luma(await enhanced(picture, recipe(true))),
      luma(await enhanced(picture, recipe(true), false)),
    ];
    const before = detail(luma(picture), width, height);
    expect(detail(guided, width, height) / before).toBeLessThan(1.2);
    expect(detail(native, width, height) / before).toBeGreaterThan(1.7);
    expect(Math.abs(mean(native) - mean(guided))).toBeLessThan(0.5);
    // The governor may leave it out: then the grid does all.
    expect(left).toEqual(guided);
    const filtered = luma(await enhanced(picture, recipe(true, 'sharpen', true)));
    expect(detail(filtered, width, height) / before).toBeGreaterThan(1.7);
  });

  it('may have its details of one network and its light of another', async () => {
    const picture = textured(width, height);
    const [network] = recipe(true, 'brighten').stages;
    const two = (native: boolean) =>
      recipeSchema.parse({ description: 'test', stages: [{ ...network, native, nativeModel: 'sharpen' }] });
    const luma = (of: Uint8Array): Uint8Array => of.subarray(0, width * height);
    const [guided, native] = [luma(await enhanced(picture, two(false))), luma(await enhanced(picture, two(true)))];
    expect(mean(guided)).toBeGreaterThan(mean(luma(picture)) + 5);
    expect(Math.abs(mean(native) - mean(guided))).toBeLessThan(2);
    expect(detail(native, width, height) / detail(guided, width, height)).toBeGreaterThan(1.2);
  });

  it('keeps luma where the network gives colour alone', async () => {
    const picture = textured(width, height, 20, 90);
    const [guided, native] = [
      await enhanced(picture, recipe(false, 'tint')),
      await enhanced(picture, recipe(true, 'tint')),
    ];
    expect(native.subarray(0, width * height)).toEqual(guided.subarray(0, width * height));
    expect(native).not.toEqual(guided);
  });
});
