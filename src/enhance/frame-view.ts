import { planeLayout, type ColourMatrix, type ColourRange } from '../frames/picture-format.js';

/** An I420 picture in shared memory, by address. Width and height are even. */
export interface FrameView {
  readonly width: number;
  readonly height: number;
  readonly y: number;
  readonly u: number;
  readonly v: number;
  readonly lumaStride: number;
  readonly chromaStride: number;
}

/** How a picture's code values are to be read. */
export interface FrameColour {
  readonly matrix: ColourMatrix;
  readonly range: ColourRange;
}

/** The picture that begins at an address, its planes following each other without padding. */
export function frameAt(address: number, width: number, height: number): FrameView {
  const layout = planeLayout(width, height);
  return {
    width,
    height,
    y: address,
    u: address + layout.uOffset,
    v: address + layout.vOffset,
    lumaStride: width,
    chromaStride: layout.chromaWidth,
  };
}

/** Copies a picture's planes to another of the same size. bytes: the memory that holds both. */
export function copyFrame(bytes: Uint8Array, from: FrameView, to: FrameView): void {
  const plane = (
    src: number,
    srcStride: number,
    dst: number,
    dstStride: number,
    width: number,
    height: number,
  ): void => {
    if (srcStride === width && dstStride === width) {
      bytes.copyWithin(dst, src, src + width * height);
      return;
    }
    for (let y = 0; y < height; y++) {
      bytes.copyWithin(dst + y * dstStride, src + y * srcStride, src + y * srcStride + width);
    }
  };
  plane(from.y, from.lumaStride, to.y, to.lumaStride, from.width, from.height);
  plane(from.u, from.chromaStride, to.u, to.chromaStride, from.width / 2, from.height / 2);
  plane(from.v, from.chromaStride, to.v, to.chromaStride, from.width / 2, from.height / 2);
}
