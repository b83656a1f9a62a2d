import { defineConfig } from 'vitest/config';
import { ClosingLineReporter } from './tools/closing-line-reporter.ts';

/** Projects by what they need: nothing, virtual time, a stock kernel in QEMU, or real parts. */
export default defineConfig({
  test: {
    reporters: ['default', new ClosingLineReporter()],
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts', 'test/tidy.test.ts'] } },
      {
        test: { name: 'scenario', include: ['test/scenario/**/*.test.ts'], testTimeout: 120_000 },
      },
      {
        // One file, which mostly waits for a machine of one processor: it runs beside the tests that only compute, and
        // the live ones come after it.
        test: {
          name: 'guest',
          include: ['test/guest/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 1_200_000,
        },
      },
      {
        test: {
          name: 'live',
          include: ['test/live/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
