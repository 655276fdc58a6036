import type { PublishedStatus } from '../../src/server/published-stream.js';
import { AccessToken } from './access-token.js';
import { Announcer } from './announcer.js';
import { ClockOffset } from './clock-offset.js';
import { FilmRoomView } from './films/film-room-view.js';
import { LiveConnection } from './live-connection.js';
import { LoginForm } from './login-form.js';
import { PageHead } from './page-head.js';
import { pageElement } from './page-element.js';
import { installProbe } from './page-probe.js';
import { routeOf, type Route } from './page-route.js';
import type { PageServices } from './page-services.js';
import { listenForShortcuts, type Shortcuts } from './shortcuts.js';
import { StreamView } from './stream/stream-view.js';
import { TEXTS } from './texts/texts.js';
import { WallView } from './wall/wall-view.js';

/** Figures and countdowns are brought up to date this often, in milliseconds. */
const REFRESH = 500;

/** The page: its connection, who may see it, and which of its views is shown. */
export class ViewerPage {
  readonly #token = new AccessToken();
  readonly #head = new PageHead();
  readonly #help = pageElement('help', HTMLElement);
  readonly #login = new LoginForm(this.#token, () => this.#unlocked());
  readonly #connection: LiveConnection;
  readonly #wall: WallView;
  readonly #stream: StreamView;
  readonly #films: FilmRoomView;
  /** Null before the server has said which there are. */
  #streams: readonly PublishedStatus[] | null = null;
  #route: Route | null = null;
  #isLost = false;
  #isLocked = false;

  /** Connects and plays at once. */
  constructor() {
    const clock = new ClockOffset();
    this.#connection = new LiveConnection(this.#token, clock, {
      streams: (streams) => this.#hear(streams),
      lost: () => this.#lost(),
      locked: () => this.#locked(),
    });
    const services: PageServices = {
      token: this.#token,
      clock,
      announcer: new Announcer(),
      connection: this.#connection,
      locked: () => this.#locked(),
    };
    this.#wall = new WallView(services);
    this.#stream = new StreamView(
      services,
      () => ({ isLost: this.#isLost, isLocked: this.#isLocked }),
      () => this.#refresh(),
    );
    this.#films = new FilmRoomView(services);
    this.#listen();
    installProbe({
      view: () => this.#route?.kind ?? 'opening',
      tiles: () => this.#wall.tiles,
      player: () => this.#stream.player,
      comparison: () => this.#stream.comparison.player,
      isComparing: () => this.#stream.comparison.isShown,
      isLost: () => this.#isLost,
    });
    void this.#askWhetherLocked();
    setInterval(() => this.#refresh(), REFRESH);
    this.#refresh();
  }

  #listen(): void {
    addEventListener('hashchange', () => {
      this.#arrange(false);
      if (this.#route?.kind === 'stream') this.#head.focus();
    });
    listenForShortcuts(() => this.#shortcuts());
    // A page that comes back from the browser's memory has lost its connections.
    addEventListener('pageshow', ({ persisted }) => {
      if (persisted) location.reload();
    });
  }

  #shortcuts(): Shortcuts {
    const ofView = this.#route?.kind === 'stream' ? this.#stream.shortcuts : {};
    return {
      ...ofView,
      '?': () => this.#help.togglePopover(),
      ...(this.#help.matches(':popover-open') ? { escape: () => this.#help.hidePopover() } : {}),
    };
  }

  /** The WebSocket says only after some seconds that a token is needed; a request says it at once. */
  async #askWhetherLocked(): Promise<void> {
    try {
      const { status } = await fetch('/api/streams', { method: 'HEAD', headers: this.#token.headers() });
      if (status === 401) this.#locked();
    } catch {
      // The connection finds out for itself that there is no server.
    }
  }

  #hear(streams: readonly PublishedStatus[]): void {
    const wasAway = this.#isLost;
    this.#isLost = false;
    this.#streams = streams;
    this.#arrange(wasAway);
  }

  /** Shows what the address names, as the server says it is. */
  #arrange(serverWasAway: boolean): void {
    const streams = this.#streams;
    if (!streams) return;
    const route = routeOf(location.hash, streams);
    this.#route = route;
    document.body.dataset.view = route.kind;
    this.#head.showRooms(route.kind === 'stream' ? null : route.kind, streams.length > 1 || route.kind === 'films');
    const chosen = route.kind === 'stream' ? streams.find(({ id }) => id === route.id) : undefined;
    if (chosen) {
      const poster = this.#wall.pictureOf(chosen.id);
      this.#wall.hide(chosen.id);
      this.#stream.show(chosen, streams, serverWasAway, poster);
    } else {
      this.#stream.hide();
      if (route.kind === 'films') this.#wall.hide('');
      else this.#wall.show(streams, serverWasAway);
    }
    if (route.kind === 'films') this.#films.show(route.film);
    else this.#films.hide();
    this.#refresh();
  }

  #lost(): void {
    if (this.#isLocked) return;
    this.#isLost = true;
    this.#stream.interrupt();
    this.#wall.lost();
    this.#refresh();
  }

  #locked(): void {
    this.#isLocked = true;
    this.#isLost = false;
    this.#stream.interrupt();
    this.#wall.lost();
    this.#login.open();
    this.#refresh();
  }

  #unlocked(): void {
    this.#isLocked = false;
    this.#connection.retry();
    this.#refresh();
  }

  /** Brings everything that is shown up to date. */
  #refresh(): void {
    if (this.#route?.kind === 'stream' || !this.#route) {
      this.#stream.refresh();
      this.#head.show(this.#stream.head);
      return;
    }
    this.#wall.refresh();
    const { head } = this.#route.kind === 'films' ? this.#films : this.#wall;
    const lost = this.#isLost ? ({ kind: 'lost', condition: TEXTS.conditions.lost } as const) : {};
    this.#head.show({ ...head, ...lost, ...(this.#isLocked ? this.#head.locked : {}) });
  }
}
