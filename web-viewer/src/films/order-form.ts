import { USUAL_PIPELINES } from '../../../src/film-room/usual-pipelines.js';
import { pageElement } from '../page-element.js';
import { TEXTS } from '../texts/texts.js';
import type { Film, FilmOrder, FilmPipeline, FilmRequests } from './film-requests.js';

/** Length of a sample, in seconds. */
const SAMPLE = 10;
const CODECS = ['h264', 'h265', 'prores', 'ffv1'] as const;

/** What is to be made of a film or picture: pipeline, strength, where a sample begins, how the result is kept. */
export class OrderForm {
  readonly #requests: FilmRequests;
  readonly #pipeline = pageElement('film-pipeline', HTMLSelectElement);
  readonly #description = pageElement('film-pipeline-note', HTMLElement);
  readonly #strength = pageElement('film-strength', HTMLInputElement);
  readonly #strengthValue = pageElement('film-strength-value', HTMLOutputElement);
  readonly #at = pageElement('film-at', HTMLInputElement);
  readonly #atValue = pageElement('film-at-value', HTMLOutputElement);
  readonly #codec = pageElement('film-codec', HTMLSelectElement);
  readonly #fields = pageElement('film-fields', HTMLFieldSetElement);
  readonly #sample = pageElement('film-sample', HTMLButtonElement);
  readonly #whole = pageElement('film-whole', HTMLButtonElement);
  #pipelines: readonly FilmPipeline[] = [];
  #film = '';

  /** ordered: somebody asks for it. */
  constructor(requests: FilmRequests, ordered: (order: FilmOrder) => void) {
    this.#requests = requests;
    this.#pipeline.addEventListener('change', () => this.#describe());
    this.#strength.addEventListener('input', () => this.#describe());
    this.#at.addEventListener('input', () => this.#describe());
    this.#sample.addEventListener('click', () => ordered(this.#order('sample')));
    this.#whole.addEventListener('click', () => ordered(this.#order('whole')));
    for (const codec of CODECS) this.#codec.append(new Option(TEXTS.films.codecs[codec], codec));
  }

  /** Shows what can be asked for of a film. */
  show({ id, facts, error }: Film, mayControl: boolean): void {
    this.#fields.disabled = !mayControl || facts === null;
    this.#fields.hidden = error !== null;
    const isFilm = facts?.kind === 'film';
    for (const part of this.#fields.querySelectorAll<HTMLElement>('.of-films')) part.hidden = !isFilm;
    this.#whole.textContent = isFilm ? TEXTS.films.whole : TEXTS.films.enhance;
    this.#whole.classList.toggle('button-strong', !isFilm);
    if (isFilm) this.#at.max = String(Math.max(0, Math.floor(facts.seconds - SAMPLE)));
    if (id === this.#film || !facts) return;
    this.#film = id;
    this.#at.value = isFilm ? String(Math.floor(Math.max(0, facts.seconds - SAMPLE) * 0.3)) : '0';
    void this.#choose(USUAL_PIPELINES[facts.kind]);
  }

  /** The next sample begins here. */
  sampleAt(seconds: number): void {
    this.#at.value = String(Math.floor(seconds));
    this.#describe();
    this.#sample.focus();
  }

  async #choose(usual: string): Promise<void> {
    if (this.#pipelines.length === 0) {
      this.#pipelines = await this.#requests.pipelines().catch(() => []);
      this.#pipeline.replaceChildren(...this.#pipelines.map(({ name }) => new Option(name, name)));
    }
    this.#pipeline.value = usual;
    this.#describe();
  }

  #describe(): void {
    const { films, strength } = TEXTS;
    const chosen = this.#pipelines.find(({ name }) => name === this.#pipeline.value);
    this.#description.textContent = chosen ? TEXTS.sentence(chosen.description) : '';
    this.#strengthValue.textContent = strength.value(Number(this.#strength.value));
    this.#strength.style.setProperty('--filled', String(Number(this.#strength.value) / 100));
    this.#atValue.textContent = films.clock(Number(this.#at.value));
    this.#at.style.setProperty('--filled', String(Number(this.#at.value) / Math.max(1, Number(this.#at.max))));
    this.#at.setAttribute('aria-valuetext', films.clock(Number(this.#at.value)));
  }

  #order(kind: FilmOrder['kind']): FilmOrder {
    const codec = CODECS.find((one) => one === this.#codec.value) ?? 'h264';
    return {
      kind,
      pipeline: this.#pipeline.value,
      strength: Number(this.#strength.value) / 100,
      ...(kind === 'sample' ? { at: Number(this.#at.value), seconds: SAMPLE } : { codec }),
    };
  }
}
