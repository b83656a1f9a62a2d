/**
 * An operator at the console of the cloud side: types commands, with the control plane in a file between one and the
 * next.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runCcnCommand } from '../../sim/commands/ccn-command.ts';
import { runCenCommand } from '../../sim/commands/cen-command.ts';
import { runChainCommand } from '../../sim/commands/chain-command.ts';
import { runSagCommand } from '../../sim/commands/sag-command.ts';

const COMMANDS = {
  ccn: runCcnCommand,
  cen: runCenCommand,
  sag: runSagCommand,
  chain: runChainCommand,
} as const;

export interface Seen {
  readonly exit: number;
  readonly out: string;
  readonly error: string;
}

export class Operator {
  readonly #directory = mkdtempSync(join(tmpdir(), 'console-'));

  get file(): string {
    return join(this.#directory, 'ccn.sqlite');
  }

  /** One command line, words separated by blanks; `_` within a word stands for one, `~` for `_`. */
  async type(text: string): Promise<Seen> {
    const typed = (word: string): string => word.replaceAll('_', ' ').replaceAll('~', '_');
    const [noun = '', ...words] = text.split(/ +/).map(typed);
    let out = '';
    let error = '';
    const run = COMMANDS[noun as keyof typeof COMMANDS];
    const exit = await run([...words, '--state', this.file], {
      out: (shown) => {
        out += shown;
      },
      error: (shown) => {
        error += shown;
      },
      colour: false,
    });
    return { exit, out, error };
  }

  async does(...lines: readonly string[]): Promise<void> {
    for (const each of lines) expect(await this.type(each)).toMatchObject({ exit: 0, error: '' });
  }

  /** The stable code a command was refused with, alike for people and for programs. */
  async refusal(text: string): Promise<string | undefined> {
    const { exit, out, error } = await this.type(`${text} --json`);
    expect({ exit, error }).toEqual({ exit: 1, error: '' });
    const { code, sentence } = JSON.parse(out) as { code: string; sentence: string };
    expect(sentence).toMatch(/^.{10,}\.$/);
    const forPeople = await this.type(text);
    expect(forPeople).toMatchObject({ exit: 1, out: '' });
    expect(forPeople.error).toContain(`: ${code}: ${sentence}\n`);
    return code;
  }

  leave(): void {
    rmSync(this.#directory, { recursive: true });
  }
}

export const HANGZHOU: readonly string[] = [
  'sag buy hz-1 --area Mainland_China --cidr 10.1.0.0/24',
  'ccn create ccn-1 --area Mainland_China --name branches',
  'cen create cen-1',
  'cen attach-vpc cen-1 vpc-sh --region cn-shanghai --cidr 172.16.0.0/16',
];
export const BOUND: readonly string[] = [
  ...HANGZHOU,
  'ccn bind-sag ccn-1 hz-1',
  'ccn bind-cen ccn-1 cen-1',
];
export const FRANKFURT: readonly string[] = [
  'cen create cen-eu',
  'cen attach-vpc cen-eu vpc-fra --region eu-central-1 --cidr 172.20.0.0/16',
];
