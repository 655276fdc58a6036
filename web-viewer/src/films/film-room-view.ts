import type { HeadContent } from '../page-head.js';
import { pageElement } from '../page-element.js';
import type { PageServices } from '../page-services.js';
import { RequestRefused, ServerRequests } from '../server-requests.js';
import { TEXTS } from '../texts/texts.js';
import { filmAddress } from '../page-route.js';
import { askInterval } from './ask-interval.js';
import { FilmCard } from './film-card.js';
import { FilmRequests, type Film } from './film-requests.js';
import { FilmUpload } from './film-upload.js';
import { FilmView } from './film-view.js';
import { UploadRow } from './upload-row.js';

/** The film room: files are brought, samples and whole films made and fetched. */
export class FilmRoomView {
  readonly #services: PageServices;
  readonly #requests: FilmRequests;
  readonly #section = pageElement('films', HTMLElement);
  readonly #drop = pageElement('film-drop', HTMLElement);
  readonly #chooser = pageElement('film-file', HTMLInputElement);
  readonly #reason = pageElement('film-reason', HTMLElement);
  readonly #uploadList = pageElement('film-uploads', HTMLUListElement);
  readonly #cardList = pageElement('film-cards', HTMLUListElement);
  readonly #empty = pageElement('films-empty', HTMLElement);
  readonly #view: FilmView;
  readonly #cards = new Map<string, FilmCard>();
  #films: readonly Film[] | null = null;
  #chosen: string | null = null;
  #isShown = false;
  #timer = 0;
  #asking: Promise<void> | null = null;

  constructor(services: PageServices) {
    this.#services = services;
    this.#requests = new FilmRequests(new ServerRequests(services.token));
    this.#view = new FilmView(this.#requests, services.announcer, (act) => void this.#act(act));
    pageElement('film-choose', HTMLButtonElement).addEventListener('click', () => this.#chooser.click());
    this.#chooser.addEventListener('change', () => {
      this.#take([...(this.#chooser.files ?? [])]);
      this.#chooser.value = '';
    });
    // Anywhere on the room: nobody should have to aim.
    this.#section.addEventListener('dragover', (event) => this.#hover(event, true));
    this.#section.addEventListener('dragleave', (event) => this.#hover(event, false));
    this.#section.addEventListener('drop', (event) => {
      this.#hover(event, false);
      this.#take([...(event.dataTransfer?.files ?? [])]);
    });
  }

  /** What the head of the page says meanwhile. */
  get head(): HeadContent {
    const { films } = TEXTS;
    const chosen = this.#films?.find(({ id }) => id === this.#chosen);
    const working = (this.#films ?? [])
      .flatMap(({ jobs }) => jobs)
      .filter(({ state }) => state.kind === 'working').length;
    return { name: chosen?.name ?? films.name, kind: 'live', condition: films.working(working) };
  }

  /** Shows the room, or one film of it. */
  show(film: string | null): void {
    const isSame = this.#isShown && film === this.#chosen;
    this.#isShown = true;
    this.#section.hidden = false;
    this.#chosen = film;
    if (isSame) return;
    this.#reason.hidden = true;
    this.#arrange();
    void this.#ask();
  }

  /** Another view is shown. Uploads go on. */
  hide(): void {
    if (!this.#isShown) return;
    this.#isShown = false;
    this.#section.hidden = true;
    clearTimeout(this.#timer);
    this.#view.show(null);
  }

  /** Asks again and again while it is shown. */
  #ask(): Promise<void> {
    clearTimeout(this.#timer);
    this.#asking ??= this.#load().finally(() => {
      this.#asking = null;
      if (this.#isShown) this.#timer = window.setTimeout(() => void this.#ask(), askInterval(this.#films ?? []));
    });
    return this.#asking;
  }

  /** Asks for what is so from now on: an answer that is on its way may be older. */
  async #askAnew(): Promise<void> {
    await this.#asking;
    await this.#ask();
  }

  async #load(): Promise<void> {
    try {
      this.#films = await this.#requests.films();
      this.#arrange();
    } catch {
      // The page says itself when the server is gone.
    }
  }

  #arrange(): void {
    const films = this.#films;
    const mayControl = this.#services.connection.mayControl;
    this.#drop.toggleAttribute('data-locked', !mayControl);
    pageElement('film-choose', HTMLButtonElement).disabled = !mayControl;
    if (!mayControl && this.#services.connection.isUp) this.#say(TEXTS.films.viewOnly);
    const chosen = films?.find(({ id }) => id === this.#chosen) ?? null;
    this.#section.toggleAttribute('data-one', chosen !== null);
    this.#view.show(this.#isShown ? chosen : null, mayControl);
    this.#empty.hidden = films === null || films.length > 0;
    if (!films) return;
    for (const [id, card] of this.#cards) {
      if (films.some((film) => film.id === id)) continue;
      card.close();
      this.#cards.delete(id);
    }
    films.forEach((film, index) => {
      let card = this.#cards.get(film.id);
      if (!card) {
        card = new FilmCard(film.id, this.#requests);
        this.#cards.set(film.id, card);
      }
      card.show(film);
      const there = this.#cardList.children[index] ?? null;
      if (there !== card.element) this.#cardList.insertBefore(card.element, there);
    });
  }

  #hover(event: DragEvent, isOver: boolean): void {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.#drop.toggleAttribute('data-over', isOver);
  }

  #take(files: readonly File[]): void {
    if (!this.#services.connection.mayControl) return;
    this.#reason.hidden = true;
    for (const file of files) {
      const row: UploadRow = new UploadRow(
        new FilmUpload(file, {
          headers: () => this.#services.token.headers(),
          changed: () => row.refresh(),
          done: (film) => void this.#arrived(row, film, files.length === 1),
        }),
      );
      this.#uploadList.append(row.element);
    }
  }

  async #arrived(row: UploadRow, film: string, isAlone: boolean): Promise<void> {
    await this.#askAnew();
    row.element.remove();
    this.#services.announcer.say(TEXTS.films.arrived(row.name));
    // One file is brought to be worked on at once.
    if (isAlone && this.#isShown && this.#chosen === null) location.hash = filmAddress(film);
  }

  /** Does something and says why where it cannot be done. */
  async #act(act: () => Promise<unknown>): Promise<void> {
    this.#reason.hidden = true;
    try {
      await act();
    } catch (error) {
      this.#say(error instanceof RequestRefused ? error.message : TEXTS.sentence(TEXTS.failures.unreachable));
    }
    await this.#askAnew();
  }

  #say(text: string): void {
    this.#reason.textContent = text;
    this.#reason.hidden = false;
  }
}
