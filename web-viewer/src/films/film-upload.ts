import type { Upload as TusUpload } from 'tus-js-client';

/** Bytes that are sent as one; a piece must come through within half a minute. */
const PIECE = 4 << 20;
/** Waits before a piece is tried again, in milliseconds: over the night of a network that is down. */
const RETRIES = [0, 500, 1000, 3000, 5000, 10_000, 30_000, 60_000, 60_000, 60_000];

/** How far an upload is. */
export type UploadState =
  | { readonly kind: 'sending'; readonly sent: number; readonly bytes: number; readonly secondsLeft: number | null }
  | { readonly kind: 'paused'; readonly sent: number; readonly bytes: number }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'done' };

/** What an upload is made with. */
export interface FilmUploadOptions {
  readonly headers: () => Record<string, string>;
  readonly changed: () => void;
  /** It is whole; the film of this id can be asked for. */
  readonly done: (film: string) => void;
}

/** One file on its way to the server, in pieces: an interruption, and a reload of the page, cost no more than a piece. */
export class FilmUpload {
  readonly file: File;
  readonly #options: FilmUploadOptions;
  #tus: TusUpload | null = null;
  #state: UploadState;
  #pace: { readonly at: number; readonly sent: number } | null = null;
  #isGivenUp = false;

  /** Begins at once. */
  constructor(file: File, options: FilmUploadOptions) {
    this.file = file;
    this.#options = options;
    this.#state = { kind: 'sending', sent: 0, bytes: file.size, secondsLeft: null };
    void this.#begin();
  }

  get state(): UploadState {
    return this.#state;
  }

  /** Holds it; what has come stays on the server. */
  pause(): void {
    const { kind } = this.#state;
    if (kind !== 'sending') return;
    const { sent, bytes } = this.#state;
    void this.#tus?.abort();
    this.#set({ kind: 'paused', sent, bytes });
  }

  /** Goes on with what was held, or has failed. */
  resume(): void {
    this.#pace = null;
    this.#set({ kind: 'sending', sent: 0, bytes: this.file.size, secondsLeft: null });
    if (this.#tus) this.#tus.start();
    else void this.#begin();
  }

  /** Gives it up; what has come is deleted. */
  giveUp(): void {
    this.#isGivenUp = true;
    this.#tus?.abort(true).catch(() => undefined);
  }

  async #begin(): Promise<void> {
    // Few bring films: it is loaded only by those.
    const { Upload } = await import('tus-js-client');
    if (this.#isGivenUp) return;
    const tus = new Upload(this.file, {
      endpoint: '/api/films/uploads',
      metadata: { filename: this.file.name },
      chunkSize: PIECE,
      retryDelays: RETRIES,
      removeFingerprintOnSuccess: true,
      onBeforeRequest: (request) => {
        for (const [name, value] of Object.entries(this.#options.headers())) request.setHeader(name, value);
      },
      onProgress: (sent, bytes) => this.#progress(sent, bytes),
      onError: (error) => this.#set({ kind: 'failed', reason: reasonOf(error) }),
      onSuccess: () => {
        this.#set({ kind: 'done' });
        this.#options.done(tus.url?.split('/').at(-1) ?? '');
      },
    });
    this.#tus = tus;
    const [before] = await tus.findPreviousUploads();
    if (before) tus.resumeFromPreviousUpload(before);
    if (this.#state.kind === 'sending') tus.start();
  }

  #progress(sent: number, bytes: number): void {
    if (this.#state.kind !== 'sending') return;
    const now = performance.now();
    this.#pace ??= { at: now, sent };
    const rate = (sent - this.#pace.sent) / Math.max(1, now - this.#pace.at);
    this.#set({ kind: 'sending', sent, bytes, secondsLeft: rate > 0 ? (bytes - sent) / rate / 1000 : null });
  }

  #set(state: UploadState): void {
    this.#state = state;
    this.#options.changed();
  }
}

/** The server's own words, where it has said any. */
function reasonOf(error: Error): string {
  const { originalResponse } = error as { readonly originalResponse?: { getBody(): string } | null };
  try {
    const { error: message, remedy } = JSON.parse(originalResponse?.getBody() ?? '') as Record<string, string>;
    return [message, remedy].filter((part) => part !== undefined).join(': ');
  } catch {
    return '';
  }
}
