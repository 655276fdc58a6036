import { TEXTS } from '../texts/texts.js';

/** Nearer to the edge than this share of the picture, the divider counts as put away. */
const EDGE = 0.02;
/** Where it is while it is held at the edge. */
const HELD_AT_EDGE = 0.004;
/** Where the divider goes when the comparison is begun without saying where. */
const MIDDLE = 0.5;
/** Steps of the keys, as shares of the picture. */
const STEP = 0.02;
const LARGE_STEP = 0.1;
/** A press that moves less than this, in CSS pixels, is a press and not a drag. */
const LEAST_DRAG = 4;

/** What the divider is made with. */
export interface DividerOptions {
  /** The picture's box, which positions are shares of. */
  readonly frame: HTMLElement;
  /** The handle: an element with role="slider". */
  readonly handle: HTMLElement;
  /** The divider has been moved to another place; 0 when it is put away. */
  readonly moved: (position: number) => void;
}

/** The line between the original and the enhanced picture, moved by mouse, finger and keyboard. */
export class Divider {
  readonly #options: DividerOptions;
  #position = 0;
  #isOpen = false;
  #drag: { readonly pointer: number; readonly startX: number; readonly wasAway: boolean; moved: boolean } | null = null;

  constructor(options: DividerOptions) {
    this.#options = options;
    const { handle, frame } = options;
    handle.addEventListener('pointerdown', (event) => this.#press(event));
    handle.addEventListener('keydown', (event) => this.#key(event));
    // While it is open, the whole picture moves it: a handle is small for a thumb.
    frame.addEventListener('pointerdown', (event) => {
      if (this.#isOpen && event.target !== handle && !handle.contains(event.target as Node)) this.#press(event);
    });
    for (const type of ['pointermove', 'pointerup', 'pointercancel'] as const) {
      frame.addEventListener(type, (event) => this.#follow(event));
    }
    this.#apply();
  }

  /** Share of the picture, from the left, that shows the original; 0 when put away. */
  get position(): number {
    return this.#position;
  }

  /** Opens it in the middle, or puts it away. */
  toggle(): void {
    this.set(this.#position > 0 ? 0 : MIDDLE);
  }

  /** Moves it; positions are held to 0..1. */
  set(position: number): void {
    const held = Math.min(1, Math.max(0, position));
    if (held === this.#position) return;
    this.#position = held;
    this.#isOpen = held > 0;
    this.#apply();
    this.#options.moved(held);
  }

  #press(event: PointerEvent): void {
    if (event.button !== 0) return;
    event.preventDefault();
    const { frame, handle } = this.#options;
    handle.focus({ preventScroll: true });
    frame.setPointerCapture(event.pointerId);
    this.#drag = { pointer: event.pointerId, startX: event.clientX, wasAway: this.#position === 0, moved: false };
    frame.toggleAttribute('data-dragging', true);
    if (handle.contains(event.target as Node)) {
      // The hand will take a moment to pull: time in which the original can come.
      if (this.#position === 0) this.set(HELD_AT_EDGE);
    } else {
      this.#drag.moved = true;
      this.set(this.#shareAt(event.clientX));
    }
  }

  #follow(event: PointerEvent): void {
    const drag = this.#drag;
    if (drag?.pointer !== event.pointerId) return;
    if (event.type === 'pointermove') {
      drag.moved ||= Math.abs(event.clientX - drag.startX) >= LEAST_DRAG;
      // While it is held, the edge does not yet put it away.
      if (drag.moved) this.set(Math.max(HELD_AT_EDGE, this.#shareAt(event.clientX)));
      return;
    }
    this.#drag = null;
    this.#options.frame.toggleAttribute('data-dragging', false);
    if (!drag.moved) {
      if (drag.wasAway) this.set(MIDDLE);
    } else if (this.#position < EDGE) {
      this.set(0);
    }
  }

  #key(event: KeyboardEvent): void {
    const target = this.#target(event.key);
    if (target === null) return;
    event.preventDefault();
    this.set(target < EDGE / 2 ? 0 : target);
  }

  #target(key: string): number | null {
    switch (key) {
      case 'ArrowLeft':
      case 'ArrowDown':
        return this.#position - STEP;
      case 'ArrowRight':
      case 'ArrowUp':
        return this.#position + STEP;
      case 'PageDown':
        return this.#position - LARGE_STEP;
      case 'PageUp':
        return this.#position + LARGE_STEP;
      case 'Home':
        return 0;
      case 'End':
        return 1;
      case 'Enter':
      case ' ':
        return this.#position > 0 ? 0 : MIDDLE;
      default:
        return null;
    }
  }

  #shareAt(clientX: number): number {
    const box = this.#options.frame.getBoundingClientRect();
    return (clientX - box.left) / box.width;
  }

  #apply(): void {
    const { frame, handle } = this.#options;
    const percent = Math.round(this.#position * 100);
    frame.style.setProperty('--divider', String(this.#position));
    frame.toggleAttribute('data-divided', this.#position > 0);
    handle.setAttribute('aria-valuenow', String(percent));
    handle.setAttribute('aria-valuetext', TEXTS.compare.value(percent));
  }
}
