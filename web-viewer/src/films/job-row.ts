import type { RoomJob } from '../../../src/film-room/room-item.js';
import { newElement } from '../page-element.js';
import { TEXTS } from '../texts/texts.js';

/** What can be done with a job. */
export interface JobActs {
  readonly show: () => void;
  readonly save: () => void;
  readonly remove: () => void;
}

/** How a row is shown. */
export interface JobCircumstances {
  readonly mayControl: boolean;
  /** Whether its result is on the stage. */
  readonly isStaged: boolean;
  readonly isPicture: boolean;
}

/** A job in a film's list: what was asked for, how far it is, and its result. */
export class JobRow {
  readonly element = newElement('li', 'job');
  readonly #title = newElement('p', 'job-title');
  readonly #bar = newElement('progress', 'film-bar');
  readonly #note = newElement('p', 'note');
  readonly #show = newElement('button', 'button button-small');
  readonly #save = newElement('button', 'button button-small');
  readonly #remove = newElement('button', 'button button-small');

  constructor(job: RoomJob, acts: JobActs) {
    const { films } = TEXTS;
    this.#title.textContent = films.job(job.order.kind, job.order.pipeline, job.order.strength);
    this.#bar.max = 1;
    this.#bar.setAttribute('aria-label', films.progressOf(this.#title.textContent));
    this.#show.textContent = films.compare;
    this.#save.textContent = films.save;
    for (const [button, act] of [
      [this.#show, acts.show],
      [this.#save, acts.save],
      [this.#remove, acts.remove],
    ] as const) {
      button.type = 'button';
      button.addEventListener('click', act);
    }
    this.element.append(this.#title, this.#bar, this.#note, this.#show, this.#save, this.#remove);
  }

  /** Shows it as it is now. */
  show({ state, order }: RoomJob, { mayControl, isStaged, isPicture }: JobCircumstances): void {
    const { films } = TEXTS;
    const isDone = state.kind === 'done';
    const isOpen = state.kind === 'waiting' || state.kind === 'working';
    this.element.dataset.kind = state.kind;
    this.#bar.hidden = !isOpen;
    if (state.kind === 'working' && state.total > 0) this.#bar.value = state.done / state.total;
    else this.#bar.removeAttribute('value');
    this.#note.textContent = films.jobState(state);
    this.#show.hidden = !isDone || !(isPicture || order.kind === 'sample');
    this.#show.setAttribute('aria-pressed', String(isStaged));
    this.#save.hidden = !isDone;
    this.#remove.disabled = !mayControl;
    this.#remove.textContent = isOpen ? films.stop : films.remove;
  }
}
