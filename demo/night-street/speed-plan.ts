import { along } from './vector.js';

const STEP = 0.02;

/** How fast a car goes as time passes: straight lines between [seconds, metres per second] points. */
export class SpeedPlan {
  private readonly points: readonly (readonly [number, number])[];
  /** Distance covered after each STEP. */
  private readonly covered: number[] = [0];

  /** `points` rise in time and reach beyond the end of the passage. */
  constructor(points: readonly (readonly [number, number])[]) {
    this.points = points;
    const end = points[points.length - 1]?.[0] ?? 0;
    for (let time = STEP / 2; time < end; time += STEP) {
      this.covered.push((this.covered[this.covered.length - 1] ?? 0) + along(points, time) * STEP);
    }
  }

  /** Metres covered after `seconds`. */
  distance(seconds: number): number {
    const position = Math.max(0, seconds / STEP);
    const k = Math.min(Math.floor(position), this.covered.length - 2);
    const from = this.covered[k] ?? 0;
    return from + ((this.covered[k + 1] ?? from) - from) * (position - k);
  }

  /** Seconds until `metres` are covered. */
  timeAt(metres: number): number {
    const k = this.covered.findIndex((distance) => distance >= metres);
    return (k < 0 ? this.covered.length : k) * STEP;
  }

  /** Whether the car is slowing down. */
  braking(seconds: number): boolean {
    return along(this.points, seconds + 0.1) < along(this.points, seconds - 0.1) - 0.05;
  }
}
