import type { PublishedStatus } from '../../../src/server/published-stream.js';
import { pageElement, writeText } from '../page-element.js';
import { TEXTS, type Texts } from '../texts/texts.js';

type Reading = (status: PublishedStatus) => string | null;

/** The panel's rows, by group: what a row is called, and what it reads off a status. */
function groups(): Readonly<Record<'drops' | 'stream', readonly (readonly [label: string, read: Reading])[]>> {
  const { details } = TEXTS;
  return {
    drops: [
      [details.overtaken, ({ drops }) => drops && details.count(drops.overtaken)],
      [details.noSlot, ({ drops }) => drops && details.count(drops.noSlot)],
      [details.damaged, ({ drops }) => drops && details.count(drops.damaged)],
      [details.governed, ({ drops }) => drops && details.count(drops.governor)],
      [details.away, ({ drops }) => drops && details.count(drops.away)],
      [details.network, ({ drops }) => drops && details.count(drops.network)],
      [details.decoded, ({ totals }) => totals && details.count(totals.decoded)],
      [details.encoded, ({ totals }) => totals && details.count(totals.encoded)],
      [details.answers, ({ totals }) => totals && details.count(totals.answers)],
    ],
    stream: [
      [details.input, ({ input }) => input],
      [details.container, ({ state }) => (state.kind === 'live' ? state.source.container : null)],
      [details.notes, ({ state }) => (state.kind === 'live' ? listOf(state.source.notes) : null)],
      [details.pipeline, ({ pipeline }) => pipeline],
      [
        details.gate,
        ({ gate }) => (gate.open === null ? null : details.gateState(gate.mode, gate.open, gate.luminance)),
      ],
      [details.governor, ({ governor }) => governor && details.governorState(governor.level, governor.reason)],
      [
        details.recording,
        ({ recording }) => recording && details.recordingState(recording.kind, recording.error?.message),
      ],
      [details.noise, ({ noise }) => (noise === null ? null : details.levels(noise))],
      [details.encoder, ({ encoder }) => encoder],
      [details.bitrate, ({ rates }) => rates && details.megabits(rates.bitrate)],
      [details.memory, ({ memoryBytes }) => (memoryBytes > 0 ? details.megabytes(memoryBytes) : null)],
      [details.restarts, ({ restarts }) => details.count(restarts)],
      [details.viewers, ({ viewers }) => details.count(viewers)],
    ],
  };
}

type Stage = keyof Texts['details']['stage'];

/** What only some want to know: how long each stage takes, what was left out, and how the stream is made. */
export class DetailsPanel {
  readonly #panel = pageElement('details', HTMLDetailsElement);
  readonly #stagesNote = pageElement('stages-note', HTMLElement);
  readonly #rows: { readonly value: HTMLElement; readonly read: Reading }[] = [];
  readonly #stages = new Map<Stage, { readonly value: HTMLElement; readonly row: HTMLElement | null }>();
  readonly #age: HTMLElement;

  constructor() {
    const { details } = TEXTS;
    const stages = pageElement('stages', HTMLElement);
    for (const stage of Object.keys(details.stage) as Stage[]) {
      const value = addRow(stages, details.stage[stage]);
      const row = value.parentElement;
      row?.classList.add('measured');
      this.#stages.set(stage, { value, row });
    }
    this.#age = addRow(stages, details.age);
    const rows = groups();
    for (const group of ['drops', 'stream'] as const) {
      const list = pageElement(group, HTMLElement);
      for (const [label, read] of rows[group]) this.#rows.push({ value: addRow(list, label), read });
    }
  }

  /** Shows a status; nothing while the panel is closed. */
  update(status: PublishedStatus | null): void {
    if (!this.#panel.open || !status) return;
    const { details } = TEXTS;
    for (const { value, read } of this.#rows) {
      const text = read(status);
      writeText(value, text === null || text === '' ? TEXTS.unknown : text);
    }
    const { rates, state } = status;
    const budget = state.kind === 'live' && state.source.frameRate > 0 ? 1000 / state.source.frameRate : null;
    writeText(this.#stagesNote, budget === null ? '' : details.stagesNote(budget));
    for (const [stage, { value, row }] of this.#stages) {
      const milliseconds = rates?.stages[stage] ?? null;
      writeText(value, milliseconds === null ? TEXTS.unknown : details.milliseconds(milliseconds));
      // Bars are shares of the time until the next picture.
      const share = milliseconds === null || budget === null ? 0 : Math.min(1, milliseconds / budget);
      row?.style.setProperty('--share', share.toFixed(3));
    }
    writeText(this.#age, rates ? details.milliseconds(rates.ageMs) : TEXTS.unknown);
  }
}

function addRow(list: HTMLElement, label: string): HTMLElement {
  const row = document.createElement('div');
  const name = document.createElement('dt');
  const value = document.createElement('dd');
  name.textContent = label;
  value.textContent = TEXTS.unknown;
  row.append(name, value);
  list.append(row);
  return value;
}

function listOf(entries: readonly string[]): string {
  return entries.length === 0 ? TEXTS.details.none : TEXTS.details.listed(entries);
}
