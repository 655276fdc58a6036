import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { PictureFormat } from '../frames/picture-format.js';
import { PLAYLIST } from '../media/hls-muxer.js';
import { lastPictureOf, type StoredPicture } from '../media/last-picture.js';

/** What is shown while there has been no picture yet. */
export interface Standby {
  readonly format: PictureFormat;
  readonly lastPicture: StoredPicture | null;
  /** When the picture was taken, in milliseconds since 1970; null without one. */
  readonly taken: number | null;
}

/** Whether a process before this one has left something to be shown: viewers may be waiting. */
export function hasStandby(hlsFolder: string): boolean {
  return existsSync(path.join(hlsFolder, 'enhanced', PLAYLIST));
}

/** The last picture that a process before this one left in the stream's HLS folder; null if there is none. */
export function standbyFrom(hlsFolder: string): Standby | null {
  const folder = path.join(hlsFolder, 'enhanced');
  const lastPicture = lastPictureOf(folder);
  if (!lastPicture) return null;
  return { format: lastPicture.format, lastPicture, taken: statSync(path.join(folder, PLAYLIST)).mtimeMs };
}

/** A grey of a common size, for a camera that has never been there. */
export function emptyStandby(): Standby {
  const format: PictureFormat = { width: 1280, height: 720, matrix: 'bt709', range: 'limited' };
  return { format, lastPicture: null, taken: null };
}
