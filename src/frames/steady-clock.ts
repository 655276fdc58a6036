/**
 * Milliseconds by a clock that never jumps, the same in all threads and processes of the machine, from an arbitrary start.
 * The time of day may be set at any moment; spans between pictures must not change with it.
 */
export function steadyMilliseconds(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** A moment of the steady clock in milliseconds since 1970, by the time of day as it is set now. */
export function toWallClock(steady: number): number {
  return Date.now() - (steadyMilliseconds() - steady);
}
