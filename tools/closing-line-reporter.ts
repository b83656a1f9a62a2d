/**
 * Ends a test run with one plain line, `N passed, N failed, N skipped`, from the real counts.
 *
 * The line also goes to out/test-counts.txt. In CI a skipped test is a failure: there every real part must be
 * present, so a skip means that something was left untested.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

export class ClosingLineReporter implements Reporter {
  onTestRunEnd(testModules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of testModules) {
      if (module.state() === 'failed' && module.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed' || state === 'failed') counts[state] += 1;
        else counts.skipped += 1;
      }
    }
    const line = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
    mkdirSync('out', { recursive: true });
    writeFileSync('out/test-counts.txt', `${line}\n`);
    process.on('exit', () => process.stdout.write(`${line}\n`));
    if (process.env['CI'] !== undefined && counts.skipped > 0) {
      process.stdout.write('a skipped test is a failure in CI: a real part is missing here\n');
      process.exitCode = 1;
    }
  }
}
