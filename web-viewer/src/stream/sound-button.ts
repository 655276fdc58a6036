import { pageElement } from '../page-element.js';
import { TEXTS } from '../texts/texts.js';

/** Turns sound on and off. Pages may not make sound unasked, so it begins with off. */
export class SoundButton {
  readonly #button = pageElement('sound', HTMLButtonElement);
  #isMuted = true;
  #hasSound = false;

  /** toggled: it has been pressed. */
  constructor(toggled: () => void) {
    this.#button.addEventListener('click', toggled);
    this.#paint();
  }

  /** Shows whether there is sound and whether it is on. */
  show(hasSound: boolean, isMuted: boolean): void {
    if (hasSound === this.#hasSound && isMuted === this.#isMuted) return;
    this.#hasSound = hasSound;
    this.#isMuted = isMuted;
    this.#paint();
  }

  #paint(): void {
    const { buttons } = TEXTS;
    const title = !this.#hasSound ? buttons.noSound : this.#isMuted ? buttons.unmute : buttons.mute;
    this.#button.disabled = !this.#hasSound;
    this.#button.title = title;
    this.#button.setAttribute('aria-label', title);
    this.#button.toggleAttribute('data-on', this.#hasSound && !this.#isMuted);
  }
}
