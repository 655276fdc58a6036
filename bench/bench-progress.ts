import { SingleBar } from 'cli-progress';
import type { BenchRun, BenchTable } from './bench-table.js';

/** A bar with the time left, on the terminal's second channel; where that is none, nothing is drawn. */
export class BenchProgress {
  readonly #bar: SingleBar | null;
  readonly #rounds: number;
  #done = 0;

  constructor(tables: readonly BenchTable[], rounds: number) {
    this.#rounds = rounds;
    const format = '{bar} {percentage} % | {what} | {eta_formatted} left';
    this.#bar = process.stderr.isTTY ? new SingleBar({ format, clearOnComplete: true, etaBuffer: 20 }) : null;
    this.#bar?.start(
      tables.reduce((sum, table) => sum + this.#secondsOf(table), 0),
      0,
      { what: '' },
    );
  }

  /** Begins a measurement; what it is given moves the bar. */
  begin(table: BenchTable): BenchRun {
    const [start, seconds] = [this.#done, this.#secondsOf(table)];
    let [steps, taken] = [1, 0];
    this.#bar?.update(start, { what: table.name });
    const move = (): void => {
      this.#done = start + (seconds * Math.min(taken, steps)) / steps;
      this.#bar?.update(this.#done);
    };
    return {
      rounds: this.#rounds,
      steps: (count) => (steps = Math.max(1, count)),
      step: () => {
        taken++;
        move();
      },
      note: (line) => this.print(() => console.error(line)),
    };
  }

  /** Ends a measurement, however many steps it took. */
  end(table: BenchTable, tables: readonly BenchTable[]): void {
    const until = tables.slice(0, tables.indexOf(table) + 1);
    this.#done = until.reduce((sum, each) => sum + this.#secondsOf(each), 0);
    this.#bar?.update(this.#done);
  }

  /** Writes something to the terminal without the bar in between. */
  print(write: () => void): void {
    if (this.#bar) process.stderr.write('\r\u001b[K');
    write();
  }

  stop(): void {
    this.#bar?.stop();
  }

  #secondsOf({ seconds: [once, round] }: BenchTable): number {
    return once + this.#rounds * round;
  }
}
