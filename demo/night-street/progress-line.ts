/** A line on the terminal that says how far a task has come and how long it will still take. */
export class ProgressLine {
  private readonly label: string;
  private readonly start = Date.now();
  private shown = '';

  /** A line for the task named by `label`. */
  constructor(label: string) {
    this.label = label;
  }

  /** Shows the fraction done (0..1); at 1 the line ends. */
  show(done: number): void {
    const passed = (Date.now() - this.start) / 1000;
    const left =
      done < 1 ? `, ${duration((passed / Math.max(done, 1e-6)) * (1 - done))} left` : ` in ${duration(passed)}`;
    const text = `${this.label}: ${Math.floor(done * 100)} %${left}`;
    if (text === this.shown) return;
    // Off a terminal the line is written once, at the end.
    if (process.stdout.isTTY) process.stdout.write(`\r${text.padEnd(this.shown.length)}${done < 1 ? '' : '\n'}`);
    else if (done >= 1) process.stdout.write(`${text}\n`);
    this.shown = text;
  }
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
