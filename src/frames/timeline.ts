/** Ticks per second of a live stream's timestamps: the clock of video in RTP. */
export const LIVE_CLOCK = 90000;

/** A step between two pictures beyond this many seconds, or backwards, is a jump of the source's clock. */
const LONGEST_STEP = 5;

/**
 * Lays a source's timestamps onto one steady time line that starts at 0 and only rises.
 *
 * A file that is played again, a camera that comes back or a clock that jumps all begin a new section of it: the first
 * picture of a section follows the last one by the time that really passed. Sound is laid by the same section.
 */
export class Timeline {
  readonly #frameDuration: number;
  /** What to add to the source's seconds; null before the section's first picture. */
  #shift: number | null = null;
  #lastSource = 0;
  #lastTicks = -1n;
  #lastArrival = 0;

  /** frameDuration: seconds of a picture, for those without a timestamp of their own. */
  constructor(frameDuration: number) {
    this.#frameDuration = frameDuration;
  }

  /** Begins a new section with the next picture. */
  breakOff(): void {
    this.#shift = null;
  }

  /**
   * Ticks of the next picture. seconds: its time by the source, or null if it has none. arrival: when it came in, in
   * seconds of any steady clock.
   */
  picture(seconds: number | null, arrival: number): bigint {
    const source = seconds ?? this.#lastSource + this.#frameDuration;
    const step = source - this.#lastSource;
    if (this.#shift !== null && (step > LONGEST_STEP || step < -this.#frameDuration)) this.#shift = null;
    if (this.#shift === null) {
      const passed = Math.max(this.#frameDuration, arrival - this.#lastArrival);
      const start = this.#lastTicks < 0n ? 0 : Number(this.#lastTicks) / LIVE_CLOCK + passed;
      this.#shift = start - source;
    }
    let ticks = BigInt(Math.round((source + this.#shift) * LIVE_CLOCK));
    if (ticks <= this.#lastTicks) ticks = this.#lastTicks + 1n;
    this.#lastSource = source;
    this.#lastTicks = ticks;
    this.#lastArrival = arrival;
    return ticks;
  }

  /** Seconds of the time line for sound at `seconds` by the source, or null before the section's first picture. */
  sound(seconds: number): number | null {
    return this.#shift === null ? null : seconds + this.#shift;
  }
}
