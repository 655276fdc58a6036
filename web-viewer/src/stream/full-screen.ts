import { pageElement } from '../page-element.js';
import { TEXTS } from '../texts/texts.js';

/** The controls go away when nothing has moved for this long, in milliseconds. */
const IDLE_AFTER = 2800;

/** iPhones know full screen for videos alone, under a name of their own. */
type IphoneVideo = HTMLVideoElement & { webkitEnterFullscreen?: () => void };

/** Full screen for the picture with its controls. */
export class FullScreen {
  readonly #theatre = pageElement('theatre', HTMLElement);
  readonly #button = pageElement('full-screen', HTMLButtonElement);
  readonly #video: () => HTMLVideoElement | null;
  #idleTimer = 0;

  /** video: the one on the screen, for browsers that can show nothing else in full. */
  constructor(video: () => HTMLVideoElement | null) {
    this.#video = video;
    this.#button.addEventListener('click', () => this.toggle());
    document.addEventListener('fullscreenchange', () => this.#changed());
    for (const type of ['pointermove', 'pointerdown', 'keydown', 'focusin'] as const) {
      this.#theatre.addEventListener(type, () => this.#wake());
    }
    this.#changed();
  }

  /** Enters or leaves it. */
  toggle(): void {
    if (document.fullscreenElement) {
      void document.exitFullscreen();
    } else if ('requestFullscreen' in this.#theatre) {
      this.#theatre.requestFullscreen().catch(() => undefined);
    } else {
      const video: IphoneVideo | null = this.#video();
      video?.webkitEnterFullscreen?.();
    }
  }

  #changed(): void {
    const isFull = document.fullscreenElement !== null;
    const title = isFull ? TEXTS.buttons.leaveFullScreen : TEXTS.buttons.fullScreenTitle;
    this.#button.title = title;
    this.#button.setAttribute('aria-label', title);
    this.#button.toggleAttribute('data-on', isFull);
    this.#wake();
  }

  #wake(): void {
    clearTimeout(this.#idleTimer);
    this.#theatre.toggleAttribute('data-idle', false);
    if (!document.fullscreenElement) return;
    this.#idleTimer = window.setTimeout(() => this.#theatre.toggleAttribute('data-idle', true), IDLE_AFTER);
  }
}
