import type { Announcer } from '../announcer.js';
import { TEXTS } from '../texts/texts.js';
import type { CameraTile } from './camera-tile.js';

/** News are gathered for this long, in milliseconds, and said together. */
const GATHERED = 4000;

/** Says to screen readers which cameras went away or came back, now and then and together. */
export class WallNews {
  readonly #announcer: Announcer;
  /** What was said, or known from the beginning, of each camera. */
  readonly #known = new Map<string, boolean>();
  #timer = 0;

  constructor(announcer: Announcer) {
    this.#announcer = announcer;
  }

  /** Looks at the tiles; what is new of them is said a little later, if it still holds. */
  look(tiles: readonly CameraTile[]): void {
    for (const { status, condition } of tiles) {
      if (!this.#known.has(status.id) && condition.kind !== 'starting')
        this.#known.set(status.id, isWell(condition.kind));
    }
    if (this.#timer !== 0 || this.#changed(tiles).length === 0) return;
    this.#timer = window.setTimeout(() => {
      this.#timer = 0;
      this.#say(tiles);
    }, GATHERED);
  }

  /** Nothing is said any more, and what is next is known. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#known.clear();
  }

  #changed(tiles: readonly CameraTile[]): CameraTile[] {
    return tiles.filter(({ status, condition }) => {
      const known = this.#known.get(status.id);
      return known !== undefined && known !== isWell(condition.kind);
    });
  }

  #say(tiles: readonly CameraTile[]): void {
    const changed = this.#changed(tiles);
    for (const { status, condition } of changed) this.#known.set(status.id, isWell(condition.kind));
    if (changed.length === 0) return;
    this.#announcer.say(changed.map(({ status, condition }) => TEXTS.wall.news(status.name, condition.word)).join(' '));
  }
}

function isWell(kind: string): boolean {
  return kind === 'live';
}
