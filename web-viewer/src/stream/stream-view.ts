import type { PublishedStatus } from '../../../src/server/published-stream.js';
import type { Rendition } from '../../../src/stream/stream-messages.js';
import { HoldKey } from '../hold-key.js';
import type { HeadContent } from '../page-head.js';
import { pageElement } from '../page-element.js';
import { routeOf, streamAddress, WALL_ADDRESS } from '../page-route.js';
import type { PageServices } from '../page-services.js';
import { hasPicture } from '../playback/has-picture.js';
import { Player, type PlayerOptions } from '../playback/player.js';
import { PlotsPanel } from '../plots/plots-panel.js';
import { SettingsPanel } from '../settings/settings-panel.js';
import type { Shortcuts } from '../shortcuts.js';
import { TEXTS } from '../texts/texts.js';
import type { ComparePlayerOptions } from './compare-view.js';
import { Comparison } from './comparison.js';
import { conditionOf, type Condition } from './condition.js';
import { DetailsPanel } from './details-panel.js';
import { Figures } from './figures.js';
import { FrozenPicture } from './frozen-picture.js';
import { FullScreen } from './full-screen.js';
import { Magnifier } from './magnifier.js';
import type { ShownPicture } from './shown-picture.js';
import { saveSnapshot } from './snapshot.js';
import { SoundButton } from './sound-button.js';
import { StateOverlay } from './state-overlay.js';
import { StreamMenu } from './stream-menu.js';
import { StrengthSlider } from './strength-slider.js';
import { SupportButton } from './support-button.js';

/** What the page as a whole knows. */
export interface PageCondition {
  readonly isLost: boolean;
  readonly isLocked: boolean;
}

/** One camera with its controls. */
export class StreamView {
  readonly #services: PageServices;
  readonly #page: () => PageCondition;
  readonly #changed: () => void;
  readonly #section = pageElement('stream-view', HTMLElement);
  readonly #frame = pageElement('frame', HTMLElement);
  readonly #pictures = pageElement('pictures', HTMLElement);
  readonly #poster = pageElement('poster', HTMLElement);
  readonly #overlay = new StateOverlay(() => this.#player?.playByHand());
  readonly #details = new DetailsPanel();
  readonly #figures = new Figures(() => this.#player?.retry());
  readonly #menu = new StreamMenu();
  readonly #sound = new SoundButton(() => this.#toggleSound());
  readonly #frozen = new FrozenPicture(() => this.#toggleFreeze());
  readonly #fullScreen = new FullScreen(() => this.#player?.video ?? null);
  readonly #lens = new Magnifier({ frame: this.#frame, picture: () => this.#picture() });
  readonly #plots = new PlotsPanel(() => this.#comparison.picture ?? this.#picture());
  readonly #comparison: Comparison;
  readonly #strength: StrengthSlider;
  readonly #settings: SettingsPanel;
  #streams: readonly PublishedStatus[] = [];
  #status: PublishedStatus | null = null;
  #player: Player | null = null;
  #condition: Condition | null = null;
  #stateKey = '';
  #stateSince = 0;
  #isMuted = true;

  /** page: what the page as a whole knows. changed: what is shown has changed, the head of the page too. */
  constructor(services: PageServices, page: () => PageCondition, changed: () => void) {
    this.#services = services;
    this.#page = page;
    this.#changed = changed;
    const { connection, announcer } = services;
    this.#comparison = new Comparison({
      announcer,
      mayOpen: () => this.#player?.transport != null,
      makePlayer: (options) => this.#makeComparePlayer(options),
      changed: () => this.#compareChanged(),
    });
    this.#strength = new StrengthSlider({
      input: pageElement('strength', HTMLInputElement),
      output: pageElement('strength-value', HTMLOutputElement),
      send: (value) => this.#status !== null && connection.send({ kind: 'strength', stream: this.#status.id, value }),
    });
    this.#settings = new SettingsPanel(services, { frame: this.#frame, editing: () => this.#comparison.close() });
    new SupportButton(announcer, { status: () => this.#status, player: () => this.#player });
    pageElement('snapshot', HTMLButtonElement).addEventListener('click', () => void this.#saveSnapshot());
    pageElement('details', HTMLDetailsElement).addEventListener('toggle', () => this.#showDetails());
    const isActive = (): boolean => this.#status !== null && !this.#settings.isEditing;
    new HoldKey({
      key: 'b',
      isActive,
      down: () => this.#comparison.prepare(),
      held: () => this.#comparison.peek(true),
      released: () => this.#comparison.peek(false),
      pressed: () => this.#comparison.toggle(),
    });
    new HoldKey({
      key: 'z',
      isActive,
      held: () => this.#lens.set(true),
      released: () => this.#lens.set(false),
      pressed: () => this.#lens.toggle(),
    });
  }

  /** What plays, for tests. */
  get player(): Player | null {
    return this.#player;
  }

  get comparison(): Comparison {
    return this.#comparison;
  }

  /** What the head of the page says meanwhile. */
  get head(): HeadContent {
    const kind = this.#condition?.kind ?? 'connecting';
    return { name: this.#status?.name ?? '', kind, condition: TEXTS.conditions[kind] };
  }

  /** What keys do here. */
  get shortcuts(): Shortcuts {
    return {
      arrowleft: () => this.#turn(-1),
      arrowright: () => this.#turn(1),
      ' ': () => this.#toggleFreeze(),
      f: () => this.#fullScreen.toggle(),
      m: () => this.#toggleSound(),
      r: () => void this.#settings.edit(),
      s: () => void this.#saveSnapshot(),
      escape: () => this.#stepBack(),
    };
  }

  /** Shows a stream. poster: its picture until the first one of its own. */
  show(
    status: PublishedStatus,
    streams: readonly PublishedStatus[],
    serverWasAway: boolean,
    poster: HTMLCanvasElement | null,
  ): void {
    this.#section.hidden = false;
    this.#streams = streams;
    if (status.id !== this.#status?.id) this.#change(status, poster);
    this.#status = status;
    this.#menu.show(streams, status.id);
    this.#strength.show(status.strength);
    this.#settings.show(status);
    this.#noteState(status);
    const { state } = status;
    if (state.kind === 'live') {
      const { width, height } = state.source.format;
      document.documentElement.style.setProperty('--aspect', String(width / height));
    }
    this.#sound.show(state.kind === 'live' && state.source.sound, this.#isMuted);
    const isReady = this.#services.connection.isUp && hasPicture(state);
    this.#player?.setReady(isReady, serverWasAway);
    this.#comparison.setReady(isReady, serverWasAway);
    this.#plots.add(status);
  }

  /** Another view is shown: nothing is played any more. */
  hide(): void {
    if (!this.#status) {
      this.#section.hidden = true;
      return;
    }
    this.#leave();
    this.#status = null;
    this.#condition = null;
    this.#menu.hide();
    this.#section.hidden = true;
    if (document.fullscreenElement) void document.exitFullscreen();
  }

  /** The server is gone, or wants a token. */
  interrupt(): void {
    this.#player?.setReady(false);
    this.#comparison.setReady(false);
    if (this.#page().isLocked) this.#comparison.close();
  }

  /** Brings everything that is shown up to date. */
  refresh(): void {
    const before = this.#condition;
    const { isLost, isLocked } = this.#page();
    const [status, player, stateSince] = [this.#status, this.#player, this.#stateSince];
    const condition = conditionOf({ isLost, isLocked, status, stateSince, player });
    this.#condition = condition;
    this.#overlay.show(condition.overlay);
    if (before && before.kind !== condition.kind) this.#announce(condition);
    const isPictured = player?.transport != null;
    this.#frame.toggleAttribute('data-pictured', isPictured);
    if (isPictured) this.#poster.replaceChildren();
    this.#comparison.refresh();
    this.#strength.enabled = this.#services.connection.mayControl;
    const shown = this.#comparison.isShown ? this.#comparison.player : player;
    this.#figures.update(isLost ? null : status, shown, player);
    this.#details.update(status);
  }

  /** Another stream is to be shown. */
  #change(status: PublishedStatus, poster: HTMLCanvasElement | null): void {
    this.#leave();
    this.#condition = null;
    this.#poster.replaceChildren(...(poster ? [poster] : []));
    this.#player = new Player({
      ...this.#playerOptions(status.id, 'enhanced'),
      place: this.#pictures,
      label: TEXTS.picture.label(status.name),
      webRtc: true,
      muted: this.#isMuted,
    });
  }

  /** Ends what belongs to the present stream. */
  #leave(): void {
    this.#thaw();
    this.#lens.set(false);
    this.#settings.leave();
    this.#comparison.close();
    this.#plots.reset();
    this.#player?.close();
    this.#player = null;
  }

  #playerOptions(
    stream: string,
    rendition: Rendition,
  ): Omit<PlayerOptions, 'place' | 'label' | 'webRtc' | 'muted' | 'pictured'> {
    const { token, clock, locked } = this.#services;
    return {
      stream,
      rendition,
      sound: true,
      headers: () => token.headers(),
      serverNow: () => clock.serverNow(),
      anchor: () => (this.#status?.id === stream ? (this.#status.anchors[rendition] ?? null) : null),
      locked,
      soundRefused: () => this.#soundRefused(),
      changed: this.#changed,
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
    player.setReady(this.#services.connection.isUp && this.#status !== null && hasPicture(this.#status.state));
    return player;
  }

  /** What is on the screen. */
  #picture(): ShownPicture | null {
    if (this.#comparison.isShown && this.#comparison.isWanted) return this.#comparison.picture;
    const frozen = this.#frozen.part;
    if (frozen) return { enhanced: frozen, original: null };
    const video = this.#player?.video;
    if (!video || video.videoWidth === 0) return null;
    const { videoWidth: width, videoHeight: height } = video;
    return { enhanced: { image: video, x: 0, width, height }, original: null };
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
    this.#changed();
  }

  #compareChanged(): void {
    // A comparison that comes while the picture stands has another instant: both stand at that one.
    const { picture } = this.#comparison;
    if (this.#frozen.since && picture && !this.#frame.hasAttribute('data-compared'))
      this.#frozen.freeze(picture.enhanced);
    this.#routeSound();
    this.#changed();
  }

  #toggleFreeze(): void {
    const picture = this.#comparison.picture ?? this.#picture();
    if (this.#frozen.since) {
      this.#thaw();
      this.#services.announcer.say(TEXTS.frozen.thawed);
    } else if (picture) {
      this.#frozen.freeze(picture.enhanced);
      this.#comparison.isFrozen = true;
      this.#services.announcer.say(TEXTS.frozen.frozen);
    }
    this.#routeSound();
    this.#changed();
  }

  #thaw(): void {
    this.#frozen.thaw();
    this.#comparison.isFrozen = false;
  }

  #toggleSound(): void {
    const { state } = this.#status ?? {};
    if (state?.kind !== 'live' || !state.source.sound) return;
    this.#isMuted = !this.#isMuted;
    this.#services.announcer.say(this.#isMuted ? TEXTS.sound.off : TEXTS.sound.on);
    this.#sound.show(true, this.#isMuted);
    this.#routeSound();
  }

  /** Sound comes with the picture on the screen: the comparison's may be older than the other's. */
  #routeSound(): void {
    const comparison = this.#comparison.isShown ? this.#comparison.player : null;
    const isSilent = this.#isMuted || this.#frozen.since !== null;
    if (this.#player) {
      this.#player.muted = isSilent || comparison !== null;
      this.#player.isCovered = comparison !== null || this.#frozen.since !== null;
    }
    if (comparison) comparison.muted = isSilent;
  }

  async #saveSnapshot(): Promise<void> {
    const source = this.#comparison.isShown
      ? this.#comparison.canvas
      : (this.#frozen.part?.image ?? this.#player?.video);
    if (source && this.#status && (await saveSnapshot(source, this.#status.id))) {
      this.#services.announcer.say(TEXTS.snapshot.saved);
    }
  }

  /** To the next camera, or the one before; from the last to the first. */
  #turn(step: 1 | -1): void {
    const count = this.#streams.length;
    if (count < 2 || this.#settings.isEditing) return;
    // From where the address is: keys may come faster than cameras are shown.
    const route = routeOf(location.hash, this.#streams);
    const index = this.#streams.findIndex(({ id }) => route.kind === 'stream' && id === route.id);
    const next = this.#streams[(index + step + count) % count];
    if (!next) return;
    location.hash = streamAddress(next.id);
    this.#services.announcer.say(next.name);
  }

  /** What Escape does: ends what was begun last, at last the view itself. */
  #stepBack(): void {
    if (this.#settings.isEditing) this.#settings.cancelEditing();
    else if (this.#lens.isOn) this.#lens.set(false);
    else if (this.#comparison.isWanted) this.#comparison.close();
    else if (this.#frozen.since) this.#toggleFreeze();
    else if (this.#streams.length > 1) location.hash = WALL_ADDRESS;
  }

  #showDetails(): void {
    this.#details.update(this.#status);
    this.#plots.draw();
  }

  #announce({ kind, overlay }: Condition): void {
    const parts = [overlay?.title ?? TEXTS.conditions[kind], overlay?.message ?? '', overlay?.remedy ?? ''];
    this.#services.announcer.say(parts.map((part) => TEXTS.sentence(part)).join(' '));
  }
}
