import { stat } from 'node:fs/promises';
import path from 'node:path';
import { PLAYLIST } from '../media/hls-muxer.js';
import type { ExtraRendition } from '../stream/stream-messages.js';

/** Players ask for a live playlist about once a second: one that is silent for this long, in milliseconds, has gone. */
const HOLD = 12_000;
/** The first segment of a rendition takes a second, and its encoder a moment to start. */
const LONGEST_WAIT = 5000;
const LOOK_EVERY = 100;
/** A playlist that was written this long ago, in milliseconds, is of an earlier time: it is written every second. */
const FRESH = 3000;

/** Which renditions are wanted by viewers of HLS, who have no connection to count but ask again and again. */
export class OnDemandHls {
  readonly #folder: string;
  readonly #changed: () => void;
  readonly #holds = new Map<ExtraRendition, NodeJS.Timeout>();

  /** folder: of the stream's HLS. changed: called when `wants` may answer otherwise than before. */
  constructor(folder: string, changed: () => void) {
    this.#folder = folder;
    this.#changed = changed;
  }

  /** Whether somebody has asked for it lately. */
  wants(rendition: ExtraRendition): boolean {
    return this.#holds.has(rendition);
  }

  /** Somebody asks for a playlist. Resolves when there is one of now, or when none has come in a while. */
  async ask(rendition: ExtraRendition): Promise<void> {
    const held = this.#holds.get(rendition);
    clearTimeout(held);
    const over = (): void => {
      this.#holds.delete(rendition);
      this.#changed();
    };
    this.#holds.set(rendition, setTimeout(over, HOLD).unref());
    if (!held) this.#changed();
    const deadline = performance.now() + LONGEST_WAIT;
    while (!(await this.#isFresh(rendition)) && performance.now() < deadline && this.wants(rendition)) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
    }
  }

  /** Nobody is to be served any more. */
  close(): void {
    for (const timer of this.#holds.values()) clearTimeout(timer);
    this.#holds.clear();
  }

  async #isFresh(rendition: ExtraRendition): Promise<boolean> {
    try {
      const { mtimeMs } = await stat(path.join(this.#folder, rendition, PLAYLIST));
      return Date.now() - mtimeMs < FRESH;
    } catch {
      return false;
    }
  }
}
