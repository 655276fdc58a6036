import { describe, expect, it } from 'vitest';
import { meanLuminance, NightGate } from './night-gate.js';

const NOON = new Date(2026, 5, 1, 12, 0);

/** Feeds the gate one luminance for some seconds, at 25 pictures a second; returns the fades. */
function show(gate: NightGate, from: number, seconds: number, luminance: number, now = NOON): number[] {
  return Array.from({ length: Math.round(seconds * 25) }, (_, i) => gate.update(from + i / 25, luminance, now));
}

describe('NightGate', () => {
  it('is open always where that is asked for', () => {
    const gate = new NightGate({ mode: 'always' });
    expect(show(gate, 0, 3, 0.9).every((fade) => fade === 1)).toBe(true);
  });

  it('begins in the mode that the first picture asks for, without a fade', () => {
    expect(new NightGate({ mode: 'dark', below: 0.2, above: 0.3 }).update(0, 0.1, NOON)).toBe(1);
    expect(new NightGate({ mode: 'dark', below: 0.2, above: 0.3 }).update(0, 0.5, NOON)).toBe(0);
  });

  it('closes when it has become light, fading over a second, and holds between the thresholds', () => {
    const gate = new NightGate({ mode: 'dark', below: 0.2, above: 0.3 });
    show(gate, 0, 5, 0.1);
    expect(show(gate, 5, 10, 0.25).every((fade) => fade === 1)).toBe(true);
    const fades = show(gate, 15, 12, 0.6);
    const begins = fades.findIndex((fade) => fade < 1);
    const ends = fades.findIndex((fade) => fade === 0);
    expect(begins).toBeGreaterThan(25);
    expect((ends - begins) / 25).toBeGreaterThan(0.9);
    expect((ends - begins) / 25).toBeLessThan(1.1);
    expect(fades.every((fade, i) => i === 0 || fade <= (fades[i - 1] ?? 1))).toBe(true);
    expect(gate.state.open).toBe(false);
    expect(show(gate, 27, 10, 0.25).every((fade) => fade === 0)).toBe(true);
    expect(show(gate, 37, 20, 0.05).at(-1)).toBe(1);
  });

  it('does not take headlights for the day', () => {
    const gate = new NightGate({ mode: 'dark', below: 0.2, above: 0.3 });
    show(gate, 0, 5, 0.1);
    for (let i = 0; i < 10; i++) {
      expect(show(gate, 5 + 6 * i, 0.8, 0.7).every((fade) => fade === 1)).toBe(true);
      expect(show(gate, 5.8 + 6 * i, 5.2, 0.1).every((fade) => fade === 1)).toBe(true);
    }
  });

  it.each([
    ['21:30', '06:00', 22, 0, true],
    ['21:30', '06:00', 5, 59, true],
    ['21:30', '06:00', 6, 0, false],
    ['21:30', '06:00', 12, 0, false],
    ['08:00', '09:00', 8, 30, true],
    ['08:00', '09:00', 21, 0, false],
  ])('from %s to %s is open at %d:%d: %s', (from, to, hour, minute, open) => {
    const gate = new NightGate({ mode: 'schedule', from, to });
    expect(gate.update(0, null, new Date(2026, 0, 1, hour, minute))).toBe(open ? 1 : 0);
  });

  it('brings the effect up from nothing where there has been none, and stays closed by day', () => {
    const gate = new NightGate({ mode: 'always' });
    gate.fadeIn();
    expect(gate.update(0, 0.1, NOON)).toBe(1);
    show(gate, 0, 1, 0.1);
    gate.fadeIn();
    const fades = show(gate, 1, 1.5, 0.1);
    expect(fades[1]).toBeLessThan(0.2);
    expect(fades[12]).toBeCloseTo(0.5, 0.7);
    expect(fades.at(-1)).toBe(1);
    const closed = new NightGate({ mode: 'dark', below: 0.2, above: 0.3 });
    show(closed, 0, 1, 0.9);
    closed.fadeIn();
    expect(show(closed, 1, 2, 0.9).every((fade) => fade === 0)).toBe(true);
  });

  it('fades when its rule is changed', () => {
    const gate = new NightGate({ mode: 'always' });
    show(gate, 0, 1, 0.9);
    gate.configure({ mode: 'schedule', from: '00:00', to: '00:01' });
    const fades = show(gate, 1, 1.5, 0.9);
    expect(fades[1]).toBeGreaterThan(0.8);
    expect(fades.at(-1)).toBe(0);
  });
});

describe('meanLuminance', () => {
  it('is 0 for black and 1 for white in either range', () => {
    const size = { width: 64, height: 32, stride: 64 };
    const picture = (level: number): Uint8Array => new Uint8Array(64 * 32).fill(level);
    expect(meanLuminance(picture(16), size, { black: 16, white: 235 })).toBe(0);
    expect(meanLuminance(picture(235), size, { black: 16, white: 235 })).toBe(1);
    expect(meanLuminance(picture(51), size, { black: 0, white: 255 })).toBeCloseTo(0.2, 5);
  });
});
