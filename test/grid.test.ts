import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../src/config/package-root.js';
import { loadRecipe, type Recipe } from '../src/config/recipe.js';
import { networkSize } from '../src/enhance/working-size.js';
import { findCard } from '../src/inference/model-library.js';
import { colourCoefficients, planeLayout, type PictureFormat } from '../src/frames/picture-format.js';
import { NetworkSession } from '../src/inference/network-session.js';
import { downsample } from '../src/kernels/reference/downsample.js';
import { rgbToYuv, yuvToRgb } from '../src/kernels/reference/colour-conversion.js';
import { decodeClip } from './decoded-clip.js';
import { networkStageOf } from '../bench/recipe-network.js';
import { EnhancerBench } from './enhanced-pictures.js';
import { psnr } from './pictures.js';

const NIGHT = loadRecipe('night-cctv');
const NETWORK = networkStageOf('night-cctv');
/** Without the noise filter, which the network alone does not have either. */
const GRID_ONLY: Recipe = { description: 'x', stages: NIGHT.stages.filter((stage) => stage.stage === 'network') };

/** Luma of the network's own answer at a size, as bytes. */
async function networkLuma(
  picture: Uint8Array,
  format: PictureFormat,
  width: number,
  height: number,
): Promise<Uint8Array> {
  const layout = planeLayout(format.width, format.height);
  const plane = (start: number, w: number, h: number): Float32Array =>
    downsample(picture.subarray(start, start + w * h), w, w, h, width, height);
  const y = plane(0, format.width, format.height);
  const u = plane(layout.uOffset, layout.chromaWidth, layout.chromaHeight);
  const v = plane(layout.vOffset, layout.chromaWidth, layout.chromaHeight);
  const c = colourCoefficients(format.matrix, format.range);
  const session = await NetworkSession.open('liednet-live', { width, height });
  const count = width * height;
  for (let i = 0; i < count; i++) {
    yuvToRgb(c, y[i] ?? 0, u[i] ?? 0, v[i] ?? 0).forEach((value, k) => (session.input[k * count + i] = value));
  }
  const rgb = await session.run();
  const result = Uint8Array.from({ length: count }, (_, i) =>
    Math.round(rgbToYuv(c, rgb[i] ?? 0, rgb[count + i] ?? 0, rgb[2 * count + i] ?? 0)[0]),
  );
  await session.close();
  return result;
}

function bilinear(src: Uint8Array, width: number, height: number, toWidth: number, toHeight: number): Uint8Array {
  const at = (x: number, y: number): number => src[Math.min(height - 1, y) * width + Math.min(width - 1, x)] ?? 0;
  return Uint8Array.from({ length: toWidth * toHeight }, (_, i) => {
    const x = Math.max(0, (((i % toWidth) + 0.5) * width) / toWidth - 0.5);
    const y = Math.max(0, ((Math.floor(i / toWidth) + 0.5) * height) / toHeight - 0.5);
    const [x0, y0] = [Math.floor(x), Math.floor(y)];
    const [fx, fy] = [x - x0, y - y0];
    const top = at(x0, y0) * (1 - fx) + at(x0 + 1, y0) * fx;
    const bottom = at(x0, y0 + 1) * (1 - fx) + at(x0 + 1, y0 + 1) * fx;
    return Math.round(top * (1 - fy) + bottom * fy);
  });
}

/** Mean absolute difference of neighbouring pixels, along rows and columns: how sharp a picture is. */
function sharpness(plane: Uint8Array, width: number, height: number): number {
  let sum = 0;
  for (let y = 0; y + 1 < height; y++) {
    for (let x = 0; x + 1 < width; x++) {
      const i = y * width + x;
      sum += Math.abs((plane[i + 1] ?? 0) - (plane[i] ?? 0)) + Math.abs((plane[i + width] ?? 0) - (plane[i] ?? 0));
    }
  }
  return sum / ((width - 1) * (height - 1));
}

describe('the bilateral grid', () => {
  it('keeps the detail of the full picture and the light of the network', async () => {
    const clip = decodeClip(path.join(packageRoot, 'demo', 'night-street.mp4'), 1);
    const picture = clip.conformed[0] as Uint8Array;
    const { width, height } = clip.format;
    const bench = await EnhancerBench.open(GRID_ONLY, clip.format);
    const enhanced = bench.process(picture, 0).subarray(0, width * height);
    await bench.close();
    const size = networkSize(clip.format, NETWORK.workingSize, findCard(NETWORK.model));
    const small = await networkLuma(picture, clip.format, size.width, size.height);
    const enlarged = bilinear(small, size.width, size.height, width, height);
    const full = await networkLuma(picture, clip.format, width, height);

    const [ours, theirs] = [sharpness(enhanced, width, height), sharpness(enlarged, width, height)];
    const [toFull, enlargedToFull] = [psnr(enhanced, full), psnr(enlarged, full)];
    console.log(
      `sharpness: grid ${ours.toFixed(2)}, network enlarged ${theirs.toFixed(2)}, network at full size ` +
        `${sharpness(full, width, height).toFixed(2)}; PSNR to the network at full size: grid ${toFull.toFixed(2)} dB, ` +
        `enlarged ${enlargedToFull.toFixed(2)} dB`,
    );
    expect(ours).toBeGreaterThan(1.5 * theirs);
    // The network sees more noise at full size and lights it differently; the grid still comes as near as enlarging.
    expect(toFull).toBeGreaterThan(18);
    // Seen at the working size, the grid's picture is the network's.
    const seen = Uint8Array.from(downsample(enhanced, width, width, height, size.width, size.height), Math.round);
    console.log(`PSNR to the network at the working size: ${psnr(seen, small).toFixed(2)} dB`);
    expect(psnr(seen, small)).toBeGreaterThan(26);
  });
});
