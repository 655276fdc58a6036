import type { OverlayContent } from './condition.js';
import { pageElement, writeText } from '../page-element.js';
import { TEXTS } from '../texts/texts.js';

/** Says over or below the dimmed last picture what is the matter, what can be done, and when it is tried again. */
export class StateOverlay {
  readonly #box = pageElement('overlay', HTMLElement);
  readonly #title = pageElement('overlay-title', HTMLElement);
  readonly #message = pageElement('overlay-message', HTMLElement);
  readonly #remedy = pageElement('overlay-remedy', HTMLElement);
  readonly #timing = pageElement('overlay-timing', HTMLElement);
  readonly #action = pageElement('overlay-action', HTMLButtonElement);

  /** acted: its button has been pressed. */
  constructor(acted: () => void) {
    this.#action.addEventListener('click', acted);
  }

  /** Shows it, or takes it away. To be called again and again while it counts down. */
  show(content: OverlayContent | null): void {
    this.#box.toggleAttribute('data-shown', content !== null);
    // What is on it stays while it fades.
    if (!content) return;
    this.#box.toggleAttribute('data-busy', content.isBusy);
    this.#box.toggleAttribute('data-aside', content.isAside ?? false);
    writeText(this.#title, content.title);
    writeText(this.#message, content.message);
    writeText(this.#remedy, content.remedy ?? '');
    writeText(this.#timing, timingOf(content));
    writeText(this.#action, content.action ?? '');
    this.#action.hidden = content.action === undefined;
  }
}

function timingOf({ retryAt, since }: OverlayContent): string {
  const parts: string[] = [];
  if (retryAt !== undefined) parts.push(TEXTS.overlay.retry(Math.ceil((retryAt - performance.now()) / 1000)));
  if (since !== undefined) parts.push(TEXTS.overlay.since(new Date(since)));
  return parts.join(' · ');
}
