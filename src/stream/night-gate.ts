import type { GateConfig } from '../config/stream-schema.js';
import type { GateState } from './stream-messages.js';

/** Seconds that a change of mode takes. */
const FADE = 1;
/** Seconds over which luminance is averaged: headlights are not the day. */
const AVERAGING = 2;
/** Seconds for which it must be light or dark before the gate follows. */
const DWELL = 2;

/** Decides when a stream is enhanced, and fades between the two. */
export class NightGate {
  #config: GateConfig;
  #open = true;
  #fade: number | null = null;
  #luminance: number | null = null;
  #time = 0;
  /** Stream time since which luminance has asked for a change, or null. */
  #asksSince: number | null = null;

  constructor(config: GateConfig) {
    this.#config = config;
  }

  /** Another rule from now on; what is shown fades over. */
  configure(config: GateConfig): void {
    this.#config = config;
    this.#asksSince = null;
  }

  /** What was shown so far was the picture as it came, whatever the gate said: the effect comes up from nothing. */
  fadeIn(): void {
    if (this.#fade !== null) this.#fade = 0;
  }

  /** The gate as people see it. */
  get state(): GateState {
    return { open: this.#open, luminance: this.#luminance };
  }

  /**
   * How much of the enhancement is to be shown, 0..1. time: seconds of the stream, ascending. luminance: mean luma of the
   * picture, 0 black to 1 white, or null where it was not measured. now: for the schedule.
   */
  update(time: number, luminance: number | null, now: Date): number {
    const passed = Math.max(0, Math.min(1, time - this.#time));
    this.#time = time;
    if (luminance !== null) {
      const share = this.#luminance === null ? 1 : 1 - Math.exp(-passed / AVERAGING);
      this.#luminance = (this.#luminance ?? 0) + share * (luminance - (this.#luminance ?? 0));
    }
    const first = this.#fade === null;
    this.#open = this.#decide(time, now, first);
    const target = this.#open ? 1 : 0;
    if (this.#fade === null) this.#fade = target;
    else this.#fade += Math.max(-passed / FADE, Math.min(passed / FADE, target - this.#fade));
    return this.#fade;
  }

  #decide(time: number, now: Date, first: boolean): boolean {
    const config = this.#config;
    switch (config.mode) {
      case 'always':
        return true;
      case 'schedule':
        return isWithin(config.from, config.to, now);
      case 'dark': {
        const luminance = this.#luminance;
        if (luminance === null) return this.#open;
        // With nothing to hold to, the middle decides.
        if (first) return luminance < (config.below + config.above) / 2;
        const asks = this.#open ? luminance > config.above : luminance < config.below;
        if (!asks) this.#asksSince = null;
        else this.#asksSince ??= time;
        if (this.#asksSince === null || time - this.#asksSince < DWELL) return this.#open;
        this.#asksSince = null;
        return !this.#open;
      }
    }
  }
}

/** Whether a time of day lies between two others, by the machine's time zone; from 22:00 to 06:00 goes over midnight. */
function isWithin(from: string, to: string, now: Date): boolean {
  const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  const [start, end, at] = [minutes(from), minutes(to), now.getHours() * 60 + now.getMinutes()];
  return start < end ? at >= start && at < end : at >= start || at < end;
}

/** Every so many pixels along a row, and rows, are looked at. */
const STRIDE = 8;

/** Mean luma of a picture, 0 black to 1 white. luma: rows of `stride` bytes. */
export function meanLuminance(
  luma: Uint8Array,
  { width, height, stride }: { readonly width: number; readonly height: number; readonly stride: number },
  limits: { readonly black: number; readonly white: number },
): number {
  let sum = 0;
  let count = 0;
  for (let y = STRIDE >> 1; y < height; y += STRIDE) {
    for (let x = STRIDE >> 1; x < width; x += STRIDE) sum += luma[y * stride + x] ?? 0;
    count += Math.ceil((width - (STRIDE >> 1)) / STRIDE);
  }
  const mean = count > 0 ? sum / count : limits.black;
  return Math.max(0, Math.min(1, (mean - limits.black) / (limits.white - limits.black)));
}
