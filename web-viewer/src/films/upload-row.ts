import { newElement } from '../page-element.js';
import { TEXTS } from '../texts/texts.js';
import type { FilmUpload } from './film-upload.js';

/** An upload in the list of those that are on their way. */
export class UploadRow {
  readonly element = newElement('li', 'upload');
  readonly #upload: FilmUpload;
  readonly #bar = newElement('progress', 'film-bar');
  readonly #note = newElement('p', 'note');
  readonly #hold = newElement('button', 'button button-small');

  constructor(upload: FilmUpload) {
    this.#upload = upload;
    const name = newElement('p', 'upload-name');
    name.textContent = upload.file.name;
    this.#bar.max = 1;
    this.#bar.setAttribute('aria-label', TEXTS.films.uploadOf(upload.file.name));
    const giveUp = newElement('button', 'button button-small');
    giveUp.type = this.#hold.type = 'button';
    giveUp.textContent = TEXTS.films.giveUp;
    giveUp.addEventListener('click', () => {
      upload.giveUp();
      this.element.remove();
    });
    this.#hold.addEventListener('click', () => {
      if (upload.state.kind === 'sending') upload.pause();
      else upload.resume();
    });
    this.element.append(name, this.#bar, this.#note, this.#hold, giveUp);
    this.refresh();
  }

  /** Name of the file. */
  get name(): string {
    return this.#upload.file.name;
  }

  /** Shows how far it is. */
  refresh(): void {
    const { state } = this.#upload;
    const { films } = TEXTS;
    this.#hold.textContent = state.kind === 'sending' ? films.hold : films.goOn;
    this.element.dataset.kind = state.kind;
    switch (state.kind) {
      case 'sending':
      case 'paused':
        this.#bar.value = state.bytes === 0 ? 0 : state.sent / state.bytes;
        this.#note.textContent =
          state.kind === 'paused'
            ? films.paused(state.sent, state.bytes)
            : films.sending(state.sent, state.bytes, state.secondsLeft);
        break;
      case 'failed':
        this.#note.textContent = films.uploadFailed(state.reason);
        break;
      case 'done':
        this.#bar.value = 1;
        this.#note.textContent = films.looking;
        break;
    }
  }
}
