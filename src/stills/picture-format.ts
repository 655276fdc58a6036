import path from 'node:path';
import { AfterglowError } from '../errors/afterglow-error.js';

/** Kinds of picture file that are read and written. */
export type PictureFileFormat = 'jpeg' | 'png' | 'webp' | 'tiff';

const EXTENSIONS: Record<string, PictureFileFormat> = {
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.png': 'png',
  '.webp': 'webp',
  '.tif': 'tiff',
  '.tiff': 'tiff',
};

/** What people are told to use. */
export const FORMATS_IN_WORDS = 'JPEG, PNG, WebP or TIFF';

/** The format that a file's name says, or null if it is none of a picture. */
export function formatOf(file: string): PictureFileFormat | null {
  return EXTENSIONS[path.extname(file).toLowerCase()] ?? null;
}

/** The same, where another name is a mistake. Throws AfterglowError `output-invalid`. */
export function outputFormat(file: string): PictureFileFormat {
  const format = formatOf(file);
  if (format !== null) return format;
  throw new AfterglowError('output-invalid', `${file} does not end in .jpg, .png, .webp or .tif`, {
    remedy: 'give the output one of these endings, or name a folder',
  });
}
