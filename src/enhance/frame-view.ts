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
