/** A picture that takes longer than this, in milliseconds, does not hold up the others. */
const LONGEST_TURN = 4000;

/**
 * Lets a few pictures of the wall be opened at a time, so that each comes quickly. All at once, none would be in time on a
 * small machine.
 */
export class OpeningQueue {
  readonly #most: number;
  readonly #waiting: (() => void)[] = [];
  #open = 0;

  /** most: how many are opened at a time. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Calls back when it is one's turn. Returns what ends the turn, or gives it up before it has come. */
  enter(begin: () => void): () => void {
    let state: 'waiting' | 'open' | 'over' = 'waiting';
    let timer: ReturnType<typeof setTimeout> | undefined;
    const leave = (): void => {
      const before = state;
      state = 'over';
      clearTimeout(timer);
      if (before === 'waiting') this.#waiting.splice(this.#waiting.indexOf(start), 1);
      if (before !== 'open') return;
      this.#open--;
      this.#next();
    };
    const start = (): void => {
      state = 'open';
      this.#open++;
      timer = setTimeout(leave, LONGEST_TURN);
      begin();
    };
    this.#waiting.push(start);
    this.#next();
    return () => {
      if (state !== 'over') leave();
    };
  }

  #next(): void {
    while (this.#open < this.#most) {
      const start = this.#waiting.shift();
      if (!start) return;
      start();
    }
  }
}
