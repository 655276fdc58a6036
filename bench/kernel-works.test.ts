import { describe, expect, it } from 'vitest';
import { kernelWorks } from './kernel-works.js';
import { bandwidthMeter } from './memory-bandwidth.js';

describe('kernels that are measured', () => {
  it('run on a picture of 1080p, and each has a floor', () => {
    const picture = Uint8Array.from({ length: (1920 * 1080 * 3) / 2 }, (_, i) => (i * 7919) % 251);
    const works = kernelWorks(picture);
    expect(new Set(works.map(({ label }) => label)).size).toBe(works.length);
    for (const { count, bytes, run } of works) {
      run();
      expect(count * bytes).toBeGreaterThan(0);
    }
  });

  it('have a memory beside them whose speed is known', async () => {
    const { kernel, picture, buffer } = (await bandwidthMeter())();
    for (const rate of [kernel, picture, buffer]) {
      // Bytes a nanosecond: no machine is so slow, and none so fast.
      expect(rate).toBeGreaterThan(0.1);
      expect(rate).toBeLessThan(10_000);
    }
  });
});
