import type { PublishedStatus } from '../../../src/server/published-stream.js';
import { pageElement, writeText } from '../page-element.js';
import type { ShownPicture } from '../stream/shown-picture.js';
import { TEXTS } from '../texts/texts.js';
import { HistogramPlot } from './histogram-plot.js';
import { TimePlot } from './time-plot.js';

/** Plots begin with this height: the network's usual rate. */
const USUAL_RATE = 10;

/** What the figures have been: light of the picture and runs of the network over two minutes, and how bright pixels are. */
export class PlotsPanel {
  readonly #details = pageElement('details', HTMLDetailsElement);
  readonly #histogram = new HistogramPlot();
  readonly #light = new TimePlot(pageElement('light-plot', HTMLCanvasElement), 1);
  readonly #network = new TimePlot(pageElement('network-plot', HTMLCanvasElement), USUAL_RATE);
  readonly #lightNote = pageElement('light-note', HTMLElement);
  readonly #networkNote = pageElement('network-note', HTMLElement);
  readonly #picture: () => ShownPicture | null;

  /** picture: what is on the screen, with both sides where they are at hand. */
  constructor(picture: () => ShownPicture | null) {
    this.#picture = picture;
  }

  /** Takes down a status, and draws while somebody looks. Statuses come twice a second. */
  add({ gate, rates, state }: PublishedStatus): void {
    const now = performance.now();
    const isLive = state.kind === 'live';
    this.#light.add(now, isLive ? gate.luminance : null);
    this.#network.add(now, isLive ? (rates?.networkRate ?? null) : null);
    this.draw();
  }

  /** Another stream is shown. */
  reset(): void {
    this.#light.reset();
    this.#network.reset();
  }

  /** Draws, while the panel is open. */
  draw(): void {
    if (!this.#details.open) return;
    const { plots, unknown } = TEXTS;
    const now = performance.now();
    const [light, network] = [this.#light.extent, this.#network.extent];
    this.#light.draw(now, light ? plots.lightLabel(light.least, light.most, light.now) : plots.nothingYet);
    this.#network.draw(now, network ? plots.networkLabel(network.least, network.most, network.now) : plots.nothingYet);
    writeText(this.#lightNote, light ? plots.percent(light.now) : unknown);
    writeText(this.#networkNote, network ? plots.perSecond(network.now) : unknown);
    this.#histogram.draw(this.#picture());
  }
}
