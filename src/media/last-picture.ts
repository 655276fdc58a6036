import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { Packet } from 'node-av/lib';
import type { PictureFormat } from '../frames/picture-format.js';
import { Demuxer } from './demuxer.js';
import { FrameConformer } from './frame-conformer.js';
import { ownPicture } from './own-picture.js';
import { VideoDecoder } from './video-decoder.js';

/** A picture with its format, I420. */
export interface StoredPicture {
  readonly format: PictureFormat;
  readonly bytes: Uint8Array;
}

/** Segments that are tried, the newest first: the very last one may have been cut short. */
const TRIED = 3;

/**
 * The last picture of a stream's HLS folder, or null where there is none: what a process that was ended left for its
 * successor to show.
 */
export function lastPictureOf(folder: string): StoredPicture | null {
  for (const file of newestSegments(folder)) {
    try {
      const picture = lastPicture(file);
      if (picture) return picture;
    } catch {
      // Cut short; the one before it serves.
    }
  }
  return null;
}

function newestSegments(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => path.join(folder, name))
      .map((file) => ({ file, time: statSync(file).mtimeMs }))
      .sort((a, b) => b.time - a.time)
      .slice(0, TRIED)
      .map(({ file }) => file);
  } catch {
    return [];
  }
}

function lastPicture(file: string): StoredPicture | null {
  const demuxer = Demuxer.open({ kind: 'file', path: file });
  const decoder = new VideoDecoder(demuxer.video);
  const packet = new Packet();
  packet.alloc();
  let conformer: FrameConformer | null = null;
  let target: ReturnType<typeof ownPicture> | null = null;
  const takeAll = (): void => {
    for (let frame = decoder.receive(); frame; frame = decoder.receive()) {
      conformer ??= new FrameConformer(frame, demuxer.video, Infinity);
      target ??= ownPicture(conformer.format);
      conformer.add(frame);
      while (conformer.take(target.frame) !== null);
    }
  };
  try {
    for (;;) {
      const read = demuxer.read(packet);
      if (read === 'end' || read === 'lost') break;
      if (read === 'video') {
        decoder.send(packet);
        takeAll();
      }
      packet.unref();
    }
    decoder.send(null);
    takeAll();
    const found = conformer as FrameConformer | null;
    const picture = target as ReturnType<typeof ownPicture> | null;
    return found && picture ? { format: found.format, bytes: Uint8Array.from(picture.bytes) } : null;
  } finally {
    (target as ReturnType<typeof ownPicture> | null)?.frame.free();
    (conformer as FrameConformer | null)?.close();
    packet.free();
    decoder.close();
    demuxer.close();
  }
}
