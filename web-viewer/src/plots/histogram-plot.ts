import { pageElement } from '../page-element.js';
import type { PicturePart, ShownPicture } from '../stream/shown-picture.js';
import { TEXTS } from '../texts/texts.js';
import { BINS, lumaHistogram, type LumaHistogram } from './luma-histogram.js';
import { PlotCanvas } from './plot-canvas.js';

/** The picture is counted at this size: enough for its shape, and cheap. */
const WIDTH = 128;
const HEIGHT = 72;

/** How bright the pixels are: of the enhanced picture, and of the original while it is at hand. */
export class HistogramPlot {
  readonly #plot = new PlotCanvas(pageElement('histogram', HTMLCanvasElement));
  readonly #legend = pageElement('histogram-legend', HTMLElement);
  readonly #small = document.createElement('canvas');
  readonly #context: CanvasRenderingContext2D | null;

  constructor() {
    [this.#small.width, this.#small.height] = [WIDTH, HEIGHT];
    this.#context = this.#small.getContext('2d', { alpha: false, willReadFrequently: true });
  }

  /** Counts a picture and draws what came of it. */
  draw(picture: ShownPicture | null): void {
    const enhanced = picture && this.#count(picture.enhanced);
    const original = picture?.original ? this.#count(picture.original) : null;
    const { plots } = TEXTS;
    const label = enhanced ? plots.histogramLabel(enhanced, original) : plots.noPicture;
    this.#plot.label = label;
    if (this.#legend.textContent !== label) this.#legend.textContent = label;
    this.#plot.draw((context, width, height) => {
      // What stands out of all proportion, as black does at night, is cut, so that the rest can be seen.
      const most = Math.max(0.02, ...[enhanced, original].flatMap((each) => (each ? secondLargest(each.shares) : [])));
      if (original) this.#fill(context, original, '--quiet', width, height, most);
      if (enhanced) this.#fill(context, enhanced, '--accent', width, height, most);
    });
  }

  #count({ image, x, width, height }: PicturePart): LumaHistogram | null {
    if (!this.#context) return null;
    this.#context.drawImage(image, x, 0, width, height, 0, 0, WIDTH, HEIGHT);
    return lumaHistogram(this.#context.getImageData(0, 0, WIDTH, HEIGHT).data, WIDTH, 0, WIDTH);
  }

  #fill(
    context: CanvasRenderingContext2D,
    { shares }: LumaHistogram,
    colour: string,
    width: number,
    height: number,
    most: number,
  ): void {
    context.beginPath();
    context.moveTo(0, height);
    for (const [bin, share] of shares.entries()) {
      const y = height - Math.min(1, share / most) * (height - 2);
      context.lineTo((bin / BINS) * width, y);
      context.lineTo(((bin + 1) / BINS) * width, y);
    }
    context.lineTo(width, height);
    context.closePath();
    context.fillStyle = context.strokeStyle = this.#plot.colour(colour);
    context.globalAlpha = 0.32;
    context.fill();
    context.globalAlpha = 1;
    context.lineWidth = 1.25;
    context.stroke();
  }
}

function secondLargest(shares: readonly number[]): number {
  return [...shares].sort((one, other) => other - one)[1] ?? 0;
}
