import { describe, expect, it } from 'vitest';
import { loadRecipe, type Recipe } from '../src/config/recipe.js';
import { makeClip } from './clip.js';
import { decodeClip, type RawPicture } from './decoded-clip.js';
import { EnhancerBench } from './enhanced-pictures.js';
import { drawScene, psnr } from './pictures.js';

const SIZES = [
  [320, 180],
  [854, 480],
  [321, 181],
  [64, 63],
] as const;
const TAGS = [
  { matrix: 'bt601', range: 'limited' },
  { matrix: 'bt601', range: 'full' },
  { matrix: 'bt709', range: 'limited' },
  { matrix: 'bt709', range: 'full' },
  {},
] as const;

/** passthrough copies; the others go through the slice kernels with identity tables, from 8 and from 16 bits. */
const IDENTITIES: readonly (readonly [name: string, recipe: Recipe, strength: number])[] = [
  ['passthrough', loadRecipe('passthrough'), 1],
  [
    'slice of the noise filter at strength 0',
    { description: 'x', stages: [{ stage: 'temporal-denoise', strength: 0 }] },
    1,
  ],
  ['night-cctv at strength 0', loadRecipe('night-cctv'), 0],
];

/** The part of a conformed picture that the decoded one covers. */
function cropped(picture: Uint8Array, width: number, height: number, like: RawPicture): Uint8Array[] {
  let start = 0;
  return like.planes.map((plane, index) => {
    const [w, h] = index === 0 ? [width, height] : [width / 2, height / 2];
    const bytes = new Uint8Array(plane.width * plane.height);
    for (let y = 0; y < plane.height; y++) {
      bytes.set(picture.subarray(start + y * w, start + y * w + plane.width), y * plane.width);
    }
    start += w * h;
    return bytes;
  });
}

describe.each(IDENTITIES)('%s', (_name, recipe, strength) => {
  it.each(SIZES.flatMap((size) => TAGS.map((tags) => [...size, tags] as const)))(
    'returns a %ix%i clip with tags %o as it was decoded',
    async (width, height, tags) => {
      const full = 'range' in tags && tags.range === 'full';
      const clip = decodeClip(
        makeClip(`identity-${width}x${height}.mkv`, {
          width,
          height,
          frames: 3,
          draw: (picture, i) => drawScene(picture, width, height, i * 7, full ? 0 : 16, full ? 255 : 235),
          ...tags,
        }),
      );
      expect(clip.format.range).toBe(full ? 'full' : 'limited');
      expect(clip.format.matrix).toBe('matrix' in tags ? tags.matrix : 'bt601');
      expect([clip.format.width % 2, clip.format.height % 2]).toEqual([0, 0]);
      expect(clip.conformed.length).toBe(3);

      const bench = await EnhancerBench.open(recipe, clip.format);
      try {
        clip.conformed.forEach((picture, i) => {
          const output = bench.process(picture, i / 25, strength);
          const raw = clip.raw[i] as RawPicture;
          cropped(output, clip.format.width, clip.format.height, raw).forEach((plane, k) => {
            expect(psnr(plane, raw.planes[k]?.bytes ?? new Uint8Array())).toBeGreaterThanOrEqual(45);
          });
        });
      } finally {
        await bench.close();
      }
    },
  );
});
