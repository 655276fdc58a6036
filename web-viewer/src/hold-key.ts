import { isForPage } from './shortcuts.js';

/** Down for longer than this, in milliseconds, a key is held and not just pressed. */
const HELD_AFTER = 200;

/** What a key does that can be pressed and held. */
export interface HoldKeyOptions {
  /** The key in lower case. */
  readonly key: string;
  /** Whether it does anything now. */
  readonly isActive: () => boolean;
  /** It is down: it will be pressed or held. */
  readonly down?: () => void;
  /** It is held, ... */
  readonly held: () => void;
  /** ... and let go of. */
  readonly released: () => void;
  /** It has been pressed for a moment. */
  readonly pressed: () => void;
}

/** A key that does one thing while it is held and another when it is pressed. */
export class HoldKey {
  readonly #options: HoldKeyOptions;
  #timer = 0;
  #state: 'up' | 'down' | 'held' = 'up';

  constructor(options: HoldKeyOptions) {
    this.#options = options;
    addEventListener('keydown', (event) => this.#down(event));
    addEventListener('keyup', (event) => {
      if (event.key.toLowerCase() === options.key) this.#up(true);
    });
    // What is let go of in another window is not heard of here.
    addEventListener('blur', () => this.#up(false));
  }

  #down(event: KeyboardEvent): void {
    const { key, isActive, down, held } = this.#options;
    if (event.key.toLowerCase() !== key || !isForPage(event) || !isActive()) return;
    event.preventDefault();
    if (event.repeat || this.#state !== 'up') return;
    this.#state = 'down';
    down?.();
    this.#timer = window.setTimeout(() => {
      this.#state = 'held';
      held();
    }, HELD_AFTER);
  }

  #up(counts: boolean): void {
    clearTimeout(this.#timer);
    const before = this.#state;
    this.#state = 'up';
    if (before === 'held') this.#options.released();
    else if (before === 'down' && counts) this.#options.pressed();
  }
}
