import type { Announcer } from '../announcer.js';
import { pageElement } from '../page-element.js';
import { failureText } from '../playback/failure-text.js';
import type { Player } from '../playback/player.js';
import { TEXTS } from '../texts/texts.js';
import { CompareView, type CompareViewOptions } from './compare-view.js';
import { Divider } from './divider.js';
import type { ShownPicture } from './shown-picture.js';

/** What the comparison is made with. */
export interface ComparisonOptions extends Pick<CompareViewOptions, 'makePlayer' | 'changed'> {
  readonly announcer: Announcer;
  /** Whether there is a picture that could be compared. */
  readonly mayOpen: () => boolean;
}

/** Original and enhanced picture on both sides of the divider, or the original alone for as long as one looks at it. */
export class Comparison {
  /** The picture as it is shown, with both its sides. */
  readonly canvas = pageElement('comparison', HTMLCanvasElement);
  readonly #options: ComparisonOptions;
  readonly #frame = pageElement('frame', HTMLElement);
  readonly #button = pageElement('compare', HTMLButtonElement);
  readonly #divider: Divider;
  readonly #view: CompareView;
  #isPeeking = false;

  constructor(options: ComparisonOptions) {
    this.#options = options;
    this.#divider = new Divider({
      frame: this.#frame,
      handle: pageElement('divider', HTMLElement),
      moved: () => this.#moved(),
    });
    this.#view = new CompareView({
      canvas: this.canvas,
      place: pageElement('backstage', HTMLElement),
      position: () => (this.#isPeeking ? 1 : this.#divider.position),
      makePlayer: options.makePlayer,
      changed: options.changed,
      failed: (player) => this.#failed(player),
    });
    this.#button.addEventListener('click', () => this.toggle());
  }

  /** What plays it, while it is open. */
  get player(): Player | null {
    return this.#view.player;
  }

  /** Whether it is what is on the screen. */
  get isShown(): boolean {
    return this.#view.isShown;
  }

  /** Whether both sides, or the original, are to be seen, or on their way. */
  get isWanted(): boolean {
    return this.#isPeeking || this.#divider.position > 0;
  }

  /** Both sides of one instant, or null while they are not on the screen. */
  get picture(): ShownPicture | null {
    return this.#view.picture;
  }

  /** Whether it stands still. */
  set isFrozen(isFrozen: boolean) {
    this.#view.isFrozen = isFrozen;
  }

  /** Opens it with the divider in the middle, or closes it. */
  toggle(): void {
    this.#divider.toggle();
  }

  /** Puts the divider away. */
  close(): void {
    this.#isPeeking = false;
    this.#divider.set(0);
    this.#view.close();
    this.refresh();
  }

  /** Opens it unseen, as it may be wanted at once; it is closed in a while if it is not. */
  prepare(): void {
    if (this.isWanted || !this.#options.mayOpen()) return;
    this.#view.open();
    this.#view.closeLater();
  }

  /** Shows the original alone, or goes back to what was shown before. */
  peek(isPeeking: boolean): void {
    if (isPeeking === this.#isPeeking) return;
    this.#isPeeking = isPeeking;
    if (isPeeking && this.#options.mayOpen()) this.#view.open();
    // Who has looked once looks again.
    if (!this.isWanted) this.#view.closeLater();
    this.#view.dividerMoved();
    this.#options.changed();
  }

  /** Whether the server is there and the stream has a picture. */
  setReady(isReady: boolean, serverWasAway = false): void {
    this.player?.setReady(isReady, serverWasAway);
  }

  /** Brings what is shown of it up to date. */
  refresh(): void {
    const isOpen = this.player !== null && this.isWanted;
    this.#frame.toggleAttribute('data-comparing', this.isShown && this.isWanted);
    this.#frame.toggleAttribute('data-compared', this.isShown);
    this.#frame.toggleAttribute('data-peeking', this.#isPeeking);
    this.#frame.toggleAttribute('data-opening', isOpen && !this.isShown);
    this.#button.setAttribute('aria-pressed', String(this.#divider.position > 0 && isOpen));
  }

  #moved(): void {
    if (this.#divider.position > 0) {
      if (this.#options.mayOpen()) this.#view.open();
    } else if (!this.#isPeeking) {
      this.#view.close();
    }
    this.#view.dividerMoved();
    this.#options.changed();
  }

  #failed(player: Player): void {
    const reason = player.reason ? failureText(player.reason) : TEXTS.failures.unreachable;
    this.#options.announcer.say(TEXTS.compare.unavailable(reason));
    this.#isPeeking = false;
    this.#divider.set(0);
  }
}
