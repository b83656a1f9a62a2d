import { defineConfig } from 'vitest/config';
import { ClosingLineReporter } from './tools/closing-line-reporter.ts';

/** The tests that boot a stock kernel in QEMU: minutes of software emulation, and packages of their own. */
export default defineConfig({
  test: {
    name: 'guest',
    include: ['test/guest/**/*.test.ts'],
    reporters: ['default', new ClosingLineReporter()],
    testTimeout: 600_000,
    hookTimeout: 900_000,
    fileParallelism: false,
  },
});
