/** A part of an image: one side of the comparison, or all of a video. */
export interface PicturePart {
  readonly image: HTMLVideoElement | HTMLCanvasElement;
  /** Where it begins in the image, in pixels. */
  readonly x: number;
  readonly width: number;
  readonly height: number;
}

/** What is on the screen: the enhanced picture, with the original of the same instant while both are shown. */
export interface ShownPicture {
  readonly enhanced: PicturePart;
  readonly original: PicturePart | null;
}

/** Draws a part of an image over all of a canvas, which takes its size. */
export function copyPart({ image, x, width, height }: PicturePart, canvas: HTMLCanvasElement): void {
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  canvas.getContext('2d', { alpha: false })?.drawImage(image, x, 0, width, height, 0, 0, width, height);
}
