import { describe, expect, it } from 'vitest';
import { Backoff } from './backoff.js';

describe('Backoff', () => {
  it('doubles from about a second to about a minute, and begins again after a success', () => {
    const backoff = new Backoff();
    const waits = Array.from({ length: 12 }, () => backoff.next());
    waits.forEach((wait, i) => {
      const limit = Math.min(60_000, 1000 * 2 ** i);
      expect(wait).toBeLessThanOrEqual(limit);
      expect(wait).toBeGreaterThanOrEqual(0.7 * limit - 1);
    });
    backoff.succeeded();
    expect(backoff.next()).toBeLessThanOrEqual(1000);
  });

  it('does not let many streams try at one moment', () => {
    const waits = new Set(Array.from({ length: 20 }, () => new Backoff().next()));
    expect(waits.size).toBeGreaterThan(5);
  });
});
