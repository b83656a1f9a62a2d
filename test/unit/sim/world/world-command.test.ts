import { expect, test, vi } from 'vitest';
import { runWorldCommand } from '../../../../sim/world/world-command.ts';

async function runIt(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said.out += String(text);
    return true;
  });
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.err += String(text);
    return true;
  });
  try {
    const code = await runWorldCommand(argv);
    return { code, ...said };
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
}

test.each([
  [['replay', 'abc'], /SEED must be a whole number/],
  [['replay', '1', '--format', 'pdf'], /no format "pdf"/],
  [['dance'], /there is no "dance"/],
  [['replay', '1', '--keep', '1;2'], /--keep must be a whole number/],
  [['shrink'], /SEED must be a whole number/],
  [['run', '--sods', '1'], /Unknown option '--sods'/],
])('%j is refused with a sentence and the usage', async (argv, sentence) => {
  const { code, err } = await runIt(...argv);
  expect(code).toBe(2);
  expect(err).toMatch(sentence);
  expect(err).toContain('usage: sag-sim world');
});
