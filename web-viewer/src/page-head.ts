import type { ConditionKind } from './stream/condition.js';
import { pageElement, writeText } from './page-element.js';
import { TEXTS } from './texts/texts.js';

/** What the head says. */
export interface HeadContent {
  /** What is shown: a camera's name, or the room's. */
  readonly name: string;
  readonly kind: ConditionKind;
  /** Words of the pill. */
  readonly condition: string;
}

/** The head of the page: the way to its rooms, what is shown, and how it is. */
export class PageHead {
  readonly #name = pageElement('stream-name', HTMLElement);
  readonly #pill = pageElement('condition', HTMLElement);
  readonly #text = pageElement('condition-text', HTMLElement);
  readonly #wallLink = pageElement('wall-link', HTMLAnchorElement);
  readonly #filmsLink = pageElement('films-link', HTMLAnchorElement);

  /** What the pill says while a token is wanted. */
  get locked(): Pick<HeadContent, 'kind' | 'condition'> {
    return { kind: 'locked', condition: TEXTS.conditions.locked };
  }

  /** Shows it. */
  show({ name, kind, condition }: HeadContent): void {
    writeText(this.#name, name);
    writeText(this.#text, condition);
    this.#pill.dataset.kind = kind;
    const title = name === '' ? TEXTS.product : TEXTS.title(name);
    if (document.title !== title) document.title = title;
  }

  /** Which room is shown, if any is; hasWall: whether there is a wall, or a camera, to go to. */
  showRooms(room: 'wall' | 'films' | null, hasWall: boolean): void {
    this.#wallLink.hidden = !hasWall;
    for (const [link, name] of [
      [this.#wallLink, 'wall'],
      [this.#filmsLink, 'films'],
    ] as const) {
      if (room === name) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
  }

  /** Puts the focus on the name of what is shown, from where the keys of the view work. */
  focus(): void {
    this.#name.focus({ preventScroll: true });
  }
}
