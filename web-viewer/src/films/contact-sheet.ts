import { newElement, pageElement } from '../page-element.js';
import { TEXTS } from '../texts/texts.js';
import type { Film, FilmRequests } from './film-requests.js';

/** A film's shots, a picture each. A press on one makes it the place of the next sample. */
export class ContactSheet {
  readonly #requests: FilmRequests;
  readonly #chosen: (seconds: number) => void;
  readonly #section = pageElement('film-shots', HTMLElement);
  readonly #list = pageElement('film-shot-list', HTMLUListElement);
  #key = '';
  #cleared = new AbortController();
  #sight: IntersectionObserver | null = null;

  /** chosen: a shot was pressed that begins at so many seconds. */
  constructor(requests: FilmRequests, chosen: (seconds: number) => void) {
    this.#requests = requests;
    this.#chosen = chosen;
  }

  /** Shows the shots that there are pictures of. */
  show({ id, shots }: Film): void {
    const key = `${id} ${shots.join()}`;
    if (key === this.#key) return;
    this.clear();
    this.#key = key;
    this.#section.hidden = shots.length === 0;
    // A long film has hundreds: a picture is asked for when it comes into sight.
    const sight = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting || !(target instanceof HTMLImageElement)) continue;
        sight.unobserve(target);
        void this.#load(target, id);
      }
    });
    this.#sight = sight;
    shots.forEach((seconds, index) => {
      const button = newElement('button', 'shot');
      button.type = 'button';
      button.setAttribute('aria-label', TEXTS.films.shot(index + 1, seconds));
      const picture = newElement('img', 'shot-picture');
      picture.alt = '';
      picture.dataset.shot = String(index);
      const time = newElement('span', 'shot-time');
      time.textContent = TEXTS.films.clock(seconds);
      button.append(picture, time);
      button.addEventListener('click', () => this.#chosen(seconds));
      const item = newElement('li', '');
      item.append(button);
      this.#list.append(item);
      sight.observe(picture);
    });
  }

  /** Takes all of it away. */
  clear(): void {
    this.#cleared.abort();
    this.#cleared = new AbortController();
    this.#sight?.disconnect();
    for (const picture of this.#list.querySelectorAll('img')) URL.revokeObjectURL(picture.src);
    this.#list.replaceChildren();
    this.#section.hidden = true;
    this.#key = '';
  }

  async #load(picture: HTMLImageElement, film: string): Promise<void> {
    try {
      picture.src = await this.#requests.blob(
        `/api/films/${film}/shots/${picture.dataset.shot ?? ''}`,
        this.#cleared.signal,
      );
    } catch {
      // Its time below it says where it is.
    }
  }
}
