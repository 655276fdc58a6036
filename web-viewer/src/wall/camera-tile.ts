import { writeText } from '../page-element.js';
import type { PublishedStatus } from '../../../src/server/published-stream.js';
import { streamAddress } from '../page-route.js';
import type { PageServices } from '../page-services.js';
import { TEXTS } from '../texts/texts.js';
import type { OpeningQueue } from './opening-queue.js';
import { tileConditionOf, type TileCondition } from './tile-condition.js';
import { TilePlayback } from './tile-playback.js';

/** One camera on the wall: its picture, a link to it alone, and what is to be known at a glance. */
export class CameraTile {
  /** The item of the wall's list. */
  readonly element = document.createElement('li');
  readonly #link = document.createElement('a');
  readonly #badge = span('tile-badge');
  readonly #pipeline = span('tile-pipeline');
  readonly #name = span('tile-name');
  readonly #figures = span('tile-figures');
  readonly #notice = span('tile-notice');
  readonly #playback: TilePlayback;
  #status: PublishedStatus;
  #condition: TileCondition;

  constructor(services: PageServices, queue: OpeningQueue, status: PublishedStatus) {
    this.#status = status;
    this.#condition = tileConditionOf(status, false);
    this.element.className = 'tile';
    const pictures = span('tile-pictures');
    pictures.setAttribute('aria-hidden', 'true');
    const badgeText = span('');
    badgeText.textContent = TEXTS.wall.enhanced;
    this.#badge.append(badgeText, this.#pipeline);
    const caption = span('tile-caption');
    caption.append(span('dot'), this.#name, this.#figures);
    this.#link.className = 'tile-link';
    this.#link.href = streamAddress(status.id);
    this.#link.dataset.stream = status.id;
    this.#link.tabIndex = -1;
    this.#link.append(pictures, this.#notice, this.#badge, caption);
    this.element.append(this.#link);
    this.#playback = new TilePlayback({
      services,
      queue,
      stream: status.id,
      place: pictures,
      status: () => this.#status,
      changed: () => this.refresh(),
    });
    this.#describe();
  }

  /** What takes the focus. */
  get link(): HTMLAnchorElement {
    return this.#link;
  }

  get playback(): TilePlayback {
    return this.#playback;
  }

  get condition(): TileCondition {
    return this.#condition;
  }

  get status(): PublishedStatus {
    return this.#status;
  }

  /** Takes what the server says now. isLost: it says nothing any more. */
  show(status: PublishedStatus, isLost: boolean): void {
    this.#status = status;
    this.#condition = tileConditionOf(status, isLost);
    this.#describe();
    this.refresh();
  }

  /** Brings the figures up to date. */
  refresh(): void {
    const player = this.#playback.player;
    const isLive = this.#condition.kind === 'live';
    const figures = isLive && player?.transport != null ? TEXTS.wall.figures(player.rate, player.latencyMs) : '';
    writeText(this.#figures, figures);
    this.element.toggleAttribute('data-pictured', player?.transport != null);
  }

  /** Ends it. */
  close(): void {
    this.#playback.close();
    this.element.remove();
  }

  #describe(): void {
    const { name } = this.#status;
    const { kind, word, notice, enhancedBy } = this.#condition;
    this.element.dataset.kind = kind;
    writeText(this.#name, name);
    writeText(this.#notice, notice);
    this.#badge.hidden = enhancedBy === null;
    writeText(this.#pipeline, enhancedBy ?? '');
    const label = TEXTS.wall.tile(name, word, enhancedBy);
    if (this.#link.getAttribute('aria-label') !== label) this.#link.setAttribute('aria-label', label);
  }
}

function span(name: string): HTMLSpanElement {
  const element = document.createElement('span');
  if (name !== '') element.className = name;
  return element;
}
