/** A small canvas that is sharp on every screen and takes its colours from the page's style. */
export class PlotCanvas {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
  }

  /** What it shows, in words. */
  set label(text: string) {
    if (this.#canvas.getAttribute('aria-label') !== text) this.#canvas.setAttribute('aria-label', text);
  }

  /** Begins a drawing: calls back with the context and its size in CSS pixels, unless there is no room. */
  draw(paint: (context: CanvasRenderingContext2D, width: number, height: number) => void): void {
    const { clientWidth, clientHeight } = this.#canvas;
    if (!this.#context || clientWidth === 0 || clientHeight === 0) return;
    const ratio = devicePixelRatio;
    const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)];
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      [this.#canvas.width, this.#canvas.height] = [width, height];
    }
    this.#context.setTransform(width / clientWidth, 0, 0, height / clientHeight, 0, 0);
    this.#context.clearRect(0, 0, clientWidth, clientHeight);
    paint(this.#context, clientWidth, clientHeight);
  }

  /** A colour of the page, by the name of its custom property. */
  colour(name: string): string {
    return getComputedStyle(this.#canvas).getPropertyValue(name).trim();
  }
}
