import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      // Kernels are compared with plain references over whole pictures, which takes long on a busy machine.
      { test: { name: 'unit', include: ['src/**/*.test.ts', 'demo/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          // These start servers, cameras and browsers; two cores do one such test at a time.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
