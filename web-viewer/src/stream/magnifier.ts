import { pageElement } from '../page-element.js';
import { TEXTS } from '../texts/texts.js';
import type { PicturePart, ShownPicture } from './shown-picture.js';

/** Width and height of one glass, in CSS pixels; narrower where two do not fit. */
const GLASS = 232;
/** From the pointer to the glass, in CSS pixels. */
const DISTANCE = 26;
/** Shown at this many device pixels for one of the source or more, a picture is seen as it is: the lens then enlarges. */
const NEARLY_WHOLE = 0.8;

/** How many device pixels the lens shows a pixel of the source at: one, where the picture itself shows less. */
export function lensScale(shownScale: number): number {
  return shownScale < NEARLY_WHOLE ? 1 : Math.ceil(shownScale) + 1;
}

/** What the lens is made with. */
export interface MagnifierOptions {
  /** The picture's box. */
  readonly frame: HTMLElement;
  readonly picture: () => ShownPicture | null;
}

/** A lens under the pointer that shows every pixel of the source: of both sides, while they are compared. */
export class Magnifier {
  readonly #options: MagnifierOptions;
  readonly #lens = pageElement('lens', HTMLElement);
  readonly #canvas = pageElement('lens-picture', HTMLCanvasElement);
  readonly #button = pageElement('magnify', HTMLButtonElement);
  /** Where the pointer is, as shares of the picture. */
  #at = { x: 0.5, y: 0.5 };
  #isOn = false;
  #handle = 0;

  constructor(options: MagnifierOptions) {
    this.#options = options;
    this.#button.addEventListener('click', () => this.toggle());
    for (const type of ['pointermove', 'pointerdown'] as const) {
      options.frame.addEventListener(type, (event) => this.#follow(event));
    }
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  toggle(): void {
    this.set(!this.#isOn);
  }

  /** Takes it out, or away. */
  set(isOn: boolean): void {
    if (isOn === this.#isOn) return;
    this.#isOn = isOn;
    this.#lens.hidden = !isOn;
    this.#options.frame.toggleAttribute('data-magnifying', isOn);
    this.#button.setAttribute('aria-pressed', String(isOn));
    cancelAnimationFrame(this.#handle);
    if (isOn) this.#draw();
  }

  #follow({ clientX, clientY }: PointerEvent): void {
    const box = this.#options.frame.getBoundingClientRect();
    const share = (at: number, from: number, size: number): number => Math.min(1, Math.max(0, (at - from) / size));
    this.#at = { x: share(clientX, box.left, box.width), y: share(clientY, box.top, box.height) };
  }

  #draw(): void {
    this.#handle = requestAnimationFrame(() => this.#draw());
    const picture = this.#options.picture();
    this.#lens.toggleAttribute('data-empty', !picture);
    if (!picture) return;
    const { frame } = this.#options;
    const sides = picture.original ? [picture.original, picture.enhanced] : [picture.enhanced];
    const glass = Math.min(GLASS, Math.floor((frame.clientWidth - 8) / sides.length), frame.clientHeight - 8);
    const ratio = devicePixelRatio;
    const [width, height] = [Math.round(glass * sides.length * ratio), Math.round(glass * ratio)];
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      [this.#canvas.width, this.#canvas.height] = [width, height];
      this.#lens.style.width = `${glass * sides.length}px`;
      this.#lens.style.height = `${glass}px`;
    }
    this.#lens.toggleAttribute('data-double', sides.length > 1);
    this.#place(glass * sides.length, glass);
    const context = this.#canvas.getContext('2d', { alpha: false });
    if (!context) return;
    const scale = lensScale((frame.clientWidth * ratio) / picture.enhanced.width);
    context.imageSmoothingEnabled = false;
    context.fillStyle = '#000';
    context.fillRect(0, 0, width, height);
    for (const [index, side] of sides.entries()) {
      const left = Math.round((index * width) / sides.length);
      this.#drawSide(context, side, scale, left, Math.round(width / sides.length), height);
    }
    const title = TEXTS.magnifier.label(scale);
    if (this.#canvas.getAttribute('aria-label') !== title) this.#canvas.setAttribute('aria-label', title);
  }

  /** Draws what lies around the pointer; beyond the picture's edge is black. */
  #drawSide(
    context: CanvasRenderingContext2D,
    { image, x, width: whole, height: tall }: PicturePart,
    scale: number,
    left: number,
    width: number,
    height: number,
  ): void {
    const [seenWidth, seenHeight] = [width / scale, height / scale];
    const fromX = Math.round(this.#at.x * whole - seenWidth / 2);
    const fromY = Math.round(this.#at.y * tall - seenHeight / 2);
    const [firstX, firstY] = [Math.max(0, fromX), Math.max(0, fromY)];
    const columns = Math.min(whole, fromX + seenWidth) - firstX;
    const rows = Math.min(tall, fromY + seenHeight) - firstY;
    if (columns <= 0 || rows <= 0) return;
    const [toX, toY] = [left + (firstX - fromX) * scale, (firstY - fromY) * scale];
    context.drawImage(image, x + firstX, firstY, columns, rows, toX, toY, columns * scale, rows * scale);
  }

  /** Above the pointer, where a finger does not hide it; below where there is no room above. */
  #place(width: number, height: number): void {
    const { clientWidth, clientHeight } = this.#options.frame;
    const [x, y] = [this.#at.x * clientWidth, this.#at.y * clientHeight];
    const left = Math.min(Math.max(4, x - width / 2), Math.max(4, clientWidth - width - 4));
    const above = y - DISTANCE - height;
    const below = Math.min(y + DISTANCE, clientHeight - height - 4);
    this.#lens.style.transform = `translate(${Math.round(left)}px, ${Math.round(above >= 4 ? above : Math.max(4, below))}px)`;
  }
}
