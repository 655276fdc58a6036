import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { defineConfig } from 'vitest/config';

/** What is measured by tests is not remembered for the user, nor the other way round. */
const cache = mkdtempSync(path.join(os.tmpdir(), 'afterglow-cache-'));
process.env['XDG_CACHE_HOME'] = cache;
process.on('exit', () => rmSync(cache, { recursive: true, force: true }));

const named = (names: string): string[] => names.split(' ').map((name) => `test/${name}.test.ts`);

/** Work on files, and requests: its results hang on no clock, so that two of these may run side by side. */
const BATCH = named('bench-command benchmarks colour conformer control credentials doctor errors film-workers films gpu-cuda grid identity limits monitoring process providers quality reload server stills temporal viewer-build'); // prettier-ignore
/** Small streams that leave a machine room for another of these. */
const SMALL = named('hls renditions rtsp webrtc webrtc-gstreamer webrtc-pipe whip');

/** These start programs, cameras and browsers. They wait for what has to come, and on a busy machine that may take long. */
const STARTS_PROGRAMS = {
  testTimeout: 300_000,
  hookTimeout: 300_000,
  expect: { poll: { timeout: 90_000, interval: 50 } },
};

export default defineConfig({
  test: {
    projects: [
      // Kernels are compared with plain references over whole pictures, which takes long on a busy machine.
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'demo/**/*.test.ts', 'bench/**/*.test.ts', 'web-viewer/src/**/*.test.ts'],
          testTimeout: 180_000,
        },
      },
      { test: { name: 'batch', include: BATCH, maxWorkers: 2, sequence: { groupOrder: 1 }, ...STARTS_PROGRAMS } },
      { test: { name: 'small', include: SMALL, maxWorkers: 2, sequence: { groupOrder: 2 }, ...STARTS_PROGRAMS } },
      {
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          exclude: [...BATCH, ...SMALL],
          // Two cores do one of these at a time.
          fileParallelism: false,
          sequence: { groupOrder: 3 },
          ...STARTS_PROGRAMS,
        },
      },
    ],
  },
});
