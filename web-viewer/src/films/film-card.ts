import { newElement } from '../page-element.js';
import { filmAddress } from '../page-route.js';
import { TEXTS } from '../texts/texts.js';
import type { Film, FilmRequests } from './film-requests.js';

/** A film or picture in the room's list: its picture, its name, and how far its jobs are. */
export class FilmCard {
  readonly element = newElement('li', 'film-card');
  readonly #id: string;
  readonly #requests: FilmRequests;
  readonly #link = newElement('a', 'film-link');
  readonly #picture = newElement('img', 'film-poster');
  readonly #name = newElement('span', 'film-name');
  readonly #note = newElement('span', 'note');
  readonly #bar = newElement('progress', 'film-bar');
  readonly #closed = new AbortController();
  #isAsked = false;

  constructor(id: string, requests: FilmRequests) {
    this.#id = id;
    this.#requests = requests;
    this.#link.href = filmAddress(id);
    this.#picture.alt = '';
    this.#picture.hidden = true;
    this.#bar.hidden = true;
    this.#bar.max = 1;
    const box = newElement('span', 'film-box');
    box.append(this.#picture);
    this.#link.append(box, this.#name, this.#note, this.#bar);
    this.element.append(this.#link);
  }

  /** Shows it as it is now. */
  show(film: Film): void {
    const { films } = TEXTS;
    this.#name.textContent = film.name;
    const job = film.jobs.find(({ state }) => state.kind === 'working');
    const done = film.jobs.filter(({ state }) => state.kind === 'done').length;
    this.#note.textContent = film.error
      ? TEXTS.sentence(film.error.message)
      : film.facts
        ? [films.facts(film.facts), ...(done > 0 ? [films.made(done)] : [])].join(' · ')
        : films.looking;
    const { state } = job ?? {};
    this.#bar.hidden = state?.kind !== 'working';
    if (state?.kind === 'working' && state.total > 0) this.#bar.value = state.done / state.total;
    else this.#bar.removeAttribute('value');
    this.#bar.setAttribute('aria-label', films.progressOf(film.name));
    if (film.facts && !this.#isAsked) void this.#load();
  }

  /** It is not there any more. */
  close(): void {
    this.#closed.abort();
    if (this.#picture.src !== '') URL.revokeObjectURL(this.#picture.src);
    this.element.remove();
  }

  async #load(): Promise<void> {
    this.#isAsked = true;
    try {
      this.#picture.src = await this.#requests.blob(`/api/films/${this.#id}/view.jpg`, this.#closed.signal);
      this.#picture.hidden = false;
    } catch {
      // Some films have no picture where one was looked for.
    }
  }
}
