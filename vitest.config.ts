import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { ClosingLineReporter } from './tools/closing-line-reporter.ts';

/**
 * What only computes may use the machine; the guest is one of two even where there are two processors. Time is virtual
 * in all of them, so theirs is bounded against hanging only.
 */
const together = {
  maxWorkers: Math.max(2, availableParallelism() - 1),
  sequence: { groupOrder: 1 },
  testTimeout: 120_000,
  hookTimeout: 120_000,
};
/** What runs on real parts and in real time has the machine to itself, after all the others. */
const alone = { fileParallelism: false, sequence: { groupOrder: 2 } };

/** Projects by what they need: nothing, virtual time, a stock kernel in QEMU, or real parts. */
export default defineConfig({
  test: {
    reporters: ['default', new ClosingLineReporter()],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/tidy.test.ts'],
          ...together,
        },
      },
      {
        test: {
          name: 'scenario',
          include: ['test/scenario/**/*.test.ts'],
          ...together,
        },
      },
      {
        // One file, which mostly waits for a machine of one processor.
        test: {
          name: 'guest',
          include: ['test/guest/**/*.test.ts'],
          ...together,
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
          ...alone,
        },
      },
    ],
  },
});
