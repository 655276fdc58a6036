import {
  AVCOL_PRI_BT2020,
  AVCOL_PRI_BT709,
  AVCOL_PRI_SMPTE170M,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT2020_NCL,
  AVCOL_SPC_BT709,
  AVCOL_SPC_SMPTE170M,
  AVCOL_TRC_BT2020_10,
  AVCOL_TRC_BT709,
  AVCOL_TRC_SMPTE170M,
} from 'node-av/constants';
import type { ColourMatrix, PictureFormat } from '../frames/picture-format.js';

/** Names of the scale filter for matrices. */
export const MATRIX_NAMES: Record<ColourMatrix, string> = { bt601: 'smpte170m', bt709: 'bt709', bt2020: 'bt2020' };

/** FFmpeg's number of a matrix. */
export function avColourSpace(matrix: ColourMatrix) {
  return matrix === 'bt601' ? AVCOL_SPC_SMPTE170M : matrix === 'bt709' ? AVCOL_SPC_BT709 : AVCOL_SPC_BT2020_NCL;
}

/** FFmpeg's number of a range. */
export function avColourRange(range: PictureFormat['range']) {
  return range === 'full' ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
}

/** FFmpeg's numbers of the primaries and the transfer curve that go with a matrix. */
export function avPrimaries(matrix: ColourMatrix) {
  switch (matrix) {
    case 'bt601':
      return { colorPrimaries: AVCOL_PRI_SMPTE170M, colorTrc: AVCOL_TRC_SMPTE170M };
    case 'bt709':
      return { colorPrimaries: AVCOL_PRI_BT709, colorTrc: AVCOL_TRC_BT709 };
    case 'bt2020':
      return { colorPrimaries: AVCOL_PRI_BT2020, colorTrc: AVCOL_TRC_BT2020_10 };
  }
}
