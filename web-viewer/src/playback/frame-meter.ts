/** Pictures are counted over this long, in milliseconds. */
const WINDOW = 2000;
/** Without a picture for this long, in milliseconds, the rate is not a rate any more but a standstill. */
const STANDSTILL = 1500;

/** Counts the pictures that really come to the screen. */
export class FrameMeter {
  readonly #marks: { readonly at: number; readonly count: number }[] = [];
  #count = 0;

  /**
   * A picture is on the screen. at: by `performance.now()`. presented: how many have been by the browser's own count,
   * which also knows those that came while the page was busy; null where it does not say.
   */
  add(at: number, presented: number | null): void {
    this.#count = presented ?? this.#count + 1;
    const last = this.#marks[this.#marks.length - 1];
    if (last && this.#count < last.count) this.#marks.length = 0;
    this.#marks.push({ at, count: this.#count });
    while (this.#marks[0] && this.#marks[0].at < at - WINDOW) this.#marks.shift();
  }

  /** Pictures a second, 0 at a standstill, or null before there are enough to say. */
  rate(now: number): number | null {
    const first = this.#marks[0];
    const last = this.#marks[this.#marks.length - 1];
    if (!first || !last) return null;
    if (now - last.at > STANDSTILL) return 0;
    return last.at - first.at > WINDOW / 4 ? ((last.count - first.count) * 1000) / (last.at - first.at) : null;
  }
}
