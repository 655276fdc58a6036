import type { Rendition } from '../../../src/stream/stream-messages.js';
import type { PublishedStatus } from '../../../src/server/published-stream.js';
import type { PageServices } from '../page-services.js';
import { Player } from '../playback/player.js';
import type { OpeningQueue } from './opening-queue.js';

/** What tiles play: pictures of half the size. */
const RENDITION: Rendition = 'small';
/** A tile that is out of sight for less than this, in milliseconds, keeps its connection. */
const GRACE = 1500;

/** What a tile's playback is made with. */
export interface TilePlaybackOptions {
  readonly services: PageServices;
  readonly queue: OpeningQueue;
  readonly stream: string;
  /** Where the picture is put. */
  readonly place: HTMLElement;
  /** What the server said last of the stream. */
  readonly status: () => PublishedStatus;
  readonly changed: () => void;
}

/** A tile's picture: open while it is wanted; its last picture stays when it is closed. */
export class TilePlayback {
  readonly #options: TilePlaybackOptions;
  #player: Player | null = null;
  #leaveQueue: (() => void) | null = null;
  #closing = 0;
  #isReady = false;
  #serverWasAway = false;

  constructor(options: TilePlaybackOptions) {
    this.#options = options;
  }

  /** What plays, while it is open. */
  get player(): Player | null {
    return this.#player;
  }

  /** isWanted: somebody could see it. isReady: the server is there, and the stream has a picture. */
  want(isWanted: boolean, isReady: boolean, serverWasAway: boolean): void {
    this.#isReady = isReady;
    this.#serverWasAway ||= serverWasAway;
    if (isWanted) {
      clearTimeout(this.#closing);
      this.#closing = 0;
      if (isReady && !this.#player && !this.#leaveQueue)
        this.#leaveQueue = this.#options.queue.enter(() => this.#open());
      this.#player?.setReady(isReady, this.#serverWasAway);
      if (isReady) this.#serverWasAway = false;
    } else if (this.#closing === 0 && (this.#player || this.#leaveQueue)) {
      this.#closing = window.setTimeout(() => this.close(), GRACE);
    }
  }

  /** Ends the connection at once; the last picture stays. */
  close(): void {
    clearTimeout(this.#closing);
    this.#closing = 0;
    this.#endTurn();
    const player = this.#player;
    if (!player) return;
    this.#keepPicture();
    this.#player = null;
    player.close();
    this.#options.changed();
  }

  /** The picture on the screen as a canvas of its own, or null while none is played. */
  picture(): HTMLCanvasElement | null {
    const video = this.#player?.video;
    if (!video || video.videoWidth === 0) return null;
    const canvas = document.createElement('canvas');
    canvas.className = 'picture';
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    canvas.getContext('2d', { alpha: false })?.drawImage(video, 0, 0);
    return canvas;
  }

  #open(): void {
    const { services, stream, place, status, changed } = this.#options;
    const { token, clock, locked } = services;
    this.#player = new Player({
      stream,
      rendition: RENDITION,
      sound: false,
      place,
      label: '',
      webRtc: true,
      muted: true,
      headers: () => token.headers(),
      serverNow: () => clock.serverNow(),
      anchor: () => status().anchors[RENDITION] ?? null,
      soundRefused: () => undefined,
      locked,
      changed: () => {
        if (this.#player?.transport != null) {
          this.#endTurn();
          for (const still of place.querySelectorAll('canvas')) still.remove();
        }
        changed();
      },
    });
    this.#player.setReady(this.#isReady);
  }

  #endTurn(): void {
    const leave = this.#leaveQueue;
    this.#leaveQueue = null;
    leave?.();
  }

  #keepPicture(): void {
    const still = this.picture();
    if (still) this.#options.place.replaceChildren(still, ...this.#options.place.querySelectorAll('video'));
  }
}
