/** A step of the source's times beyond this many seconds, or backwards by more than that, is a jump. */
const LONGEST_STEP = 5;
const LONGEST_STEP_BACK = 0.2;
/** Sound that is this many seconds off the picture belongs to another section of the source's times. */
const LARGEST_DISTANCE = 3;
/** Seconds of a picture that does not say how long it is. */
const ASSUMED_DURATION = 0.04;

/**
 * Lays the times of packets on one line that only rises: films that begin again, cameras that come back and clocks that
 * jump leave no trace but the time that really passed. Pictures lead, sound follows.
 */
export class RecordingClock {
  #shift: number | null = null;
  /** The last picture: its seconds by the source and on the line, its duration, and when it came. */
  #last = { source: 0, line: 0, duration: 0, at: 0 };

  /** The next times have nothing to do with those before. */
  breakOff(): void {
    this.#shift = null;
  }

  /** Seconds on the line of a picture at `seconds` by the source, which came at `at` milliseconds. */
  picture(seconds: number, duration: number, at: number): number {
    const last = this.#last;
    const step = duration > 0 ? duration : ASSUMED_DURATION;
    const jump = seconds - last.source;
    if (this.#shift === null || jump > LONGEST_STEP || jump < -LONGEST_STEP_BACK) {
      const passed = last.at === 0 ? 0 : Math.max(last.duration || step, (at - last.at) / 1000);
      this.#shift = last.line + passed - seconds;
    }
    const line = Math.max(last.line, seconds + this.#shift);
    this.#last = { source: seconds, line, duration: step, at };
    return line;
  }

  /** Seconds on the line of anything else of the picture's section; null for what belongs to another one. */
  follow(source: number): number | null {
    if (this.#shift === null || Math.abs(source - this.#last.source) > LARGEST_DISTANCE) return null;
    return source + this.#shift;
  }
}
