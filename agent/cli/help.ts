/**
 * The help of `sagctl` and of each of its commands, from the table.
 */
import {
  COMMANDS,
  COMMON_OPTIONS,
  type CommandRow,
  EXIT_LINES,
  type OptionRow,
  usageOf,
} from './command-table.ts';

const NAME_WIDTH = 12;
const OPTION_WIDTH = 22;

export function helpText(of: CommandRow | undefined): string {
  if (of === undefined) {
    const rows = COMMANDS.map(({ name, line }) => `  ${name.padEnd(NAME_WIDTH)}${line}\n`);
    return `sagctl asks the agent of this machine.\n\nCommands:\n${rows.join('')}${foot()}`;
  }
  const own = of.arguments.map(({ name, line, words }) => row(name, lineOf(line, words)));
  const options = of.options.map((option) =>
    row(optionName(option), lineOf(option.line, option.words)),
  );
  const more = of.more === '' ? '' : `${of.more}\n`;
  const parts = own.length + options.length === 0 ? '' : `\n${[...own, ...options].join('')}`;
  return `sagctl ${usageOf(of)}\n\n${of.line}.\n${more}${parts}${foot()}`;
}

function foot(): string {
  const options = COMMON_OPTIONS.map((option) => row(optionName(option), option.line)).join('');
  const exits = EXIT_LINES.map(([code, means]) => row(code, means)).join('');
  return `\nOptions of all commands:\n${options}\nExit codes:\n${exits}`;
}

function row(name: string, line: string): string {
  return `  ${name.padEnd(OPTION_WIDTH)}${line}\n`;
}

function lineOf(line: string, words: readonly string[] | undefined): string {
  return words === undefined ? line : `${line}: ${words.join(', ')}`;
}

function optionName({ name, short, value }: OptionRow): string {
  const shown = value === undefined ? `--${name}` : `--${name} ${value}`;
  return short === undefined ? shown : `-${short}, ${shown}`;
}
