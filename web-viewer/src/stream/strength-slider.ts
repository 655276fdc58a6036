import { TEXTS } from '../texts/texts.js';

/** Values go out at most this often, in milliseconds. */
const SEND_EVERY = 50;
/** After a value has gone out, what the server says is old news for this long, in milliseconds. */
const ECHO = 800;

/** What the slider is made with. */
export interface StrengthSliderOptions {
  readonly input: HTMLInputElement;
  readonly output: HTMLOutputElement;
  /** Sends a value of 0..1; false when it cannot be sent now. */
  readonly send: (value: number) => boolean;
}

/** How much of the enhancement is applied: shows the server's value, and sends what the hand chooses as it moves. */
export class StrengthSlider {
  readonly #options: StrengthSliderOptions;
  #isHeld = false;
  #timer = 0;
  #waiting: number | null = null;
  #lastSent = -Infinity;

  constructor(options: StrengthSliderOptions) {
    this.#options = options;
    const { input } = options;
    input.addEventListener('input', () => this.#chosen());
    input.addEventListener('pointerdown', () => (this.#isHeld = true));
    for (const type of ['pointerup', 'pointercancel'] as const) addEventListener(type, () => (this.#isHeld = false));
    this.#paint();
  }

  /** The server's value, 0..1; not taken while the slider is held or has just been moved here. */
  show(value: number): void {
    if (this.#isHeld || this.#waiting !== null || performance.now() - this.#lastSent < ECHO) return;
    const percent = String(Math.round(value * 100));
    if (this.#options.input.value === percent) return;
    this.#options.input.value = percent;
    this.#paint();
  }

  /** Whether it can be moved: not without a connection, nor with a token that may only look. */
  set enabled(enabled: boolean) {
    this.#options.input.disabled = !enabled;
  }

  #chosen(): void {
    this.#paint();
    this.#waiting = Number(this.#options.input.value) / 100;
    if (this.#timer === 0) this.#send();
  }

  /** Sends the newest value, and looks after a pause whether there is a newer one: the last one always goes out. */
  #send(): void {
    this.#timer = 0;
    if (this.#waiting === null) return;
    if (this.#options.send(this.#waiting)) this.#lastSent = performance.now();
    this.#waiting = null;
    this.#timer = window.setTimeout(() => this.#send(), SEND_EVERY);
  }

  #paint(): void {
    const { input, output } = this.#options;
    const percent = Number(input.value);
    const text = TEXTS.strength.value(percent);
    output.value = text;
    input.setAttribute('aria-valuetext', text);
    input.style.setProperty('--filled', String(percent / 100));
  }
}
