import { ClockDrift } from './clock-drift.js';

/** Ticks per second of a live stream's timestamps: the clock of video in RTP. */
export const LIVE_CLOCK = 90000;

/** A step between two pictures beyond this many seconds, or backwards, is a jump of the source's clock. */
const LONGEST_STEP = 5;

/** Sound farther than this from the picture, in seconds, belongs to a section that is over or not begun. */
const FARTHEST_SOUND = 3;

/**
 * Lays a source's timestamps onto one steady time line that starts at 0 and only rises.
 *
 * A file that is played again, a camera that comes back or a clock that jumps all begin a new section of it: the first
 * picture of a section follows the last one by the time that really passed. Sound is laid by the same section. Clocks of
 * cameras drift, each track's its own way: both are kept at our clock's pace, so that picture and sound stay together.
 * Pictures whose timestamps are no clock's at all are laid by when they came in.
 */
export class Timeline {
  #frameDuration: number;
  readonly #live: boolean;
  /** What to add to the source's seconds; null before the section's first picture. */
  #shift: number | null = null;
  #lastSource = 0;
  #lastTicks = -1n;
  #lastArrival = 0;
  #video = new ClockDrift();
  #audio = new ClockDrift();
  /** Whether pictures are laid by their arrival. */
  #byArrival = false;

  /**
   * frameDuration: seconds of a picture, for those without a timestamp of their own. live: the source has a clock of its
   * own, and what it sends comes in as it happens.
   */
  constructor(frameDuration: number, live = false) {
    this.#frameDuration = frameDuration;
    this.#live = live;
  }

  /** Begins a new section with the next picture. frameDuration: seconds of a picture from now on. */
  breakOff(frameDuration = this.#frameDuration): void {
    this.#frameDuration = frameDuration;
    this.#shift = null;
    this.#video = new ClockDrift();
    this.#audio = new ClockDrift();
    this.#byArrival = false;
  }

  /** Whether the source's timestamps were found to be no clock's, and pictures are laid by when they came in. */
  get byArrival(): boolean {
    return this.#byArrival;
  }

  /**
   * Ticks of the next picture. seconds: its time by the source, or null if it has none. arrival: when it came in, in
   * seconds of any steady clock.
   */
  picture(seconds: number | null, arrival: number): bigint {
    const source = this.#byArrival ? arrival : (seconds ?? this.#lastSource + this.#frameDuration);
    const step = source - this.#lastSource;
    const jumps = step > LONGEST_STEP || step < -Math.max(this.#frameDuration, 0.1);
    if (this.#shift !== null && jumps) this.breakOff();
    if (this.#live && !this.#byArrival && seconds !== null) {
      this.#video.add(source, arrival);
      if (this.#video.lies) {
        this.breakOff();
        this.#byArrival = true;
        return this.picture(seconds, arrival);
      }
    }
    const at = source + (this.#byArrival ? 0 : this.#video.correction);
    const passed = Math.max(this.#frameDuration, arrival - this.#lastArrival);
    const next = this.#lastTicks < 0n ? 0 : Number(this.#lastTicks) / LIVE_CLOCK + passed;
    // The first picture of a connection may have no time yet: the section is laid by the first that has one.
    const isUntimed = this.#shift === null && seconds === null && this.#live;
    if (!isUntimed) this.#shift ??= next - at;
    let ticks = BigInt(Math.round((this.#shift === null ? next : at + this.#shift) * LIVE_CLOCK));
    if (ticks <= this.#lastTicks) ticks = this.#lastTicks + 1n;
    this.#lastSource = source;
    this.#lastTicks = ticks;
    this.#lastArrival = arrival;
    return ticks;
  }

  /**
   * Seconds of the time line for sound at `seconds` by the source, which came in at `arrival`; null before the section's
   * first picture, and for sound that belongs to another section.
   */
  sound(seconds: number, arrival: number): number | null {
    if (this.#live) this.#audio.add(seconds, arrival);
    if (this.#shift === null) return null;
    // Laid by arrival, both tracks stand on our clock; else on the source's, whose drift is taken out.
    const correction = this.#byArrival ? (this.#audio.offset ?? 0) : this.#audio.correction;
    const at = seconds + correction + this.#shift;
    const isFar = Math.abs(at - Number(this.#lastTicks) / LIVE_CLOCK) > FARTHEST_SOUND;
    return this.#live && isFar ? null : at;
  }
}
