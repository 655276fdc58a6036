import { describe, expect, it } from 'vitest';
import { RecordingClock } from './recording-clock.js';

describe('the clock of a recording', () => {
  it('begins at 0 and follows the source', () => {
    const clock = new RecordingClock();
    expect(clock.picture(1000, 0.04, 5000)).toBe(0);
    expect(clock.picture(1000.04, 0.04, 5041)).toBeCloseTo(0.04);
    // A camera that leaves out pictures.
    expect(clock.picture(1003, 0.04, 8000)).toBeCloseTo(3);
    expect(clock.follow(1003.01)).toBeCloseTo(3.01);
  });

  it('goes on by the time that passed when the source jumps or begins again', () => {
    const clock = new RecordingClock();
    clock.picture(10, 0.04, 1000);
    expect(clock.picture(99999, 0.04, 3000)).toBeCloseTo(2);
    expect(clock.picture(99999.04, 0.04, 3040)).toBeCloseTo(2.04);
    expect(clock.picture(0, 0.04, 3080)).toBeCloseTo(2.08);
    clock.breakOff();
    expect(clock.follow(0.01)).toBeNull();
    expect(clock.picture(0.04, 0.04, 7080)).toBeCloseTo(6.08);
  });

  it('leaves out sound of another section, and never goes back', () => {
    const clock = new RecordingClock();
    clock.picture(10, 0.04, 1000);
    expect(clock.follow(0)).toBeNull();
    expect(clock.picture(9.9, 0.04, 1040)).toBe(0);
  });
});
