import { defineConfig } from 'vitest/config';
import { ClosingLineReporter } from './tools/closing-line-reporter.ts';

/** Projects by what they need: nothing, virtual time, or real parts. */
export default defineConfig({
  test: {
    reporters: ['default', new ClosingLineReporter()],
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts', 'test/tidy.test.ts'] } },
      {
        test: { name: 'scenario', include: ['test/scenario/**/*.test.ts'], testTimeout: 120_000 },
      },
      {
        test: {
          name: 'live',
          include: ['test/live/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
