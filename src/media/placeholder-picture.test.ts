import { describe, expect, it } from 'vitest';
import { planeLayout, type PictureFormat } from '../frames/picture-format.js';
import { encodeJpeg } from './jpeg-encoder.js';
import { PlaceholderPicture } from './placeholder-picture.js';
import { frameOver } from './video-encoder.js';

const format: PictureFormat = { width: 640, height: 360, matrix: 'bt709', range: 'limited' };

/** A picture of one colour. */
function plain(level: number, chroma: number) {
  const { lumaBytes, bytes } = planeLayout(format.width, format.height);
  const memory = new WebAssembly.Memory({ initial: 8, maximum: 8, shared: true });
  new Uint8Array(memory.buffer).fill(level, 0, lumaBytes).fill(chroma, lumaBytes, bytes);
  return { frame: frameOver(memory, 0, format), pixels: new Uint8Array(memory.buffer, 0, bytes) };
}

/** Luma of a frame, row after row. */
function lumaOf(frame: ReturnType<PlaceholderPicture['draw']>): Uint8Array {
  const stride = frame.linesize[0] ?? 0;
  const plane = frame.data?.[0] ?? new Uint8Array();
  const luma = new Uint8Array(format.width * format.height);
  for (let y = 0; y < format.height; y++)
    luma.set(plane.subarray(y * stride, y * stride + format.width), y * format.width);
  return luma;
}

describe('PlaceholderPicture', () => {
  it('dims the last picture and writes in its middle', () => {
    const placeholder = new PlaceholderPicture(format);
    const { frame, pixels } = plain(200, 160);
    const luma = lumaOf(placeholder.draw(frame, 'offline since 22:14:05'));
    // 16 + (200 - 16) * 0.35
    expect(luma[0]).toBeGreaterThanOrEqual(79);
    expect(luma[0]).toBeLessThanOrEqual(81);
    const bright: number[] = [];
    luma.forEach((value, i) => value > 200 && bright.push(i));
    expect(bright.length).toBeGreaterThan(300);
    const rows = bright.map((i) => Math.floor(i / format.width));
    const columns = bright.map((i) => i % format.width);
    expect(Math.min(...rows)).toBeGreaterThan(140);
    expect(Math.max(...rows)).toBeLessThan(220);
    expect((Math.min(...columns) + Math.max(...columns)) / 2).toBeCloseTo(320, -1.2);
    // The last picture itself is left as it was.
    expect(pixels.subarray(0, 640 * 360).every((value) => value === 200)).toBe(true);
    placeholder.close();
    frame.free();
  });

  it('has a grey of its own before the first picture, and takes any text as it is', () => {
    const placeholder = new PlaceholderPicture(format);
    const luma = lumaOf(placeholder.draw(null, `it's 100 %: [a],b;c\\d`));
    expect(luma[0]).toBeGreaterThan(16);
    expect(luma[0]).toBeLessThan(60);
    expect(luma.some((value) => value > 200)).toBe(true);
    const other = lumaOf(placeholder.draw(null, 'other'));
    expect(other).not.toEqual(luma);
    placeholder.close();
  });
});

describe('encodeJpeg', () => {
  it('makes a JPEG of full range from limited range', async () => {
    const { default: sharp } = await import('sharp');
    const { frame, pixels } = plain(235, 128);
    const jpeg = encodeJpeg(pixels, format);
    frame.free();
    const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([640, 360]);
    expect(data[0]).toBeGreaterThan(252);
    expect(jpeg.length).toBeLessThan(20_000);
  });
});
