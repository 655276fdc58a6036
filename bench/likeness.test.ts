import { describe, expect, it } from 'vitest';
import { likeness, psnr } from './likeness.js';

const [WIDTH, HEIGHT] = [40, 30];

function picture(level: (x: number, y: number) => number): Uint8Array {
  return Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return level(pixel % WIDTH, Math.floor(pixel / WIDTH));
  });
}

const texture = picture((x, y) => 100 + 40 * Math.sin(x / 2) * Math.cos(y / 3));

describe('likeness', () => {
  it('is 100 dB and 1 for the same picture', () => {
    const same = likeness(texture, texture, WIDTH, HEIGHT);
    expect(same.psnr).toBeCloseTo(100);
    expect(same.ssim).toBeCloseTo(1);
  });

  it('tells a ratio of signal to noise by its definition', () => {
    const off = texture.map((value) => value + 10);
    expect(psnr(off, texture)).toBeCloseTo(20 * Math.log10(255 / 10), 6);
  });

  it('leaves brightness out at the same mean, and sees what structure has gone', () => {
    const truth = picture((x, y) => 2 * (50 + 20 * Math.sin(x / 2) * Math.cos(y / 3)));
    const dark = truth.map((value) => Math.round(value / 2));
    const { psnr: plain, psnrAtMean, ssim } = likeness(dark, truth, WIDTH, HEIGHT);
    expect(psnrAtMean).toBeGreaterThan(plain + 20);
    const flat = likeness(
      picture(() => 100),
      truth,
      WIDTH,
      HEIGHT,
    );
    expect(flat.ssim).toBeLessThan(0.3);
    expect(ssim).toBeGreaterThan(flat.ssim + 0.3);
  });
});
