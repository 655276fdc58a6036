/** A caption: what is shown from one time to another, in ticks of a clock. */
export interface Caption {
  readonly start: bigint;
  readonly end: bigint;
  readonly text: string;
}

/**
 * Captions one after the other, for containers that show one at a time: where some overlap, one shows the words of all,
 * the earlier above.
 */
export class CaptionLine {
  #shown: Caption[] = [];
  #waiting: Caption[] = [];
  #now: bigint | null = null;

  /** Takes in a caption, in about the order of their starts. */
  add(caption: Caption): void {
    if (caption.text === '' || caption.end <= caption.start) return;
    this.#waiting.push(caption);
    this.#waiting.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  }

  /** The next captions in order, as far as none that starts at or after `until` can change them; null: all. */
  take(until: bigint | null): Caption[] {
    const taken: Caption[] = [];
    while (this.#shown.length > 0 || this.#waiting.length > 0) {
      const next = this.#waiting[0];
      const ends = this.#shown.map(({ end }) => end);
      const change = [...ends, ...(next ? [next.start] : [])].reduce((a, b) => (b < a ? b : a));
      if (until !== null && change >= until) break;
      const now = this.#now;
      if (now !== null && this.#shown.length > 0 && change > now) {
        const texts = new Set(this.#shown.map(({ text }) => text));
        taken.push({ start: now, end: change, text: [...texts].join('\n') });
      }
      this.#now = now === null || change > now ? change : now;
      const time = this.#now;
      this.#shown.push(...this.#waiting.filter(({ start }) => start <= time));
      this.#waiting = this.#waiting.filter(({ start }) => start > time);
      this.#shown = this.#shown.filter(({ end }) => end > time);
    }
    return taken;
  }
}
