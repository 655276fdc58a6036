import { pageElement } from './page-element.js';

/** Says to screen readers what has changed, once, when they are done with what they are saying. */
export class Announcer {
  readonly #element = pageElement('announcer', HTMLElement);
  #last = '';

  /** Says a sentence unless it is the one that was said last. */
  say(text: string): void {
    if (text === this.#last) return;
    this.#last = text;
    this.#element.textContent = text;
  }
}
