import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  COMMANDS,
  COMMON_OPTIONS,
  type CommandRow,
  usageOf,
} from '../../../../agent/cli/command-table.ts';
import { bashCompletion, manPage, zshCompletion } from '../../../../agent/cli/completion.ts';
import { helpText } from '../../../../agent/cli/help.ts';

const ROWS: readonly CommandRow[] = COMMANDS;
/** Set to write the files instead of comparing them. */
const IS_WRITING = process.env['SAG_WRITE_DOCS'] !== undefined;
const PAGE = 'docs/OPERATIONS.md';
const MARK = /<!-- sagctl -->\n[\s\S]*?<!-- \/sagctl -->/;

function kept(path: string, text: string): string {
  if (IS_WRITING) writeFileSync(path, text);
  return readFileSync(path, 'utf8');
}

describe('the table of commands', () => {
  it('gives one name to one option everywhere, and one letter', () => {
    const options = [...COMMON_OPTIONS, ...ROWS.flatMap((row) => row.options)];
    for (const { name, short, value } of options) {
      const same = options.filter((other) => other.name === name);
      expect(same.every((other) => (other.value === undefined) === (value === undefined))).toBe(
        true,
      );
      const letter = options.filter((other) => short !== undefined && other.short === short);
      expect(new Set(letter.map((other) => other.name)).size).toBeLessThanOrEqual(1);
    }
  });

  it('is what help, completion, man page and the operations page are made of', () => {
    for (const row of ROWS) {
      expect(helpText(row)).toContain(`sagctl ${usageOf(row)}`);
      expect(helpText(undefined)).toContain(row.line);
      expect(manPage()).toContain(row.name.replaceAll('-', '\\-'));
      for (const shell of [bashCompletion(), zshCompletion()]) {
        expect(shell).toContain(row.name);
        for (const { name } of row.options) expect(shell).toContain(`--${name}`);
      }
    }
    const rows = ROWS.map((row) => `| \`sagctl ${usageOf(row)}\` | ${row.line} |`);
    const table = ['| Command | Does |', '| --- | --- |', ...rows].join('\n');
    const marked = `<!-- sagctl -->\n${table}\n<!-- /sagctl -->`;
    const page = readFileSync(PAGE, 'utf8');
    if (IS_WRITING) writeFileSync(PAGE, page.replace(MARK, marked));
    expect(MARK.exec(readFileSync(PAGE, 'utf8'))?.[0]).toBe(marked);
  });

  it('is what the files for packages were written from', () => {
    expect(kept('deploy/completion/sagctl.bash', bashCompletion())).toBe(bashCompletion());
    expect(kept('deploy/completion/_sagctl', zshCompletion())).toBe(zshCompletion());
    expect(kept('deploy/man/sagctl.1', manPage())).toBe(manPage());
  });

  it('makes a completion that bash can read and that completes', () => {
    const script = `${bashCompletion()}\nCOMP_WORDS=(sagctl sta); COMP_CWORD=1; _sagctl; echo "\${COMPREPLY[@]}"
COMP_WORDS=(sagctl log-level de); COMP_CWORD=2; _sagctl; echo "\${COMPREPLY[@]}"
COMP_WORDS=(sagctl capture --protocol ic); COMP_CWORD=3; _sagctl; echo "\${COMPREPLY[@]}"\n`;
    const out = execFileSync('bash', ['--noprofile', '--norc'], {
      input: script,
      encoding: 'utf8',
    });
    expect(out).toBe('status\ndebug\nicmp\n');
  });
});
