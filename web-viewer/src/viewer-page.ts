import type { PublishedStatus } from '../../src/server/published-stream.js';
import type { Rendition } from '../../src/stream/stream-messages.js';
import { AccessToken } from './access-token.js';
import { Announcer } from './announcer.js';
import { ClockOffset } from './clock-offset.js';
import { CompareView, type ComparePlayerOptions } from './compare-view.js';
import { conditionOf, type Condition } from './condition.js';
import { DetailsPanel } from './details-panel.js';
import { Divider } from './divider.js';
import { failureText } from './failure-text.js';
import { Figures } from './figures.js';
import { FullScreen } from './full-screen.js';
import { LiveConnection } from './live-connection.js';
import { LoginForm } from './login-form.js';
import { pageElement } from './page-element.js';
import { installProbe } from './page-probe.js';
import { Player, type PlayerOptions } from './player.js';
import { saveSnapshot } from './snapshot.js';
import { listenForShortcuts } from './shortcuts.js';
import { SoundButton } from './sound-button.js';
import { StateOverlay } from './state-overlay.js';
import { StreamMenu } from './stream-menu.js';
import { StrengthSlider } from './strength-slider.js';
import { TEXTS } from './texts.js';

/** Figures and countdowns are brought up to date this often, in milliseconds. */
const REFRESH = 500;

/** The page: joins what the server says, what plays, and what people do. */
export class ViewerPage {
  readonly #token = new AccessToken();
  readonly #clock = new ClockOffset();
  readonly #announcer = new Announcer();
  readonly #overlay = new StateOverlay(() => this.#player?.playByHand());
  readonly #details = new DetailsPanel();
  readonly #figures = new Figures(() => this.#player?.retry());
  readonly #menu = new StreamMenu(() => this.#choose());
  readonly #sound = new SoundButton(() => this.#toggleSound());
  readonly #fullScreen = new FullScreen(() => this.#player?.video ?? null);
  readonly #login = new LoginForm(this.#token, () => this.#unlocked());
  readonly #frame = pageElement('frame', HTMLElement);
  readonly #canvas = pageElement('comparison', HTMLCanvasElement);
  readonly #conditionPill = pageElement('condition', HTMLElement);
  readonly #conditionText = pageElement('condition-text', HTMLElement);
  readonly #name = pageElement('stream-name', HTMLElement);
  readonly #compareButton = pageElement('compare', HTMLButtonElement);
  readonly #snapshotButton = pageElement('snapshot', HTMLButtonElement);
  readonly #divider: Divider;
  readonly #compare: CompareView;
  readonly #strength: StrengthSlider;
  readonly #connection: LiveConnection;
  #streams: readonly PublishedStatus[] = [];
  #status: PublishedStatus | null = null;
  #player: Player | null = null;
  #condition: Condition | null = null;
  #stateKey = '';
  #stateSince = 0;
  #isLost = false;
  #isLocked = false;
  #isMuted = true;

  /** Connects and plays at once. */
  constructor() {
    this.#divider = new Divider({
      frame: this.#frame,
      handle: pageElement('divider', HTMLElement),
      moved: (position) => this.#dividerMoved(position),
    });
    this.#compare = new CompareView({
      canvas: this.#canvas,
      place: pageElement('backstage', HTMLElement),
      position: () => this.#divider.position,
      makePlayer: (options) => this.#makeComparePlayer(options),
      hold: (on) => this.#status && this.#connection.send({ kind: 'compare', stream: this.#status.id, on }),
      changed: () => this.#compareChanged(),
      failed: (player) => this.#compareFailed(player),
    });
    this.#strength = new StrengthSlider({
      input: pageElement('strength', HTMLInputElement),
      output: pageElement('strength-value', HTMLOutputElement),
      send: (value) =>
        this.#status !== null && this.#connection.send({ kind: 'strength', stream: this.#status.id, value }),
    });
    this.#listen();
    installProbe({
      player: () => this.#player,
      comparison: () => this.#compare.player,
      isComparing: () => this.#compare.isShown,
      isLost: () => this.#isLost,
    });
    this.#connection = new LiveConnection(this.#token, this.#clock, {
      streams: (streams) => this.#hear(streams),
      lost: () => this.#lost(),
      locked: () => this.#locked(),
    });
    void this.#askWhetherLocked();
    setInterval(() => this.#refresh(), REFRESH);
    this.#refresh();
  }

  #listen(): void {
    const help = pageElement('help', HTMLElement);
    this.#compareButton.addEventListener('click', () => this.#divider.toggle());
    this.#snapshotButton.addEventListener('click', () => void this.#saveSnapshot());
    pageElement('details', HTMLDetailsElement).addEventListener('toggle', () => this.#details.update(this.#status));
    listenForShortcuts({
      b: () => this.#divider.toggle(),
      f: () => this.#fullScreen.toggle(),
      m: () => this.#toggleSound(),
      s: () => void this.#saveSnapshot(),
      '?': () => help.togglePopover(),
      escape: () => {
        if (help.matches(':popover-open')) help.hidePopover();
        else this.#divider.set(0);
      },
    });
    // A page that comes back from the browser's memory has lost its connections.
    addEventListener('pageshow', ({ persisted }) => {
      if (persisted) location.reload();
    });
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
    this.#choose(wasAway);
    if (wasAway) this.#compare.connectionReturned();
  }

  #choose(serverWasAway = false): void {
    const status = this.#menu.choose(this.#streams);
    if (!status) return;
    if (status.id !== this.#status?.id) this.#change(status);
    this.#status = status;
    this.#menu.show(this.#streams, status.id);
    this.#strength.show(status.strength);
    this.#noteState(status);
    const { state } = status;
    if (state.kind === 'live') {
      const { width, height } = state.source.format;
      document.documentElement.style.setProperty('--aspect', String(width / height));
    }
    this.#sound.show(state.kind === 'live' && state.source.sound, this.#isMuted);
    const isReady = this.#connection.isUp && hasPicture(state);
    this.#player?.setReady(isReady, serverWasAway);
    this.#compare.player?.setReady(isReady, serverWasAway);
    this.#refresh();
  }

  /** Another stream is to be shown. */
  #change(status: PublishedStatus): void {
    this.#divider.set(0);
    this.#player?.close();
    this.#name.textContent = status.name;
    document.title = TEXTS.title(status.name);
    this.#player = new Player({
      ...this.#playerOptions(status.id, 'enhanced'),
      place: pageElement('pictures', HTMLElement),
      label: TEXTS.picture.label(status.name),
      webRtc: true,
      muted: this.#isMuted,
    });
  }

  #playerOptions(
    stream: string,
    rendition: Rendition,
  ): Pick<
    PlayerOptions,
    'stream' | 'rendition' | 'headers' | 'serverNow' | 'anchor' | 'locked' | 'soundRefused' | 'changed'
  > {
    return {
      stream,
      rendition,
      headers: () => this.#token.headers(),
      serverNow: () => this.#clock.serverNow(),
      anchor: () => (this.#status?.id === stream ? (this.#status.anchors[rendition] ?? null) : null),
      locked: () => this.#locked(),
      soundRefused: () => this.#soundRefused(),
      changed: () => this.#refresh(),
    };
  }

  #makeComparePlayer(options: ComparePlayerOptions): Player {
    const player = new Player({
      ...this.#playerOptions(this.#status?.id ?? '', 'compare'),
      ...options,
      label: TEXTS.picture.comparison,
      // Where WebRTC does not work for the one, the other need not try it.
      webRtc: this.#player?.transport !== 'hls',
      muted: true,
    });
    player.setReady(this.#connection.isUp && this.#status !== null && hasPicture(this.#status.state));
    return player;
  }

  /** Remembers when a state was first heard of, for countdowns: the server tells how long it waits, not since when. */
  #noteState({ id, state }: PublishedStatus): void {
    const key = `${id} ${JSON.stringify(state)}`;
    if (key === this.#stateKey) return;
    this.#stateKey = key;
    this.#stateSince = performance.now();
  }

  /** The browser plays no sound without a gesture; the picture goes on without. */
  #soundRefused(): void {
    this.#isMuted = true;
    this.#routeSound();
    this.#refresh();
  }

  #compareChanged(): void {
    if (this.#player) this.#player.isCovered = this.#compare.isShown;
    this.#routeSound();
    this.#refresh();
  }

  #dividerMoved(position: number): void {
    if (position > 0 && !this.#compare.player && this.#player?.transport) this.#compare.open();
    else if (position === 0) this.#compare.close();
    this.#compare.dividerMoved();
    this.#refresh();
  }

  #compareFailed(player: Player): void {
    const reason = player.reason ? failureText(player.reason) : TEXTS.failures.unreachable;
    this.#announcer.say(TEXTS.compare.unavailable(reason));
    this.#divider.set(0);
  }

  #toggleSound(): void {
    const { state } = this.#status ?? {};
    if (state?.kind !== 'live' || !state.source.sound) return;
    this.#isMuted = !this.#isMuted;
    this.#announcer.say(this.#isMuted ? TEXTS.sound.off : TEXTS.sound.on);
    this.#sound.show(true, this.#isMuted);
    this.#routeSound();
  }

  /** Sound comes with the picture on the screen: the comparison's may be older than the other's. */
  #routeSound(): void {
    const comparison = this.#compare.isShown ? this.#compare.player : null;
    if (this.#player) this.#player.muted = this.#isMuted || comparison !== null;
    if (comparison) comparison.muted = this.#isMuted;
  }

  async #saveSnapshot(): Promise<void> {
    const source = this.#compare.isShown ? this.#canvas : this.#player?.video;
    if (source && this.#status && (await saveSnapshot(source, this.#status.id))) {
      this.#announcer.say(TEXTS.snapshot.saved);
    }
  }

  #lost(): void {
    if (this.#isLocked) return;
    this.#isLost = true;
    this.#player?.setReady(false);
    this.#compare.player?.setReady(false);
    this.#refresh();
  }

  #locked(): void {
    this.#isLocked = true;
    this.#isLost = false;
    this.#player?.setReady(false);
    this.#divider.set(0);
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
    const before = this.#condition;
    const condition = conditionOf({
      isLost: this.#isLost,
      isLocked: this.#isLocked,
      status: this.#status,
      stateSince: this.#stateSince,
      player: this.#player,
    });
    this.#condition = condition;
    this.#overlay.show(condition.overlay);
    this.#conditionPill.dataset.kind = condition.kind;
    this.#conditionText.textContent = TEXTS.conditions[condition.kind];
    if (before && before.kind !== condition.kind) this.#announce(condition);
    const isOpen = this.#compare.player !== null;
    this.#frame.toggleAttribute('data-pictured', this.#player?.transport != null);
    this.#frame.toggleAttribute('data-comparing', this.#compare.isShown);
    this.#frame.toggleAttribute('data-opening', isOpen && !this.#compare.isShown);
    this.#compareButton.setAttribute('aria-pressed', String(isOpen));
    this.#strength.enabled = this.#connection.mayControl;
    const shown = this.#compare.isShown ? this.#compare.player : this.#player;
    this.#figures.update(this.#isLost ? null : this.#status, shown, this.#player);
    this.#details.update(this.#status);
  }

  #announce({ kind, overlay }: Condition): void {
    const parts = [overlay?.title ?? TEXTS.conditions[kind], overlay?.message ?? '', overlay?.remedy ?? ''];
    this.#announcer.say(parts.map((part) => TEXTS.sentence(part)).join(' '));
  }
}

/** Whether there is something to be seen: while a camera is away its stream shows the last picture. */
function hasPicture(state: PublishedStatus['state']): boolean {
  return state.kind === 'live' || state.kind === 'reconnecting';
}
