import type { PublishedStatus } from '../../src/server/published-stream.js';
import { pageElement } from './page-element.js';

const HASH = /^#\/([a-z0-9][a-z0-9-]*)$/;

/** The row of cameras, where there are several. The address names the chosen one, as `#/<id>`. */
export class StreamMenu {
  readonly #nav = pageElement('streams', HTMLElement);
  readonly #links = new Map<string, HTMLAnchorElement>();

  /** chosen: the address names another stream now. */
  constructor(chosen: () => void) {
    addEventListener('hashchange', chosen);
  }

  /** The stream that the address names, else the first one. */
  choose(streams: readonly PublishedStatus[]): PublishedStatus | null {
    const id = HASH.exec(location.hash)?.[1];
    return streams.find((stream) => stream.id === id) ?? streams[0] ?? null;
  }

  /** Shows the streams and which of them is the present one. */
  show(streams: readonly PublishedStatus[], present: string): void {
    this.#nav.hidden = streams.length < 2;
    const isSame = streams.length === this.#links.size && streams.every(({ id }) => this.#links.has(id));
    if (!isSame) this.#build(streams);
    for (const { id, name, state } of streams) {
      const link = this.#links.get(id);
      if (!link) continue;
      if (link.textContent !== name) link.textContent = name;
      link.dataset.condition = state.kind;
      if (id === present) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
  }

  #build(streams: readonly PublishedStatus[]): void {
    this.#links.clear();
    for (const { id } of streams) {
      const link = document.createElement('a');
      link.href = `#/${id}`;
      this.#links.set(id, link);
    }
    this.#nav.replaceChildren(...this.#links.values());
  }
}
