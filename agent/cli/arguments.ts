/**
 * What `sagctl` was asked to do, read by the table of its commands: an invocation, or the sentence that refuses it.
 */
import { parseArgs } from 'node:util';
import {
  COMMANDS,
  COMMON_OPTIONS,
  type CommandName,
  type CommandRow,
  commandRow,
  type OptionRow,
} from './command-table.ts';

export interface Invocation {
  readonly command: CommandName;
  readonly words: readonly string[];
  /** By name; a switch that is on is there with an empty value. */
  readonly options: ReadonlyMap<string, string>;
  readonly json: boolean;
  readonly socket: string;
}

export type SagctlRequest =
  | { readonly kind: 'run'; readonly invocation: Invocation }
  | { readonly kind: 'help'; readonly of: CommandRow | undefined }
  | { readonly kind: 'wrong'; readonly sentence: string };

/** Thrown by a command that cannot do with the words or values it got. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}

export const DEFAULT_SOCKET = '/run/sag-agent/control.sock';
/** A paste gone wrong is refused, not parsed. */
const WORD_CHARACTERS_MAX = 4_096;

export function readArguments(argv: readonly string[]): SagctlRequest {
  if (argv.some((word) => word.length > WORD_CHARACTERS_MAX)) return wrong('a word is too long');
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(argv);
  } catch (error) {
    return wrong(error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error));
  }
  const { values, positionals } = parsed;
  const [command, ...words] = positionals;
  const row = commandRow(command);
  const options = new Map(
    Object.entries(values).map(([name, value]) => [name, value === true ? '' : String(value)]),
  );
  if (options.has('help')) return { kind: 'help', of: row };
  if (command === undefined) return wrong('say what you want to see');
  if (row === undefined) return wrong(`'${command}' is no command`);
  const mistake = wordMistake(row, words) ?? optionMistake(row, options);
  if (mistake !== undefined) return wrong(mistake);
  const json = options.has('json');
  const socket = options.get('socket') ?? DEFAULT_SOCKET;
  const name = row.name as CommandName;
  return { kind: 'run', invocation: { command: name, words, options, json, socket } };
}

function parse(argv: readonly string[]) {
  const rows: readonly CommandRow[] = COMMANDS;
  const all = [...COMMON_OPTIONS, ...rows.flatMap(({ options }) => options)];
  const options = Object.fromEntries(
    all.map(({ name, short, value }) => {
      const type = value === undefined ? ('boolean' as const) : ('string' as const);
      return [name, short === undefined ? { type } : { type, short }];
    }),
  );
  return parseArgs({ args: [...argv], allowPositionals: true, options });
}

function wordMistake(row: CommandRow, words: readonly string[]): string | undefined {
  const extra = words[row.arguments.length];
  if (extra !== undefined) return `'${row.name}' takes no further argument '${extra}'`;
  for (const [at, { name, isOptional, words: known }] of row.arguments.entries()) {
    const word = words[at];
    if (word === undefined && isOptional !== true) return `'${row.name}' wants ${name}`;
    if (word !== undefined && known !== undefined && !known.includes(word))
      return `${name} is one of ${known.join(', ')}`;
  }
  return undefined;
}

function optionMistake(row: CommandRow, options: ReadonlyMap<string, string>): string | undefined {
  const known: readonly OptionRow[] = [...COMMON_OPTIONS, ...row.options];
  for (const [name, value] of options) {
    const option = known.find((each) => each.name === name);
    if (option === undefined) return `--${name} does not belong to '${row.name}'`;
    if (option.words !== undefined && !option.words.includes(value))
      return `--${name} is one of ${option.words.join(', ')}`;
  }
  return undefined;
}

function wrong(sentence: string): SagctlRequest {
  return { kind: 'wrong', sentence };
}

/** A whole number within bounds, or the default; throws `WrongUsage`. */
export function wholeOption(
  { options }: Pick<Invocation, 'options'>,
  name: string,
  [least, most, usual]: readonly [least: number, most: number, usual: number],
): number {
  const value = options.get(name);
  if (value === undefined) return usual;
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new WrongUsage(`--${name} takes a whole number from ${least} to ${most}`);
}
