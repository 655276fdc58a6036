import { Divider } from '../stream/divider.js';
import { TEXTS } from '../texts/texts.js';

/** Two pictures of one size, or a film with both beside each other. */
export type StageContent =
  | { readonly kind: 'pictures'; readonly original: string; readonly result: string | null }
  | { readonly kind: 'sample'; readonly film: string };

/** The elements of a stage. */
export interface StageElements {
  readonly frame: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly handle: HTMLElement;
  readonly play: HTMLButtonElement;
}

/** Shows original and result on both sides of a divider. */
export class FilmStage {
  readonly #elements: StageElements;
  readonly #context: CanvasRenderingContext2D | null;
  readonly #divider: Divider;
  #content: StageContent | null = null;
  #original: CanvasImageSource | null = null;
  #result: CanvasImageSource | null = null;
  #video: HTMLVideoElement | null = null;
  #size = { width: 0, height: 0 };

  constructor(elements: StageElements) {
    this.#elements = elements;
    this.#context = elements.canvas.getContext('2d', { alpha: false });
    this.#divider = new Divider({ frame: elements.frame, handle: elements.handle, moved: () => this.#draw() });
    elements.play.addEventListener('click', () => this.#toggle());
    // Else the press would be the divider's, which follows it over the whole picture.
    elements.play.addEventListener('pointerdown', (event) => event.stopPropagation());
  }

  /** What is shown. */
  get content(): StageContent | null {
    return this.#content;
  }

  /** Shows it; addresses are the page's own, and are revoked when something else is shown. */
  async show(content: StageContent | null): Promise<void> {
    this.#clear();
    this.#content = content;
    const { frame, play, handle } = this.#elements;
    frame.hidden = content === null;
    frame.toggleAttribute('data-pictured', content !== null);
    play.hidden = content?.kind !== 'sample';
    handle.hidden = content?.kind === 'pictures' && content.result === null;
    if (!content) return;
    if (content.kind === 'sample') {
      this.#open(content.film);
      this.#divider.set(0.5);
      return;
    }
    const [original, result] = await Promise.all([
      pictureOf(content.original),
      content.result === null ? null : pictureOf(content.result),
    ]);
    if (this.#content !== content) return;
    [this.#original, this.#result] = [original, result];
    this.#resize(original.naturalWidth, original.naturalHeight);
    this.#divider.set(result ? 0.5 : 0);
    this.#draw();
  }

  #open(address: string): void {
    const video = document.createElement('video');
    video.muted = true;
    video.loop = true;
    video.playsInline = true;
    video.src = address;
    this.#video = video;
    const frame = (): void => {
      if (this.#video !== video) return;
      this.#resize(video.videoWidth >> 1, video.videoHeight);
      this.#draw();
      video.requestVideoFrameCallback(frame);
    };
    video.requestVideoFrameCallback(frame);
    video.addEventListener('play', () => this.#label(true));
    video.addEventListener('pause', () => this.#label(false));
    this.#label(true);
    void video.play().catch(() => this.#label(false));
  }

  #toggle(): void {
    const video = this.#video;
    if (!video) return;
    if (video.paused) void video.play();
    else video.pause();
  }

  #label(isPlaying: boolean): void {
    const { play } = this.#elements;
    play.toggleAttribute('data-on', !isPlaying);
    play.setAttribute('aria-label', isPlaying ? TEXTS.films.pause : TEXTS.films.play);
  }

  #resize(width: number, height: number): void {
    if (width === this.#size.width && height === this.#size.height) return;
    this.#size = { width, height };
    const { canvas, frame } = this.#elements;
    [canvas.width, canvas.height] = [width, height];
    frame.style.setProperty('--aspect', String(width / height));
  }

  #draw(): void {
    const { width, height } = this.#size;
    const context = this.#context;
    if (!context || width === 0) return;
    const split = Math.round(this.#divider.position * width);
    const video = this.#video;
    if (video) {
      if (split > 0) context.drawImage(video, 0, 0, split, height, 0, 0, split, height);
      if (split < width)
        context.drawImage(video, width + split, 0, width - split, height, split, 0, width - split, height);
      return;
    }
    const result = this.#result ?? this.#original;
    if (result) context.drawImage(result, 0, 0, width, height);
    if (this.#original && split > 0) {
      context.save();
      context.beginPath();
      context.rect(0, 0, split, height);
      context.clip();
      context.drawImage(this.#original, 0, 0, width, height);
      context.restore();
    }
  }

  #clear(): void {
    const content = this.#content;
    const video = this.#video;
    this.#video = this.#original = this.#result = null;
    video?.removeAttribute('src');
    video?.load();
    this.#size = { width: 0, height: 0 };
    if (content?.kind === 'sample') URL.revokeObjectURL(content.film);
    else if (content) for (const address of [content.original, content.result]) if (address !== null) URL.revokeObjectURL(address); // prettier-ignore
  }
}

async function pictureOf(address: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = address;
  await image.decode();
  return image;
}
