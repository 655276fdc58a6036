import { Frame, Rational } from 'node-av/lib';
import type { PictureFormat } from '../src/frames/picture-format.js';
import { SharedArena } from '../src/frames/shared-arena.js';
import { PictureFilter } from '../src/media/picture-filter.js';
import { frameOver } from '../src/media/video-encoder.js';
import { decodeAll } from './bench-clip.js';

/** The first pictures of a clip as I420 without padding. */
export function readPictures(file: string, count: number): { pictures: Uint8Array[]; format: PictureFormat } {
  const pictures: Uint8Array[] = [];
  let [width, height] = [0, 0];
  decodeAll(file, (frame) => {
    [width, height] = [frame.width, frame.height];
    if (pictures.length < count) pictures.push(new Uint8Array(frame.toBuffer()));
  });
  return { pictures, format: { width, height, matrix: 'bt709', range: 'limited' } };
}

/**
 * I420 pictures brought through a chain of FFmpeg's filters. Those that a filter over time gives nothing for, at both
 * ends, come back as they were.
 */
export function filterPictures(pictures: readonly Uint8Array[], format: PictureFormat, chain: string): Uint8Array[] {
  const { width, height } = format;
  const bytes = (width * height * 3) / 2;
  const arena = SharedArena.create(pictures.length * (bytes + 64));
  const source = { ...format, pixelFormat: 'yuv420p', isI420: true, interlaced: false, pixelAspect: 1 };
  const filter = new PictureFilter(source, chain, new Rational(1, 24));
  const taken: Uint8Array[] = [];
  const out = new Frame();
  out.alloc();
  const drain = (): void => {
    while (filter.take(out)) {
      taken.push(new Uint8Array(out.toBuffer()));
      out.unref();
    }
  };
  pictures.forEach((picture, i) => {
    const address = arena.allocate(bytes);
    arena.bytes(address, bytes).set(picture);
    const frame = frameOver(arena.memory, address, format);
    frame.pts = BigInt(i);
    filter.add(frame);
    drain();
  });
  filter.add(null);
  drain();
  filter.close();
  const lead = (pictures.length - taken.length) / 2;
  return pictures.map((picture, i) => taken[i - lead] ?? picture);
}
