import type { PublishedStatus } from '../../../src/server/published-stream.js';
import type { HeadContent } from '../page-head.js';
import { pageElement } from '../page-element.js';
import type { PageServices } from '../page-services.js';
import { hasPicture } from '../playback/has-picture.js';
import { TEXTS } from '../texts/texts.js';
import { CameraTile } from './camera-tile.js';
import { gridShape, neighbourOf } from './grid-shape.js';
import { OpeningQueue } from './opening-queue.js';
import { WallNews } from './wall-news.js';

/** All tiles are of this shape; pictures of another have bars. Nothing moves when a picture comes. */
const ASPECT = 16 / 9;
/** Pictures that are opened at a time. */
const OPENED_AT_A_TIME = 4;
/** A page that nobody has looked at for this long, in milliseconds, plays nothing. */
const REST_AFTER = 10_000;
/** Tiles are ready a little before they are scrolled to. */
const MARGIN = '80px';

/** All cameras at once. */
export class WallView {
  readonly #services: PageServices;
  readonly #section = pageElement('wall', HTMLElement);
  readonly #list = pageElement('tiles', HTMLUListElement);
  readonly #empty = pageElement('wall-empty', HTMLElement);
  readonly #queue = new OpeningQueue(OPENED_AT_A_TIME);
  readonly #news: WallNews;
  readonly #sight: IntersectionObserver;
  readonly #inSight = new Set<Element>();
  #tiles: CameraTile[] = [];
  #columns = 1;
  #isShown = false;
  #isLost = false;
  #isResting = false;
  #restTimer = 0;
  #present = '';

  constructor(services: PageServices) {
    this.#services = services;
    this.#news = new WallNews(services.announcer);
    this.#sight = new IntersectionObserver((entries) => this.#seen(entries), { rootMargin: MARGIN });
    new ResizeObserver(() => this.#layOut()).observe(document.documentElement);
    this.#list.addEventListener('keydown', (event) => this.#key(event));
    this.#list.addEventListener('focusin', ({ target }) => {
      if (target instanceof HTMLAnchorElement) this.#rove(target.dataset.stream ?? '');
    });
    document.addEventListener('visibilitychange', () => this.#visibilityChanged());
  }

  /** The tiles, for tests. */
  get tiles(): readonly CameraTile[] {
    return this.#tiles;
  }

  /** What the head of the page says meanwhile. */
  get head(): HeadContent {
    const { wall, conditions } = TEXTS;
    const live = this.#tiles.filter(({ condition }) => condition.kind === 'live').length;
    if (this.#isLost) return { name: wall.name, kind: 'lost', condition: conditions.lost };
    const kind = live === this.#tiles.length ? 'live' : 'reconnecting';
    return { name: wall.name, kind, condition: wall.summary(live, this.#tiles.length) };
  }

  /** Shows the streams as they are now. serverWasAway: connections of before may be dead. */
  show(streams: readonly PublishedStatus[], serverWasAway: boolean): void {
    this.#isLost = false;
    const isOpening = !this.#isShown;
    this.#isShown = true;
    this.#section.hidden = false;
    this.#keepTiles(streams);
    this.#empty.hidden = streams.length > 0;
    this.#play(serverWasAway);
    this.#news.look(this.#tiles);
    if (!isOpening) return;
    this.#layOut();
    // Back from one camera: the keys go on from it.
    if (this.#present !== '') this.#tileOf(this.#present)?.link.focus();
  }

  /** The server is gone. */
  lost(): void {
    this.#isLost = true;
    for (const tile of this.#tiles) tile.show(tile.status, true);
    if (this.#isShown) this.#play(false);
  }

  /** Another view is shown: nothing is played any more. chosen: the stream that it shows. */
  hide(chosen: string): void {
    this.#present = chosen;
    if (!this.#isShown) return;
    this.#isShown = false;
    this.#section.hidden = true;
    this.#news.stop();
    for (const { playback } of this.#tiles) playback.close();
  }

  /** A stream's picture at this moment, for showing until the large one has come; null if it is not played. */
  pictureOf(stream: string): HTMLCanvasElement | null {
    return this.#isShown ? (this.#tileOf(stream)?.playback.picture() ?? null) : null;
  }

  /** Brings figures up to date. */
  refresh(): void {
    if (this.#isShown) for (const tile of this.#tiles) tile.refresh();
  }

  /** Adds and removes tiles, without touching those that stay. */
  #keepTiles(streams: readonly PublishedStatus[]): void {
    const before = new Map(this.#tiles.map((tile) => [tile.status.id, tile]));
    this.#tiles = streams.map((status) => {
      const tile = before.get(status.id) ?? this.#newTile(status);
      before.delete(status.id);
      tile.show(status, false);
      return tile;
    });
    for (const tile of before.values()) {
      this.#sight.unobserve(tile.element);
      this.#inSight.delete(tile.element);
      tile.close();
    }
    let hasMoved = before.size > 0;
    // Only what is out of place is moved: a video that is moved stops.
    for (const [index, { element }] of this.#tiles.entries()) {
      const there = this.#list.children[index] ?? null;
      if (there === element) continue;
      this.#list.insertBefore(element, there);
      hasMoved = true;
    }
    if (!hasMoved) return;
    this.#rove(this.#present);
    this.#layOut();
  }

  #newTile(status: PublishedStatus): CameraTile {
    const tile = new CameraTile(this.#services, this.#queue, status);
    this.#sight.observe(tile.element);
    return tile;
  }

  #tileOf(stream: string): CameraTile | null {
    return this.#tiles.find(({ status }) => status.id === stream) ?? null;
  }

  #play(serverWasAway: boolean): void {
    const isUp = this.#services.connection.isUp && !this.#isLost;
    for (const { playback, status, element } of this.#tiles) {
      const isWanted = this.#isShown && !this.#isResting && this.#inSight.has(element);
      playback.want(isWanted, isUp && hasPicture(status.state), serverWasAway);
    }
  }

  #seen(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) this.#inSight.add(target);
      else this.#inSight.delete(target);
    }
    if (this.#isShown) this.#play(false);
  }

  #visibilityChanged(): void {
    clearTimeout(this.#restTimer);
    if (document.visibilityState === 'hidden') {
      this.#restTimer = window.setTimeout(() => this.#rest(true), REST_AFTER);
    } else {
      this.#rest(false);
    }
  }

  #rest(isResting: boolean): void {
    this.#isResting = isResting;
    if (this.#isShown) this.#play(false);
  }

  #layOut(): void {
    if (!this.#isShown) return;
    const { width, top } = this.#section.getBoundingClientRect();
    const gap = parseFloat(getComputedStyle(this.#list).rowGap) || 0;
    const below = parseFloat(getComputedStyle(this.#section).paddingBottom) || 0;
    const height = document.documentElement.clientHeight - (top + scrollY) - below;
    const { columns, tileWidth } = gridShape(this.#tiles.length, { width, height, gap }, ASPECT);
    this.#columns = columns;
    this.#list.style.setProperty('--columns', String(columns));
    this.#list.style.setProperty('--tile', `${tileWidth}px`);
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const index = this.#tiles.findIndex(({ link }) => link === document.activeElement);
    const next = index < 0 ? null : neighbourOf(event.key, index, this.#tiles.length, this.#columns);
    if (next === null) return;
    event.preventDefault();
    this.#tiles[next]?.link.focus();
  }

  /** One tile is reached by the tab key; the arrows lead from there. */
  #rove(stream: string): void {
    const chosen = this.#tileOf(stream) ?? this.#tiles[0];
    for (const tile of this.#tiles) tile.link.tabIndex = tile === chosen ? 0 : -1;
  }
}
