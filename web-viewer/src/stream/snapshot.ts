import { saveFile } from '../save-file.js';
import { TEXTS } from '../texts/texts.js';

/** Offers the picture on the screen as a PNG file for saving; false when there is none. */
export async function saveSnapshot(source: HTMLVideoElement | HTMLCanvasElement, stream: string): Promise<boolean> {
  const blob = await pngOf(source);
  if (!blob) return false;
  const address = URL.createObjectURL(blob);
  saveFile(address, TEXTS.snapshot.fileName(stream, new Date()));
  // The browser has read it by then.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
  return true;
}

function pngOf(source: HTMLVideoElement | HTMLCanvasElement): Promise<Blob | null> {
  if (source instanceof HTMLCanvasElement) return blobOf(source);
  if (source.videoWidth === 0) return Promise.resolve(null);
  const canvas = document.createElement('canvas');
  canvas.width = source.videoWidth;
  canvas.height = source.videoHeight;
  canvas.getContext('2d', { alpha: false })?.drawImage(source, 0, 0);
  return blobOf(canvas);
}

function blobOf(canvas: HTMLCanvasElement): Promise<Blob | null> {
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}
