import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeClip } from './clip.js';
import { decodeClip } from './decoded-clip.js';
import { ffmpeg } from './film-clips.js';
import { drawScene, mean, psnr } from './pictures.js';

/** A picture that tells which way is up: its top left quarter is bright. */
function drawCorner(picture: Uint8Array, width: number, height: number): void {
  picture.fill(40, 0, width * height);
  picture.fill(128, width * height);
  for (let y = 0; y < height / 2; y++) picture.fill(200, y * width, y * width + width / 2);
}

/** Mean luma of a quarter of a picture. */
function quarter(picture: Uint8Array, width: number, height: number, right: boolean, bottom: boolean): number {
  const rows: number[] = [];
  for (let y = 0; y < height / 2; y++) {
    const start = (y + (bottom ? height / 2 : 0)) * width + (right ? width / 2 : 0);
    rows.push(mean(picture.subarray(start + 2, start + width / 2 - 2)));
  }
  return rows.reduce((a, b) => a + b, 0) / rows.length;
}

describe('pictures on the way in', () => {
  it.each([
    [90, 'right top', true, false],
    [180, 'right bottom', true, true],
    [270, 'left bottom', false, true],
  ] as const)('are turned by %i degrees: the bright corner is %s', (rotation, _corner, right, bottom) => {
    const file = makeClip(`rotated-${rotation}.mp4`, {
      width: 160,
      height: 96,
      frames: 3,
      codec: 'libx264',
      rotation,
      draw: (picture) => drawCorner(picture, 160, 96),
    });
    const clip = decodeClip(file);
    const { width, height } = clip.format;
    expect([width, height]).toEqual(rotation === 180 ? [160, 96] : [96, 160]);
    expect(clip.notes).toEqual([`turned by ${rotation} degrees`]);
    const picture = clip.conformed[1] as Uint8Array;
    for (const r of [false, true]) {
      for (const b of [false, true]) {
        const bright = r === right && b === bottom;
        expect(Math.abs(quarter(picture, width, height, r, b) - (bright ? 200 : 40))).toBeLessThan(6);
      }
    }
  });

  it('get square pixels', () => {
    const file = makeClip('anamorphic.mkv', {
      width: 360,
      height: 288,
      frames: 3,
      pixelAspect: [16, 11],
      draw: (picture, i) => drawScene(picture, 360, 288, i),
    });
    const clip = decodeClip(file);
    expect(clip.format).toMatchObject({ width: 524, height: 288 });
    expect(clip.notes).toEqual(['pixels made square']);
  });

  it('are deinterlaced', () => {
    const [width, height] = [320, 240];
    // A bright bar that moves between the two fields of each frame: combed when both are shown as one.
    const file = makeClip('interlaced.mpg', {
      width,
      height,
      frames: 12,
      codec: 'mpeg2video',
      interlaced: true,
      draw: (picture, i) => {
        picture.fill(40, 0, width * height);
        picture.fill(128, width * height);
        for (let y = 0; y < height; y++) {
          const x = 20 + i * 16 + (y % 2) * 8;
          picture.fill(200, y * width + x, y * width + x + 40);
        }
      },
    });
    const clip = decodeClip(file);
    expect(clip.notes).toEqual(['deinterlaced']);
    const combing = (picture: Uint8Array): number => {
      let sum = 0;
      for (let y = 1; y + 1 < height; y++) {
        for (let x = 0; x < width; x++) {
          const [above, here, below] = [-1, 0, 1].map((d) => picture[(y + d) * width + x] ?? 0) as [
            number,
            number,
            number,
          ];
          sum += Math.max(0, Math.abs(2 * here - above - below) - 60);
        }
      }
      return sum;
    };
    const raw = clip.raw[6]?.planes[0]?.bytes as Uint8Array;
    expect(combing((clip.conformed[6] as Uint8Array).subarray(0, width * height))).toBeLessThan(0.2 * combing(raw));
  });

  it('keep their times when they are deinterlaced', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'afterglow-fields-'));
    const file = path.join(folder, 'fields.mpg');
    ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=352x288:r=50:d=2', '-vf', 'tinterlace=interleave_top', '-c:v', 'mpeg2video',
      '-flags', '+ilme+ildct', file); // prettier-ignore
    const clip = decodeClip(file);
    rmSync(folder, { recursive: true });
    expect(clip.notes).toContain('deinterlaced');
    // 25 pictures a second at 90,000 ticks: a deinterlacer counts in half ticks.
    const steps = clip.pts.slice(1).map((time, i) => Number(time - (clip.pts[i] ?? 0n)));
    expect(new Set(steps)).toEqual(new Set([3600]));
    expect(clip.pts.length).toBeGreaterThan(45);
  });

  it('are scaled down to the largest size, in their shape', () => {
    const file = makeClip('large.mkv', {
      width: 640,
      height: 360,
      frames: 2,
      draw: (p, i) => drawScene(p, 640, 360, i),
    });
    const clip = decodeClip(file, Infinity, 320 * 180);
    expect(clip.format).toMatchObject({ width: 320, height: 180 });
    expect(clip.notes).toEqual(['scaled down from 640x360']);
  });

  it('keep their timestamps', () => {
    const times = [0, 40, 55, 200, 203, 390];
    const file = makeClip('variable.mkv', {
      width: 64,
      height: 64,
      frames: times.length,
      times,
      draw: (picture, i) => drawScene(picture, 64, 64, i),
    });
    expect(decodeClip(file).pts).toEqual(times.map(BigInt));
  });

  it('that are cameras’ own go through unchanged, and carry their colour along', () => {
    const file = makeClip('plain.mp4', {
      width: 320,
      height: 180,
      frames: 3,
      codec: 'libx264',
      matrix: 'bt601',
      range: 'full',
      draw: (picture, i) => drawScene(picture, 320, 180, i, 0, 255),
    });
    const clip = decodeClip(file);
    expect(clip.format).toEqual({ width: 320, height: 180, matrix: 'bt601', range: 'full' });
    expect(clip.notes).toEqual([]);
    const decoded = Buffer.concat(clip.raw[1]?.planes.map((plane) => plane.bytes) ?? []);
    expect(psnr(clip.conformed[1] as Uint8Array, decoded)).toBe(Infinity);
  });
});
