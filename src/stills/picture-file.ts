import { existsSync, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { makeFolder } from '../config/new-folder.js';
import type { PhotoPixels, PhotoShape } from '../enhance/photo-grid.js';
import { AfterglowError } from '../errors/afterglow-error.js';
import { FORMATS_IN_WORDS, outputFormat, type PictureFileFormat } from './picture-format.js';

/** The most pixels that a picture may have: 16384 x 16384. */
export const MOST_PIXELS = 1 << 28;

/** A decoded picture, upright. */
export interface Picture extends PhotoShape {
  /** [height, width, channels] in the file's own RGB. */
  readonly pixels: PhotoPixels;
  /** A black pixel, as PNG, that carries the file's metadata and colour profile. */
  readonly carrier: Buffer;
}

/** How a picture is written. */
export interface WriteOptions {
  /** 1..100, for JPEG and WebP. */
  readonly quality: number;
  /** Whether a file of that name may be replaced. */
  readonly overwrite: boolean;
  /** What made the picture; goes into the metadata as its software. */
  readonly software: string;
}

/**
 * Reads a picture. It comes upright, in its own RGB; grey and CMYK become sRGB.
 *
 * Throws AfterglowError `input-not-found`, `input-unsupported` or `input-unreadable`.
 */
export async function readPicture(file: string): Promise<Picture> {
  const metadata = await readMetadata(file);
  const depth = metadata.depth === 'ushort' ? 16 : 8;
  const isRgb = ['srgb', 'rgb', 'rgb16'].includes(metadata.space);
  const space = depth === 16 ? 'rgb16' : 'srgb';
  // Colours are left in the file's own RGB, whose profile goes out again with them.
  const open = (): Sharp => sharp(file, { ignoreIcc: isRgb, limitInputPixels: MOST_PIXELS, failOn: 'error' });
  try {
    const { data, info } = await open()
      .autoOrient()
      .toColourspace(space)
      .raw({ depth: depth === 16 ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const isUpright = (metadata.orientation ?? 1) === 1;
    // A turned picture must be turned here too, or its tag would say so again; an upright one gives a pixel at once.
    const corner = isUpright
      ? open().extract({ left: 0, top: 0, width: 1, height: 1 })
      : open().autoOrient().resize(1, 1);
    const pixel = await keepsMetadata(corner, isRgb).toColourspace(space).png().toBuffer();
    const channels = info.channels === 4 ? 4 : 3;
    const carrier = await keepsMetadata(sharp(pixel, { ignoreIcc: true }), true)
      .boolean(Buffer.alloc((channels * depth) / 8), 'and', {
        raw: { width: 1, height: 1, channels, ...(depth === 16 ? { depth: 'ushort' } : {}) },
      })
      .toColourspace(space)
      .png()
      .toBuffer();
    const pixels = depth === 16 ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
    return { width: info.width, height: info.height, channels, depth, pixels, carrier };
  } catch (cause) {
    throw unreadable(file, 'is damaged or cut off', cause);
  }
}

/**
 * Writes a picture in the format that the file's name says, with the metadata it was read with and a note that it was
 * enhanced. The file appears under its name when it is complete. Throws AfterglowError `output-exists` or
 * `output-invalid`.
 */
export async function writePicture(picture: Picture, file: string, options: WriteOptions): Promise<void> {
  const format = outputFormat(file);
  checkOutput(file, options.overwrite);
  if (format === 'jpeg' && picture.channels === 4) {
    throw new AfterglowError('output-invalid', `${file} cannot be written: JPEG has no transparency`, {
      remedy: 'choose .png, .webp or .tif for the output',
    });
  }
  if (format === 'webp' && Math.max(picture.width, picture.height) > 16383) {
    throw new AfterglowError('output-invalid', `${file} cannot be written: WebP ends at 16383 pixels a side`, {
      remedy: 'choose .jpg, .png or .tif for the output',
    });
  }
  const { width, height, channels, depth, pixels } = picture;
  const keepsDepth = depth === 16 && (format === 'png' || format === 'tiff');
  // The carrier's black pixel, enlarged, brings the metadata; or-ing brings the pixels, bit for bit.
  const image = keepsMetadata(sharp(picture.carrier, { ignoreIcc: true, limitInputPixels: false }), true)
    .resize(width, height, { kernel: 'nearest', fit: 'fill' })
    .boolean(pixels as unknown as Buffer, 'or', { raw: { width, height, channels } })
    .withExifMerge({ IFD0: { Software: options.software } })
    .toColourspace(keepsDepth ? 'rgb16' : 'srgb');
  const { xmp } = await sharp(picture.carrier).metadata();
  // TIFF files are written without EXIF.
  if (format === 'tiff' && xmp === undefined) image.withXmp(xmpNote(options.software));
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.part`);
  makeFolder(path.dirname(file));
  try {
    await encode(image, format, options.quality).toFile(temporary);
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new AfterglowError('output-invalid', `${file} cannot be written`, {
      remedy: "check the folder's permissions and the space on its disk",
      cause,
    });
  }
}

/** Refuses to replace a file unasked. Throws AfterglowError `output-exists`. */
export function checkOutput(file: string, overwrite: boolean): void {
  if (overwrite || !existsSync(file)) return;
  throw new AfterglowError('output-exists', `${file} exists already`, {
    remedy: 'choose another output, or give --overwrite to replace it',
  });
}

function encode(image: Sharp, format: PictureFileFormat, quality: number): Sharp {
  switch (format) {
    case 'jpeg':
      return image.jpeg({ quality, chromaSubsampling: '4:4:4' });
    case 'webp':
      return image.webp({ quality, smartSubsample: true });
    case 'png':
      return image.png();
    case 'tiff':
      return image.tiff({ compression: 'deflate', predictor: 'horizontal' });
  }
}

/** A profile belongs to the pixels as they are; that of another colour space does not. */
function keepsMetadata(image: Sharp, withProfile: boolean): Sharp {
  return withProfile ? image.keepMetadata() : image.keepExif().keepXmp();
}

async function readMetadata(file: string): Promise<Metadata> {
  const stat = existsSync(file) ? statSync(file) : null;
  if (!stat) {
    throw new AfterglowError('input-not-found', `${file} does not exist`, { remedy: 'check the path' });
  }
  if (stat.size === 0) throw unreadable(file, 'is empty', null);
  let metadata: Metadata;
  try {
    metadata = await sharp(file, { limitInputPixels: false }).metadata();
  } catch (cause) {
    throw unreadable(file, `is not a picture that can be read`, cause);
  }
  const { format, width, height, pages = 1, depth } = metadata;
  const unsupported = (what: string, remedy: string): AfterglowError =>
    new AfterglowError('input-unsupported', `${file} ${what}`, { remedy });
  if (!['jpeg', 'png', 'webp', 'tiff'].includes(format)) {
    throw unsupported(`is of the format ${format}, which is not supported`, `convert it to ${FORMATS_IN_WORDS}`);
  }
  if (pages > 1) throw unsupported(`holds ${pages} pictures`, 'take it apart into single pictures');
  if (width * height > MOST_PIXELS) {
    const megapixels = Math.round((width * height) / 1e6);
    throw unsupported(`has ${megapixels} megapixels, more than the limit of 268`, 'scale it down or cut it up');
  }
  if (depth !== 'uchar' && depth !== 'ushort') {
    throw unsupported(`has samples of type ${depth}`, 'convert it to 8 or 16 bits');
  }
  return metadata;
}

function unreadable(file: string, what: string, cause: unknown): AfterglowError {
  return new AfterglowError('input-unreadable', `${file} ${what}`, {
    remedy: `give a ${FORMATS_IN_WORDS} file`,
    cause,
  });
}

function xmpNote(software: string): string {
  const escaped = software.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
  return (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
    `<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="${escaped}"/>` +
    '</rdf:RDF></x:xmpmeta>'
  );
}
