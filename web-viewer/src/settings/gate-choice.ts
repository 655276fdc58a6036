import type { GateConfig } from '../../../src/config/stream-schema.js';
import { pageElement } from '../page-element.js';
import { TEXTS } from '../texts/texts.js';

/** Begun with where nothing else is known: the configuration's own. */
const DARK = { below: 0.2, above: 0.3 } as const;
const NIGHT = { from: '21:00', to: '06:00' } as const;
/** The next one above, where the two limits of darkness meet. */
const LEAST_APART = 1;

/** The choice of when a stream is enhanced. */
export class GateChoice {
  readonly #mode = pageElement('gate-mode', HTMLSelectElement);
  readonly #dark = pageElement('gate-dark', HTMLElement);
  readonly #schedule = pageElement('gate-schedule', HTMLElement);
  readonly #below = pageElement('gate-below', HTMLInputElement);
  readonly #above = pageElement('gate-above', HTMLInputElement);
  readonly #from = pageElement('gate-from', HTMLInputElement);
  readonly #to = pageElement('gate-to', HTMLInputElement);
  readonly #chosen: (gate: GateConfig) => void;
  /** What holds and is not shown in full, as somebody is writing something else. */
  #held: GateConfig | null = null;

  /** chosen: something else is wanted. */
  constructor(chosen: (gate: GateConfig) => void) {
    this.#chosen = chosen;
    for (const element of [this.#mode, this.#below, this.#above, this.#from, this.#to]) {
      element.addEventListener('change', () => this.#change(element));
      element.addEventListener('blur', () => {
        if (this.#held) this.show(this.#held);
      });
    }
    this.show({ mode: 'always' });
  }

  /** Shows what holds, but for the field that somebody is writing in: that one follows once it is left as it was. */
  show(gate: GateConfig): void {
    const fields = [this.#below, this.#above, this.#from, this.#to];
    const written = fields.find((field) => field === document.activeElement && !field.closest('[hidden]'));
    this.#held = written ? gate : null;
    // Another mode would take the field away.
    if (written && gate.mode !== this.#mode.value) return;
    const { below, above } = gate.mode === 'dark' ? gate : DARK;
    const { from, to } = gate.mode === 'schedule' ? gate : NIGHT;
    this.#mode.value = gate.mode;
    const values = [String(Math.round(100 * below)), String(Math.round(100 * above)), from, to];
    for (const [index, field] of fields.entries()) if (field !== written) field.value = values[index] ?? '';
    this.#paint();
  }

  #change(changed: HTMLElement): void {
    // What is chosen here comes after it.
    this.#held = null;
    this.#paint();
    if (changed === this.#below && this.#above.valueAsNumber <= this.#below.valueAsNumber) {
      this.#above.value = String(Math.min(100, this.#below.valueAsNumber + LEAST_APART));
    }
    const gate = this.#gate();
    if (gate) this.#chosen(gate);
  }

  /** What is chosen, or null while it is not complete; the fields then say what is wrong. */
  #gate(): GateConfig | null {
    const { settings } = TEXTS;
    const mode = this.#mode.value;
    if (mode === 'dark') {
      const [below, above] = [this.#below.valueAsNumber / 100, this.#above.valueAsNumber / 100];
      this.#above.setCustomValidity(above > below ? '' : settings.aboveTooLow);
      return this.#below.reportValidity() && this.#above.reportValidity() ? { mode, below, above } : null;
    }
    if (mode === 'schedule') {
      const [from, to] = [this.#from.value, this.#to.value];
      this.#to.setCustomValidity(from === to ? settings.sameTimes : '');
      return this.#from.reportValidity() && this.#to.reportValidity() ? { mode, from, to } : null;
    }
    return { mode: 'always' };
  }

  #paint(): void {
    this.#dark.hidden = this.#mode.value !== 'dark';
    this.#schedule.hidden = this.#mode.value !== 'schedule';
  }
}
