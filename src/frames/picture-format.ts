/** Coefficients between Y'CbCr and R'G'B' that a picture is coded with. */
export type ColourMatrix = 'bt601' | 'bt709' | 'bt2020';

/** Whether black and white are the code values 16 and 235 (limited) or 0 and 255 (full). */
export type ColourRange = 'limited' | 'full';

/** Size and colour of the pictures in a ring. Width and height are even, in square pixels. */
export interface PictureFormat {
  readonly width: number;
  readonly height: number;
  readonly matrix: ColourMatrix;
  readonly range: ColourRange;
}

/** Where the planes of one I420 picture begin, in bytes from the picture's start; rows follow each other closely. */
export interface PlaneLayout {
  readonly lumaBytes: number;
  readonly chromaWidth: number;
  readonly chromaHeight: number;
  readonly uOffset: number;
  readonly vOffset: number;
  readonly bytes: number;
}

/** Layout of an I420 picture of this size: Y, then U, then V, each without padding. */
export function planeLayout(width: number, height: number): PlaneLayout {
  const lumaBytes = width * height;
  const chromaWidth = Math.ceil(width / 2);
  const chromaHeight = Math.ceil(height / 2);
  const chromaBytes = chromaWidth * chromaHeight;
  return {
    lumaBytes,
    chromaWidth,
    chromaHeight,
    uOffset: lumaBytes,
    vOffset: lumaBytes + chromaBytes,
    bytes: lumaBytes + 2 * chromaBytes,
  };
}

/** Black and white luma code values of a range. */
export function lumaLimits(range: ColourRange): { readonly black: number; readonly white: number } {
  return range === 'full' ? { black: 0, white: 255 } : { black: 16, white: 235 };
}

/** Coefficients of a matrix and range, named as the colour kernels take them. */
export interface ColourCoefficients {
  readonly black: number;
  readonly lumaScale: number;
  readonly chromaScale: number;
  readonly redWeight: number;
  readonly blueWeight: number;
  readonly redFromV: number;
  readonly greenFromU: number;
  readonly greenFromV: number;
  readonly blueFromU: number;
}

/** Luma weights of red and blue (ITU-R BT.601-7, BT.709-6, BT.2020-2 non-constant luminance). */
const LUMA_WEIGHTS: Record<ColourMatrix, readonly [red: number, blue: number]> = {
  bt601: [0.299, 0.114],
  bt709: [0.2126, 0.0722],
  bt2020: [0.2627, 0.0593],
};

/**
 * Coefficients such that, with yn = (y - black) * lumaScale and un = (u - 128) * chromaScale,
 * r = yn + redFromV vn, g = yn + greenFromU un + greenFromV vn, b = yn + blueFromU un, all of them 0..1.
 */
export function colourCoefficients(matrix: ColourMatrix, range: ColourRange): ColourCoefficients {
  const [red, blue] = LUMA_WEIGHTS[matrix];
  const green = 1 - red - blue;
  const { black, white } = lumaLimits(range);
  const redFromV = 2 * (1 - red);
  const blueFromU = 2 * (1 - blue);
  return {
    black,
    lumaScale: 1 / (white - black),
    chromaScale: range === 'full' ? 1 / 255 : 1 / 224,
    redWeight: red,
    blueWeight: blue,
    redFromV,
    greenFromU: (-blue * blueFromU) / green,
    greenFromV: (-red * redFromV) / green,
    blueFromU,
  };
}

const MATRIX_CODES = ['bt601', 'bt709', 'bt2020'] as const satisfies readonly ColourMatrix[];

/** A matrix as the number a ring slot stores. */
export function matrixToCode(matrix: ColourMatrix): number {
  return MATRIX_CODES.indexOf(matrix);
}

/** The matrix that a ring slot's number stands for. */
export function matrixFromCode(code: number): ColourMatrix {
  return MATRIX_CODES[code] ?? 'bt709';
}
