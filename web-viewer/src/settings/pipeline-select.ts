import { pageElement, writeText } from '../page-element.js';
import { TEXTS } from '../texts/texts.js';
import type { PipelineChoice, StreamRequests } from './stream-requests.js';

/** After a choice has been taken, what the server says is old news for this long, in milliseconds. */
const ECHO = 1000;

/** The choice of a pipeline, with what it does and the networks that it runs; not there where the server does not tell which there are. */
export class PipelineSelect {
  readonly #requests: StreamRequests;
  readonly #row = pageElement('pipeline-row', HTMLElement);
  readonly #select = pageElement('pipeline', HTMLSelectElement);
  readonly #note = pageElement('pipeline-note', HTMLElement);
  readonly #network = pageElement('network-name', HTMLElement);
  #choices: readonly PipelineChoice[] = [];
  #present = '';
  /** Until when the choice that was made here is shown, by `performance.now()`. */
  #keptUntil = -Infinity;

  /** chosen: another pipeline is wanted; resolves with whether the stream has it. */
  constructor(requests: StreamRequests, chosen: (pipeline: string) => Promise<boolean>) {
    this.#requests = requests;
    this.#select.addEventListener('change', () => {
      this.#keptUntil = Infinity;
      this.#describe();
      void chosen(this.#select.value).then((isTaken) => {
        this.#keptUntil = isTaken ? performance.now() + ECHO : -Infinity;
        this.show(this.#present);
      });
    });
  }

  /** Asks once which pipelines there are. */
  async load(): Promise<void> {
    if (this.#choices.length > 0) return;
    this.#choices = await this.#requests.pipelines();
    this.#row.hidden = this.#choices.length === 0;
    this.#build();
  }

  /** The present pipeline. */
  show(pipeline: string): void {
    const isNew = pipeline !== this.#present;
    this.#present = pipeline;
    if (isNew) this.#build();
    if (performance.now() < this.#keptUntil || this.#select.value === pipeline) return;
    this.#select.value = pipeline;
    this.#describe();
  }

  #build(): void {
    const options = this.#choices.map(({ name, title }) => new Option(title ?? name, name));
    // A recipe of one's own is not among those that can be chosen.
    if (!this.#choices.some(({ name }) => name === this.#present)) options.unshift(new Option(this.#present));
    const chosen = performance.now() < this.#keptUntil ? this.#select.value : this.#present;
    this.#select.replaceChildren(...options);
    this.#select.value = chosen;
    this.#describe();
  }

  #describe(): void {
    const { settings, unknown } = TEXTS;
    const choice = this.#choices.find(({ name }) => name === this.#select.value);
    const models = choice?.models;
    writeText(this.#note, choice?.description ?? '');
    writeText(this.#network, !models ? unknown : models.length > 0 ? settings.networks(models) : settings.noNetwork);
  }
}
