import { pageElement } from '../page-element.js';
import { TEXTS } from '../texts/texts.js';
import { copyPart, type PicturePart } from './shown-picture.js';

/** A picture that stands still for being looked at, while the stream goes on behind it. */
export class FrozenPicture {
  readonly #canvas = pageElement('frozen', HTMLCanvasElement);
  readonly #badge = pageElement('frozen-badge', HTMLElement);
  readonly #button = pageElement('freeze', HTMLButtonElement);
  #since: Date | null = null;

  /** toggled: its button has been pressed. */
  constructor(toggled: () => void) {
    this.#button.addEventListener('click', toggled);
    this.#paint();
  }

  /** Since when it is frozen; null while it is not. */
  get since(): Date | null {
    return this.#since;
  }

  /** The frozen picture, for drawing. */
  get part(): PicturePart | null {
    const { width, height } = this.#canvas;
    return this.#since ? { image: this.#canvas, x: 0, width, height } : null;
  }

  /** Holds a picture, in place of the one that is held if there is one. */
  freeze(picture: PicturePart): void {
    copyPart(picture, this.#canvas);
    this.#since = new Date();
    this.#paint();
  }

  /** Lets go of it. */
  thaw(): void {
    if (!this.#since) return;
    this.#since = null;
    this.#canvas.width = this.#canvas.height = 0;
    this.#paint();
  }

  #paint(): void {
    const { buttons, frozen } = TEXTS;
    this.#canvas.hidden = this.#badge.hidden = this.#since === null;
    this.#badge.textContent = this.#since ? frozen.badge(this.#since) : '';
    const title = this.#since ? buttons.thaw : buttons.freeze;
    this.#button.title = title;
    this.#button.setAttribute('aria-label', title);
    this.#button.toggleAttribute('data-on', this.#since !== null);
  }
}
