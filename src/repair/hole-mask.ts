import { existsSync } from 'node:fs';
import sharp from 'sharp';
import { AfterglowError } from '../errors/afterglow-error.js';
import type { Size } from '../enhance/working-size.js';

/** How far the shapes of mask and picture may differ, as a share. */
const SHAPE_TOLERANCE = 0.02;

/**
 * Reads a mask for a picture: white where it is to be filled in, black elsewhere; of the picture's size, or scaled to it.
 * Returns [height, width]: 1 in holes. Throws AfterglowError `input-not-found`, `input-unreadable` or `input-invalid`.
 */
export async function readMask(file: string, picture: Size): Promise<Uint8Array> {
  if (!existsSync(file)) {
    throw new AfterglowError('input-not-found', `the mask ${file} does not exist`, { remedy: 'check the path' });
  }
  const { width, height } = picture;
  let grey: Buffer;
  let size: Size;
  try {
    size = (await sharp(file).metadata()).autoOrient;
    grey = await sharp(file)
      .autoOrient()
      .flatten({ background: '#000' })
      .resize(width, height, { fit: 'fill', kernel: 'nearest' })
      .toColourspace('b-w')
      .extractChannel(0)
      .raw()
      .toBuffer();
  } catch (cause) {
    throw new AfterglowError('input-unreadable', `the mask ${file} is not a picture that can be read`, {
      remedy: 'give a PNG file, white where the picture is to be filled in',
      cause,
    });
  }
  if (Math.abs((size.width * height) / (size.height * width) - 1) > SHAPE_TOLERANCE) {
    throw new AfterglowError(
      'input-invalid',
      `the mask ${file} of ${size.width}x${size.height} is not of the shape of the picture of ${width}x${height}`,
      { remedy: 'give a mask of the same size as the picture, upright' },
    );
  }
  const mask = Uint8Array.from(grey, (level) => (level > 127 ? 1 : 0));
  if (mask.includes(0)) return mask;
  throw new AfterglowError('input-invalid', `the mask ${file} is white all over, which leaves nothing to go by`, {
    remedy: 'make it black where the picture is to be kept',
  });
}
