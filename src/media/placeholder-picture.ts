import { createRequire } from 'node:module';
import { Frame, Rational } from 'node-av/lib';
import { LIVE_CLOCK } from '../frames/timeline.js';
import { lumaLimits, planeLayout, type PictureFormat } from '../frames/picture-format.js';
import { ownPicture } from './own-picture.js';
import { PictureFilter } from './picture-filter.js';
import type { PictureSource } from './picture-source.js';

/** How much of the picture's light and colour is left under the text. */
const DIMMED_LUMA = 0.35;
const DIMMED_CHROMA = 0.5;
/** Height of the letters, as a share of the picture's height, and at least so many pixels. */
const LETTERS = 1 / 16;
const SMALLEST_LETTERS = 12;
/** Luma where there is no picture to be dimmed, 0..1. */
const EMPTY = 0.08;

const FONT = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');

/**
 * What viewers see while there is no picture: the last one, dimmed, with a line of text in its middle. Drawn once for
 * each text; then it is encoded as often as is needed.
 */
export class PlaceholderPicture {
  readonly #format: PictureFormat;
  readonly #drawn = new Frame();
  #text = '';

  constructor(format: PictureFormat) {
    this.#format = format;
    this.#drawn.alloc();
  }

  /** The picture with this text, for the encoder; valid until the next call. last: the picture under it, if any. */
  draw(last: Frame | null, text: string): Frame {
    if (text !== this.#text) {
      this.#text = text;
      this.#render(last ?? emptyPicture(this.#format), text);
    }
    return this.#drawn;
  }

  close(): void {
    this.#drawn.free();
  }

  #render(picture: Frame, text: string): void {
    const { width, height, matrix, range } = this.#format;
    const source: PictureSource = {
      width,
      height,
      matrix,
      range,
      pixelFormat: 'yuv420p',
      isI420: true,
      interlaced: false,
      pixelAspect: 1,
    };
    const { black } = lumaLimits(range);
    // Long lines must fit: a letter is about 0.6 of its height wide.
    const size = Math.max(
      SMALLEST_LETTERS,
      Math.round(Math.min(height * LETTERS, (width * 0.9) / (0.6 * text.length))),
    );
    const chroma = `128+(val-128)*${DIMMED_CHROMA}`;
    const dim = `lutyuv=y=${black}+(val-${black})*${DIMMED_LUMA}:u=${chroma}:v=${chroma}`;
    const letters = [
      `fontfile=${escaped(FONT)}`,
      `text=${escaped(text)}`,
      'expansion=none',
      `fontsize=${size}`,
      'fontcolor=white',
      'borderw=2',
      'bordercolor=black@0.6',
      'x=(w-text_w)/2',
      'y=(h-text_h)/2',
    ].join(':');
    const filter = new PictureFilter(
      source,
      `${dim},drawtext=${letters},format=pix_fmts=yuv420p`,
      new Rational(1, LIVE_CLOCK),
    );
    try {
      // The filter must not take over a frame that belongs to a ring's slot.
      const copy = new Frame();
      copy.alloc();
      copy.ref(picture);
      copy.pts = 0n;
      filter.add(copy);
      copy.free();
      this.#drawn.unref();
      if (!filter.take(this.#drawn)) throw new Error('the filter gave no picture');
    } finally {
      filter.close();
    }
  }
}

/** A value as filter options take it: every character that means something to them stands for itself. */
function escaped(value: string): string {
  // Once for the option and once for the graph, as FFmpeg reads it twice.
  const option = value.replace(/[\\':%]/g, (character) => `\\${character}`);
  return option.replace(/[\\'[\],;]/g, (character) => `\\${character}`);
}

function emptyPicture(format: PictureFormat): Frame {
  const { lumaBytes } = planeLayout(format.width, format.height);
  const { black, white } = lumaLimits(format.range);
  const { frame, bytes } = ownPicture(format);
  bytes.fill(black + ((white - black) * EMPTY) / DIMMED_LUMA, 0, lumaBytes).fill(128, lumaBytes);
  return frame;
}
