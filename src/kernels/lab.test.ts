import { beforeAll, describe, expect, it } from 'vitest';
import { SharedArena } from '../frames/shared-arena.js';
import { loadKernels, type Kernels } from './kernel-module.js';
import { labToRgb, rgbToLightness } from './reference/lab.js';

/** Published values (Lindbloom's calculator, sRGB, D65): 8-bit colours and their L*, a*, b*. */
const KNOWN = [
  { rgb: [255, 255, 255], lab: [100, 0, 0] },
  { rgb: [0, 0, 0], lab: [0, 0, 0] },
  { rgb: [255, 0, 0], lab: [53.24, 80.09, 67.2] },
  { rgb: [0, 255, 0], lab: [87.73, -86.18, 83.18] },
  { rgb: [0, 0, 255], lab: [32.3, 79.19, -107.86] },
  { rgb: [119, 119, 119], lab: [50.03, 0, 0] },
  { rgb: [255, 255, 0], lab: [97.14, -21.55, 94.48] },
] as const;

let arena: SharedArena;
let kernels: Kernels;

beforeAll(() => {
  arena = SharedArena.create(4 << 20);
  kernels = loadKernels(arena.memory);
});

function run(kernel: 'rgbToLightness' | 'labToRgb', input: Float32Array, outputs: number): Float32Array {
  const from = arena.allocate(input.byteLength);
  arena.float32(from, input.length).set(input);
  const count = input.length / 3;
  const to = arena.allocate(count * outputs * 4);
  kernels[kernel](from, to, count);
  return Float32Array.from(arena.float32(to, count * outputs));
}

describe('Lab', () => {
  it.each(KNOWN)('of $rgb is $lab', ({ rgb, lab }) => {
    const [r, g, b] = rgb.map((level) => level / 255) as [number, number, number];
    expect(100 * rgbToLightness(r, g, b)).toBeCloseTo(lab[0], 1);
    const back = labToRgb(lab[0] / 100, lab[1] / 128, lab[2] / 128);
    back.forEach((value, i) => expect(Math.abs(255 * value - (rgb[i] ?? NaN))).toBeLessThan(0.5));
  });

  it('kernels match the reference on random pictures', () => {
    const count = 4096;
    const rgb = Float32Array.from({ length: 3 * count }, (_, i) => ((i * 7919) % 10007) / 10006);
    const lightness = run('rgbToLightness', rgb, 1);
    const lab = new Float32Array(3 * count);
    for (let i = 0; i < count; i++) {
      const wanted = rgbToLightness(rgb[i] ?? 0, rgb[count + i] ?? 0, rgb[2 * count + i] ?? 0);
      expect(Math.abs((lightness[i] ?? NaN) - wanted)).toBeLessThan(2e-6);
      // Colours out of gamut among them.
      lab.set([wanted], i);
      lab.set([((i * 31) % 101) / 50 - 1], count + i);
      lab.set([((i * 17) % 103) / 51 - 1], 2 * count + i);
    }
    const back = run('labToRgb', lab, 3);
    for (let i = 0; i < count; i++) {
      const wanted = labToRgb(lab[i] ?? 0, lab[count + i] ?? 0, lab[2 * count + i] ?? 0);
      wanted.forEach((value, k) => expect(Math.abs((back[k * count + i] ?? NaN) - value)).toBeLessThan(1e-4));
    }
  });

  it('black and darkest levels come out as they are', () => {
    const grey = Float32Array.from({ length: 12 }, (_, i) => (i % 4) / 255);
    const lightness = run('rgbToLightness', grey, 1);
    const lab = new Float32Array(12);
    lab.set(lightness);
    run('labToRgb', lab, 3).forEach((value, i) => expect(value).toBeCloseTo(grey[i] ?? NaN, 4));
  });
});
