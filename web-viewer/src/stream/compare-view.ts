import type { Player, PlayerOptions } from '../playback/player.js';
import type { ShownPicture } from './shown-picture.js';

/** A comparison that has shown nothing after this long, in milliseconds, is given up. */
const LONGEST_OPENING = 20_000;

/** After being looked at for a moment, it stays open for this long, in milliseconds. */
const KEPT_OPEN = 8000;

/** What a player of the comparison must be told; the rest is known to whoever makes it. */
export type ComparePlayerOptions = Pick<PlayerOptions, 'pictured'> & { readonly place: HTMLElement };

/** What the view is made with. */
export interface CompareViewOptions {
  /** Shows the picture, the original left of the divider and the enhanced one right of it. */
  readonly canvas: HTMLCanvasElement;
  /** Holds the video that the picture is drawn from, unseen. */
  readonly place: HTMLElement;
  /** Where the divider is, 0..1 from the left. */
  readonly position: () => number;
  readonly makePlayer: (options: ComparePlayerOptions) => Player;
  /** Its state has changed. */
  readonly changed: () => void;
  /** The comparison cannot be had; player tells why. It is closed after this. */
  readonly failed: (player: Player) => void;
}

/**
 * Shows the original and the enhanced picture of one instant on both sides of the divider. The server sends both in one
 * picture of twice the width, so they belong together however they came here. Nothing is held open while it is closed.
 */
export class CompareView {
  readonly #options: CompareViewOptions;
  readonly #context: CanvasRenderingContext2D | null;
  /** The double picture as it was when it was taken from the video: both halves must be of one instant. */
  readonly #sheet = document.createElement('canvas');
  readonly #sheetContext = this.#sheet.getContext('2d', { alpha: false });
  #player: Player | null = null;
  #isShown = false;
  #timer = 0;
  #closing = 0;
  #redraw = 0;

  /** Whether the picture that it shows stands; the first one is always taken. */
  isFrozen = false;

  constructor(options: CompareViewOptions) {
    this.#options = options;
    this.#context = options.canvas.getContext('2d', { alpha: false });
  }

  /** What plays the comparison, while it is open. */
  get player(): Player | null {
    return this.#player;
  }

  /** Whether the comparison is on the screen, rather than on its way. */
  get isShown(): boolean {
    return this.#isShown;
  }

  /** Both sides as they are on the screen, or null while they are not. */
  get picture(): ShownPicture | null {
    if (!this.#isShown) return null;
    const [image, width, height] = [this.#sheet, this.#sheet.width >> 1, this.#sheet.height];
    return { original: { image, x: 0, width, height }, enhanced: { image, x: width, width, height } };
  }

  /** Closes it in a while, unless it is opened again: for those who look to and fro. */
  closeLater(): void {
    if (!this.#player) return;
    clearTimeout(this.#closing);
    this.#closing = window.setTimeout(() => this.close(), KEPT_OPEN);
  }

  /** Opens the comparison; the canvas appears with its first picture. */
  open(): void {
    clearTimeout(this.#closing);
    if (this.#player) return;
    this.#player = this.#options.makePlayer({
      place: this.#options.place,
      pictured: (video) => this.#take(video),
    });
    this.#timer = window.setTimeout(() => this.#giveUp(), LONGEST_OPENING);
    this.#options.changed();
  }

  /** Closes it and lets go of everything. */
  close(): void {
    const player = this.#player;
    if (!player) return;
    clearTimeout(this.#timer);
    clearTimeout(this.#closing);
    cancelAnimationFrame(this.#redraw);
    this.#redraw = 0;
    this.#player = null;
    this.#isShown = false;
    this.#options.canvas.hidden = true;
    player.close();
    this.#sheet.width = this.#sheet.height = 0;
    this.#options.changed();
  }

  /** The divider has moved: draws the picture again, once for each refresh of the screen. */
  dividerMoved(): void {
    if (!this.#isShown || this.#redraw !== 0) return;
    this.#redraw = requestAnimationFrame(() => {
      this.#redraw = 0;
      if (this.#isShown) this.#draw();
    });
  }

  #take(video: HTMLVideoElement): void {
    const { videoWidth, videoHeight } = video;
    if (this.isFrozen && this.#isShown) return;
    if (!this.#sheetContext || videoWidth < 2 || videoHeight < 1) return;
    if (this.#sheet.width !== videoWidth || this.#sheet.height !== videoHeight) {
      this.#sheet.width = videoWidth;
      this.#sheet.height = videoHeight;
    }
    this.#sheetContext.drawImage(video, 0, 0);
    this.#draw();
    if (this.#isShown) return;
    clearTimeout(this.#timer);
    this.#isShown = true;
    this.#options.canvas.hidden = false;
    this.#options.changed();
  }

  #draw(): void {
    const { canvas } = this.#options;
    const width = this.#sheet.width >> 1;
    const { height } = this.#sheet;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const split = Math.round(this.#options.position() * width);
    const draw = (from: number, to: number, columns: number): void => {
      if (columns > 0) this.#context?.drawImage(this.#sheet, from, 0, columns, height, to, 0, columns, height);
    };
    draw(0, 0, split);
    draw(width + split, split, width - split);
  }

  #giveUp(): void {
    const player = this.#player;
    if (!player) return;
    this.#options.failed(player);
    this.close();
  }
}
