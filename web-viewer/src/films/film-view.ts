import type { Announcer } from '../announcer.js';
import { pageElement } from '../page-element.js';
import { FILMS_ADDRESS } from '../page-route.js';
import { saveFile } from '../save-file.js';
import { TEXTS } from '../texts/texts.js';
import { ContactSheet } from './contact-sheet.js';
import type { Film, FilmRequests } from './film-requests.js';
import { FilmStage } from './film-stage.js';
import { JobRow } from './job-row.js';
import { OrderForm } from './order-form.js';

/** Does something that may be refused, and says so then. */
export type Attempt = (act: () => Promise<unknown>) => void;

/** One film or picture: what is to be made of it, what has been made, and both beside each other. */
export class FilmView {
  readonly #requests: FilmRequests;
  readonly #announcer: Announcer;
  readonly #attempt: Attempt;
  readonly #section = pageElement('film', HTMLElement);
  readonly #facts = pageElement('film-facts', HTMLElement);
  readonly #fault = pageElement('film-fault', HTMLElement);
  readonly #jobList = pageElement('film-jobs', HTMLUListElement);
  readonly #remove = pageElement('film-remove', HTMLButtonElement);
  readonly #stage = new FilmStage({
    frame: pageElement('film-frame', HTMLElement),
    canvas: pageElement('film-canvas', HTMLCanvasElement),
    handle: pageElement('film-divider', HTMLElement),
    play: pageElement('film-play', HTMLButtonElement),
  });
  readonly #form: OrderForm;
  readonly #sheet: ContactSheet;
  readonly #rows = new Map<string, JobRow>();
  #film: Film | null = null;
  /** The job whose result is on the stage; null for the original alone. */
  #staged: string | null = null;
  #loading: AbortController | null = null;

  constructor(requests: FilmRequests, announcer: Announcer, attempt: Attempt) {
    this.#requests = requests;
    this.#announcer = announcer;
    this.#attempt = attempt;
    this.#form = new OrderForm(requests, (order) => {
      const film = this.#film;
      if (film) attempt(() => requests.order(film.id, order));
    });
    this.#sheet = new ContactSheet(requests, (seconds) => this.#form.sampleAt(seconds));
    this.#remove.addEventListener('click', () => this.#removeFilm());
  }

  /** Shows a film as it is now; null for none. */
  show(film: Film | null, mayControl = false): void {
    const before = this.#film;
    this.#film = film;
    this.#section.hidden = film === null;
    if (film?.id !== before?.id) this.#clear();
    if (!film) return;
    this.#facts.textContent = film.facts ? TEXTS.films.facts(film.facts) : TEXTS.films.looking;
    this.#fault.hidden = film.error === null;
    if (film.error)
      this.#fault.textContent = `${TEXTS.sentence(film.error.message)} ${TEXTS.sentence(film.error.remedy)}`;
    this.#remove.disabled = !mayControl;
    this.#form.show(film, mayControl);
    this.#sheet.show(film);
    this.#showJobs(film, mayControl);
    this.#stageNewest(film, before?.id === film.id ? before : null);
  }

  #showJobs(film: Film, mayControl: boolean): void {
    for (const [id, row] of this.#rows) {
      if (film.jobs.some((job) => job.id === id)) continue;
      row.element.remove();
      this.#rows.delete(id);
    }
    // The newest first.
    [...film.jobs].reverse().forEach((job, index) => {
      let row = this.#rows.get(job.id);
      if (!row) {
        row = new JobRow(job, {
          show: () => this.#put(job.id),
          save: () => this.#attempt(() => this.#save(film.id, job.id)),
          remove: () => this.#attempt(() => this.#requests.removeJob(film.id, job.id)),
        });
        this.#rows.set(job.id, row);
      }
      row.show(job, { mayControl, isStaged: this.#staged === job.id, isPicture: film.facts?.kind === 'picture' });
      const there = this.#jobList.children[index] ?? null;
      if (there !== row.element) this.#jobList.insertBefore(row.element, there);
    });
  }

  /** A result that has just come is what somebody waits to see. */
  #stageNewest(film: Film, before: Film | null): void {
    const isPicture = film.facts?.kind === 'picture';
    const shows = film.jobs.filter(
      ({ order, state }) => state.kind === 'done' && (isPicture || order.kind === 'sample'),
    );
    const newest = shows.at(-1);
    const wasDone = before?.jobs.some(({ id, state }) => id === newest?.id && state.kind === 'done') ?? false;
    if (newest && !wasDone) {
      if (before) this.#announcer.say(TEXTS.films.ready);
      this.#put(newest.id);
    } else if (!before?.facts && film.facts) {
      this.#put(null);
    }
  }

  /** Puts a job's result on the stage, beside the original. */
  #put(job: string | null): void {
    const film = this.#film;
    if (!film?.facts) return;
    this.#loading?.abort();
    const loading = new AbortController();
    this.#loading = loading;
    this.#staged = job;
    const { signal } = loading;
    const address = `/api/films/${film.id}`;
    const load = async (): Promise<void> => {
      if (film.facts?.kind === 'film' && job !== null) {
        const sample = await this.#requests.blob(`${address}/jobs/${job}/result`, signal);
        await this.#stage.show({ kind: 'sample', film: sample });
        return;
      }
      const original = await this.#requests.blob(`${address}/view.jpg`, signal);
      const result = job === null ? null : await this.#requests.blob(`${address}/jobs/${job}/view.jpg`, signal);
      await this.#stage.show({ kind: 'pictures', original, result });
    };
    load().catch((error: unknown) => {
      if (!signal.aborted) this.#attempt(() => Promise.reject(error instanceof Error ? error : new Error()));
    });
  }

  async #save(film: string, job: string): Promise<void> {
    saveFile(await this.#requests.download(film, job));
  }

  #removeFilm(): void {
    const film = this.#film;
    if (!film || !confirm(TEXTS.films.confirmRemove(film.name))) return;
    this.#attempt(async () => {
      await this.#requests.remove(film.id);
      location.hash = FILMS_ADDRESS;
    });
  }

  #clear(): void {
    this.#loading?.abort();
    this.#staged = null;
    for (const row of this.#rows.values()) row.element.remove();
    this.#rows.clear();
    this.#sheet.clear();
    void this.#stage.show(null);
  }
}
