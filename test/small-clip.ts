import { makeClip } from './clip.js';

/**
 * A clip that costs little to decode and encode: a bar that moves over a grey ground of the given brightness. tone: of its
 * sound, in hertz; without it there is none.
 */
export function smallClip(
  name: string,
  brightness: number,
  size: { width: number; height: number } = { width: 320, height: 180 },
  tone?: number,
): string {
  const { width, height } = size;
  return makeClip(name, {
    ...size,
    ...(tone === undefined ? {} : { tone }),
    frames: 50,
    codec: 'libx264',
    draw: (picture, index) => {
      picture.fill(brightness, 0, width * height);
      picture.fill(128, width * height);
      const left = Math.floor((index / 50) * (width - 24));
      for (let y = 0; y < height; y++) picture.fill(brightness + 60, y * width + left, y * width + left + 24);
    },
  });
}
