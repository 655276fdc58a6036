import type { EncoderConfig } from '../config/stream-schema.js';
import type { Rendition } from './stream-messages.js';

/** Bits of a picture's pixel, for `bitrate: auto`: enough for the fine noise of an enhanced night picture. */
const BITS_PER_PIXEL = 0.13;
/** Less than this, in bits a second, blurs even the smallest pictures. */
const LEAST = 400_000;
const LEAST_SMALL = 200_000;
/** Share of a given bit rate that a rendition gets; small pictures need more for each pixel. */
const SHARES: Readonly<Record<Rendition, number>> = { enhanced: 1, compare: 1, small: 0.35 };

/** Bits a second of a rendition of pictures of this size and rate. */
export function bitrateOf(
  rendition: Rendition,
  encoder: EncoderConfig,
  picture: { readonly width: number; readonly height: number },
  frameRate: number,
): number {
  if (encoder.bitrate !== 'auto') return Math.round(encoder.bitrate * 1000 * SHARES[rendition]);
  const pixels = picture.width * picture.height * (rendition === 'compare' ? 2 : 1);
  const auto = Math.round(pixels * Math.min(60, frameRate) * BITS_PER_PIXEL * SHARES[rendition]);
  return Math.max(rendition === 'small' ? LEAST_SMALL : LEAST, auto);
}
