import { AV_PKT_DATA_DISPLAYMATRIX } from 'node-av/constants';
import type { Stream } from 'node-av/lib';

/** A turn clockwise that brings a recorded picture upright. */
export type Rotation = 0 | 90 | 180 | 270;

/** How a stream's pictures must be turned, from its display matrix (nine 32-bit numbers, 16.16 fixed point). */
export function rotationOf(stream: Stream): Rotation {
  const matrix = stream.codecpar.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX);
  if (!matrix || matrix.length < 36) return 0;
  // The first row's two coefficients are cosine and sine of the turn.
  const [cosine, sine] = [matrix.readInt32LE(0) / 65536, matrix.readInt32LE(4) / 65536];
  const degrees = (Math.atan2(sine, cosine) * 180) / Math.PI;
  const quarter = ((Math.round(degrees / 90) % 4) + 4) % 4;
  return (quarter * 90) as Rotation;
}
