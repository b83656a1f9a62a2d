/** The units of deploy/ are what systemd understands, and ask for no more than they say. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, type TestContext, test } from 'vitest';

const UNITS = ['sag-agent.service', 'sag-agent-reboot.path', 'sag-agent-reboot.service'] as const;
/** Of 10, the lower the better; what is left are the capabilities the agent's header explains. */
const EXPOSURE_MAX = 3.2;

function analyze(ctx: TestContext, ...words: readonly string[]): string {
  const { error, stdout, stderr } = spawnSync('systemd-analyze', words, { encoding: 'utf8' });
  if (error !== undefined && process.env['CI'] === undefined)
    ctx.skip('there is no systemd-analyze');
  if (error !== undefined) throw error;
  return stdout + stderr;
}

test('systemd has nothing to say against the units', (ctx) => {
  const directory = mkdtempSync(join(tmpdir(), 'sag-units-'));
  try {
    const files = UNITS.map((unit) => {
      // The agent is not installed where it is tested; any program may stand for it.
      const text = readFileSync(resolve('deploy', unit), 'utf8');
      const file = join(directory, unit);
      writeFileSync(file, text.replaceAll('/opt/sag-agent/bin/sag-agent', process.execPath));
      return file;
    });
    const said = analyze(ctx, 'verify', '--man=no', ...files);
    // Other units of this machine are none of ours.
    expect(said.split('\n').filter((line) => line.includes('sag-agent'))).toEqual([]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('the agent is exposed as little as the header of its unit says', (ctx) => {
  const said = analyze(ctx, 'security', '--offline=true', resolve('deploy/sag-agent.service'));
  const [, level] = /Overall exposure level for sag-agent\.service: ([\d.]+)/.exec(said) ?? [];
  expect(Number(level)).toBeLessThanOrEqual(EXPOSURE_MAX);
  // Setting the clock takes the capability, the calls and a unit that does not protect it; all three are granted.
  const unit = readFileSync(resolve('deploy/sag-agent.service'), 'utf8');
  expect(unit).toMatch(/^CapabilityBoundingSet=.*\bCAP_SYS_TIME\b/m);
  expect(unit).toMatch(/^SystemCallFilter=.*@clock\b/m);
  expect(unit).toMatch(/^ProtectClock=no$/m);
});
