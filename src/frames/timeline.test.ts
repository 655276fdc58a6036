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
    expect(line.sound(1000.1, 3)).toBeCloseTo(0.1, 6);
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
    expect(line.sound(0, 0.05)).toBeNull();
    expect(seconds(line.picture(0, 0.08))).toBeCloseTo(0.08, 5);
    expect(line.sound(0, 0.1)).toBeCloseTo(0.08, 5);
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

  /** Lays a camera's pictures and sound; clocks give a track's time after a true time, in seconds. */
  function live(
    duration: number,
    clocks: { readonly picture: (time: number) => number; readonly sound: (time: number) => number },
  ): { readonly time: number; readonly picture: number; readonly sound: number }[] {
    const line = new Timeline(0.04, true);
    const laid: { time: number; picture: number; sound: number }[] = [];
    let random = 1;
    const jitter = (): number => (random = (random * 48271) % 2147483647) / 2147483647;
    let arrival = 0;
    for (let i = 0; i * 0.04 < duration; i++) {
      const time = i * 0.04;
      // Up to 80 ms of jitter, and now and then a burst of 200 ms.
      const late = (): number => 0.08 * jitter() + (jitter() < 0.01 ? 0.2 : 0);
      arrival = Math.max(arrival, 50 + time + late());
      const picture = Number(line.picture(clocks.picture(time), arrival)) / LIVE_CLOCK;
      arrival = Math.max(arrival, 50 + time + late());
      const sound = line.sound(clocks.sound(time), arrival);
      if (sound !== null) laid.push({ time, picture, sound });
    }
    return laid;
  }

  it.each([
    [1e-3, -1e-3],
    [-2e-3, 0],
    [0, 5e-3],
  ])(
    'keeps picture (clock off by %d) and sound (%d) within 40 ms of each other over twenty minutes',
    (video, audio) => {
      const laid = live(1200, {
        picture: (time) => 300 + time * (1 + video),
        sound: (time) => 300 + time * (1 + audio),
      });
      expect(laid.length).toBeGreaterThan(29_000);
      const apart = Math.max(...laid.map(({ picture, sound }) => Math.abs(picture - sound)));
      expect(apart).toBeLessThan(0.04);
      const last = laid.at(-1);
      expect(Math.abs((last?.picture ?? 0) - (last?.time ?? 0))).toBeLessThan(0.04);
    },
  );

  it('lays pictures by arrival when a camera claims another frame rate than it has', () => {
    const laid = live(60, { picture: (time) => 7 + time / 2, sound: (time) => 7 + time });
    const settled = laid.filter(({ time }) => time > 20);
    for (const { time, picture, sound } of settled) {
      expect(Math.abs(picture - sound)).toBeLessThan(0.35);
      expect(Math.abs(picture - time)).toBeLessThan(3);
    }
    const first = settled[0];
    const last = settled.at(-1);
    expect((last?.picture ?? 0) - (first?.picture ?? 0)).toBeCloseTo((last?.time ?? 0) - (first?.time ?? 0), 0);
  });

  it('takes no sound for the picture that is seconds away from it', () => {
    const line = new Timeline(0.04, true);
    line.picture(100, 0);
    expect(line.sound(100.02, 0.02)).toBeCloseTo(0.02, 3);
    expect(line.sound(90_000, 0.06)).toBeNull();
  });

  it('lays a section by its first picture that has a time, where cameras send one without before it', () => {
    const line = new Timeline(0.04, true);
    line.picture(null, 10);
    line.picture(0.04, 10.04);
    line.picture(8, 18);
    line.breakOff();
    expect(seconds(line.picture(null, 20))).toBeCloseTo(9.96, 1);
    expect(line.sound(0.02, 20)).toBeNull();
    const timed = seconds(line.picture(0.04, 20.04));
    expect(timed).toBeCloseTo(10, 1);
    expect(line.sound(0.05, 20.05)).toBeCloseTo(timed + 0.01, 3);
  });
});
