import { describe, expect, it } from 'vitest';
import { LIVE_CLOCK, Timeline } from './timeline.js';

const seconds = (ticks: bigint): number => Number(ticks) / LIVE_CLOCK;

describe('Timeline', () => {
  it('starts at 0 wherever the source does, and keeps its steps exactly', () => {
    const line = new Timeline(1 / 30);
    const times = [1000, 1000.0333, 1000.05, 1000.2];
    const ticks = times.map((time, i) => line.picture(time, i));
    expect(ticks[0]).toBe(0n);
    times.forEach((time, i) => expect(seconds(ticks[i] ?? 0n)).toBeCloseTo(time - 1000, 4));
    expect(line.sound(1000.1)).toBeCloseTo(0.1, 6);
  });

  it('gives pictures without a timestamp the rate of the stream', () => {
    const line = new Timeline(0.04);
    const ticks = [0, 1, 2].map((i) => line.picture(null, i * 0.04));
    expect(ticks.map(seconds)).toEqual([0, 0.04, 0.08]);
  });

  it('follows on when a file begins again', () => {
    const line = new Timeline(0.04);
    line.picture(0, 0);
    line.picture(0.04, 0.04);
    line.breakOff();
    expect(line.sound(0)).toBeNull();
    expect(seconds(line.picture(0, 0.08))).toBeCloseTo(0.08, 5);
    expect(line.sound(0)).toBeCloseTo(0.08, 5);
  });

  it('lets the time pass that a camera was away', () => {
    const line = new Timeline(0.04);
    line.picture(500, 10);
    line.breakOff();
    expect(seconds(line.picture(3, 17))).toBeCloseTo(7, 5);
  });

  it('bridges a clock that jumps', () => {
    const line = new Timeline(0.04);
    line.picture(100, 0);
    expect(seconds(line.picture(90_000, 0.04))).toBeCloseTo(0.04, 5);
    expect(seconds(line.picture(90_000.04, 0.08))).toBeCloseTo(0.08, 5);
    expect(seconds(line.picture(5, 0.12))).toBeCloseTo(0.12, 5);
  });

  it('only ever rises', () => {
    const line = new Timeline(0.04);
    const ticks = [1, 1, 0.99, 1.01].map((time, i) => line.picture(time, i * 0.01));
    ticks.slice(1).forEach((tick, i) => expect(tick > (ticks[i] ?? 0n)).toBe(true));
  });
});
