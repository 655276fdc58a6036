import type { Frame } from 'node-av/lib';
import { planeLayout, type PictureFormat } from '../frames/picture-format.js';
import { frameOver } from './video-encoder.js';

/** Size of a WebAssembly page. */
const PAGE = 65536;

/** One I420 picture in memory of its own, as bytes and as a frame over them. The frame is the caller's to free. */
export function ownPicture(format: PictureFormat): { readonly frame: Frame; readonly bytes: Uint8Array } {
  const { bytes } = planeLayout(format.width, format.height);
  const pages = Math.ceil(bytes / PAGE);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  return { frame: frameOver(memory, 0, format), bytes: new Uint8Array(memory.buffer, 0, bytes) };
}
