import { PlotCanvas } from './plot-canvas.js';

/** What is remembered, in milliseconds. */
export const SPAN = 120_000;

/** A value at a time; null while it is not known. */
interface Sample {
  readonly at: number;
  readonly value: number | null;
}

/** The last two minutes of one figure. */
export class TimePlot {
  readonly #plot: PlotCanvas;
  readonly #least: number;
  #samples: Sample[] = [];

  /** least: what the plot's height stands for at least; more where the figure is larger. */
  constructor(canvas: HTMLCanvasElement, least: number) {
    this.#plot = new PlotCanvas(canvas);
    this.#least = least;
  }

  /** Takes down a value. */
  add(at: number, value: number | null): void {
    this.#samples.push({ at, value });
    if ((this.#samples[0]?.at ?? at) < at - SPAN) this.#samples = this.#samples.filter((each) => each.at >= at - SPAN);
  }

  /** Forgets all. */
  reset(): void {
    this.#samples = [];
  }

  /** Least, most and newest of the values; null before the first one. */
  get extent(): { readonly least: number; readonly most: number; readonly now: number } | null {
    const values = this.#samples.flatMap(({ value }) => (value === null ? [] : [value]));
    const now = values.at(-1);
    return now === undefined ? null : { least: Math.min(...values), most: Math.max(...values), now };
  }

  /** Draws the line. label: what it shows, in words. */
  draw(now: number, label: string): void {
    this.#plot.label = label;
    const top = Math.max(this.#least, (this.extent?.most ?? 0) * 1.1);
    this.#plot.draw((context, width, height) => {
      context.strokeStyle = this.#plot.colour('--line');
      context.lineWidth = 1;
      for (const share of [0.5, 1]) {
        context.beginPath();
        context.moveTo(0, height * share - 0.5);
        context.lineTo(width, height * share - 0.5);
        context.stroke();
      }
      context.strokeStyle = this.#plot.colour('--accent');
      context.lineWidth = 1.5;
      context.lineJoin = 'round';
      context.beginPath();
      let isDown = false;
      for (const { at, value } of this.#samples) {
        if (value === null) {
          isDown = false;
          continue;
        }
        const [x, y] = [width * (1 - (now - at) / SPAN), height - 1.5 - (value / top) * (height - 3)];
        if (isDown) context.lineTo(x, y);
        else context.moveTo(x, y);
        isDown = true;
      }
      context.stroke();
    });
  }
}
