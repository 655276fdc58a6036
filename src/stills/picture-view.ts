import sharp from 'sharp';
import { AfterglowError } from '../errors/afterglow-error.js';
import { MOST_PIXELS } from './picture-file.js';

/** Quality of the JPEG. */
const QUALITY = 85;

/** A picture as browsers show it: upright, in sRGB, JPEG, its longer side at most `longest`. */
export interface PictureView {
  readonly jpeg: Buffer;
  /** Of the picture itself. */
  readonly width: number;
  readonly height: number;
  readonly format: string;
}

/** Reads a picture for showing it. Throws AfterglowError `input-unreadable`. */
export async function viewPicture(file: string, longest: number): Promise<PictureView> {
  try {
    const image = sharp(file, { limitInputPixels: MOST_PIXELS, failOn: 'error' });
    const { autoOrient, format } = await image.metadata();
    const jpeg = await image
      .autoOrient()
      .resize({ width: longest, height: longest, fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .jpeg({ quality: QUALITY })
      .toBuffer();
    return { jpeg, width: autoOrient.width, height: autoOrient.height, format };
  } catch (cause) {
    throw new AfterglowError('input-unreadable', 'this is no picture that can be read', {
      remedy: 'open it in another program to see whether it is whole',
      cause,
    });
  }
}
