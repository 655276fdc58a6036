import type { PublishedStatus } from '../../../src/server/published-stream.js';
import { pageElement } from '../page-element.js';
import { streamAddress } from '../page-route.js';

/** The row of cameras above the picture, where there are several. */
export class StreamMenu {
  readonly #nav = pageElement('streams', HTMLElement);
  readonly #links = new Map<string, HTMLAnchorElement>();
  #present = '';

  /** Shows the streams and which of them is the present one. */
  show(streams: readonly PublishedStatus[], present: string): void {
    this.#nav.hidden = streams.length < 2;
    const ids = streams.map(({ id }) => id);
    if (ids.join(' ') !== [...this.#links.keys()].join(' ')) this.#build(ids);
    for (const { id, name, state } of streams) {
      const link = this.#links.get(id);
      if (!link) continue;
      if (link.textContent !== name) link.textContent = name;
      link.dataset.condition = state.kind;
      if (id === present) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    if (present === this.#present) return;
    this.#present = present;
    this.#links.get(present)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  /** Takes it away. */
  hide(): void {
    this.#nav.hidden = true;
    this.#present = '';
  }

  #build(ids: readonly string[]): void {
    this.#links.clear();
    for (const id of ids) {
      const link = document.createElement('a');
      link.href = streamAddress(id);
      this.#links.set(id, link);
    }
    this.#nav.replaceChildren(...this.#links.values());
  }
}
