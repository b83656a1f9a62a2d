/**
 * The operator's console as commands: what `sag-sim ccn`, `cen`, `sag` and `chain` have in common.
 *
 * A verb says what it takes and answers with a value and a table, or with a refusal of the rules. Exits 0 when done,
 * 1 when refused or something is missing, 2 when the command makes no sense.
 */
import { parseArgs } from 'node:util';
import { type Block, renderBlocks } from '../../agent/diag/text-table.ts';
import { ControlPlane } from '../ccn/control-plane.ts';
import type { Refusal } from '../ccn/outcome.ts';

const STATE_VARIABLE = 'SAG_SIM_STATE';
const STATE_DEFAULT = 'out/ccn.sqlite';

export interface Given {
  /** As many as the verb names. */
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string | undefined>>;
  /** Options that may be repeated. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
}

export interface Answer {
  readonly ok: true;
  /** What `--json` shows. */
  readonly value: Readonly<Record<string, unknown>>;
  readonly blocks: readonly Block[];
  /** The question was answered, and the answer is no. */
  readonly isNo?: boolean;
}

export interface Verb {
  /** Positional words, by the names they have in the usage. */
  readonly words: readonly string[];
  /** Options that take a value; those marked with `[]` may be repeated. */
  readonly options: readonly string[];
  readonly tells: string;
  readonly run: (given: Given, plane: () => ControlPlane) => Answer | Refusal;
}

export interface Screen {
  out(text: string): void;
  error(text: string): void;
  readonly colour: boolean;
}

export const TERMINAL: Screen = {
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
  colour: process.stdout.isTTY === true,
};

export function runConsole(
  noun: string,
  verbs: Readonly<Record<string, Verb>>,
  argv: readonly string[],
  screen: Screen,
): number {
  const [name = '', ...rest] = argv;
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (verb === undefined) {
    screen.error(usage(noun, verbs));
    return 2;
  }
  const asked = readArguments(verb, rest);
  if (typeof asked === 'string') {
    screen.error(
      `sag-sim ${noun} ${name}: EUSAGE: ${asked}\nusage: ${usageOf(noun, name, verb)}\n`,
    );
    return 2;
  }
  const path = asked.state ?? process.env[STATE_VARIABLE] ?? STATE_DEFAULT;
  let opened: ControlPlane | undefined;
  try {
    const answer = verb.run(asked.given, () => (opened ??= new ControlPlane(path)));
    return tell(answer, asked.json, `${noun} ${name}`, screen);
  } finally {
    opened?.close();
  }
}

function tell(answer: Answer | Refusal, json: boolean, what: string, screen: Screen): number {
  if (!answer.ok) {
    const { code, sentence } = answer;
    if (json) screen.out(`${JSON.stringify({ v: 1, ok: false, code, sentence })}\n`);
    else screen.error(`sag-sim ${what}: ${code}: ${sentence}\n`);
    return 1;
  }
  if (json) screen.out(`${JSON.stringify({ v: 1, ok: true, ...answer.value })}\n`);
  else screen.out(renderBlocks(answer.blocks, screen.colour));
  return answer.isNo === true ? 1 : 0;
}

interface Asked {
  readonly given: Given;
  readonly json: boolean;
  readonly state: string | undefined;
}

function readArguments(verb: Verb, argv: readonly string[]): Asked | string {
  const names = verb.options.map((option) => option.replace('[]', ''));
  const repeated = verb.options.filter((option) => option.endsWith('[]'));
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        ...Object.fromEntries(
          names.map((name) => [
            name,
            { type: 'string' as const, multiple: repeated.includes(`${name}[]`) },
          ]),
        ),
        state: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    if (positionals.length !== verb.words.length) {
      return `it takes ${verb.words.length === 0 ? 'no words' : verb.words.join(' ')}`;
    }
    return { given: givenOf(values, positionals), json: values.json === true, state: values.state };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function givenOf(values: Readonly<Record<string, unknown>>, words: readonly string[]): Given {
  const options: Record<string, string> = {};
  const lists: Record<string, readonly string[]> = {};
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'string') options[name] = value;
    else if (Array.isArray(value)) lists[name] = value.map(String);
  }
  return { words, options, lists };
}

function usage(noun: string, verbs: Readonly<Record<string, Verb>>): string {
  const lines = Object.entries(verbs).map(
    ([name, verb]) => `  ${usageOf(noun, name, verb)}\n      ${verb.tells}\n`,
  );
  return `usage:\n${lines.join('')}Each takes --json and --state FILE (default ${STATE_DEFAULT}, or ${STATE_VARIABLE}).\n`;
}

function usageOf(noun: string, name: string, { words, options }: Verb): string {
  const taken = options.map((option) =>
    option.endsWith('[]')
      ? `[--${option.slice(0, -2)} ${option.slice(0, -2).toUpperCase()}]...`
      : `[--${option} ${option.toUpperCase()}]`,
  );
  return ['sag-sim', noun, name, ...words, ...taken].join(' ');
}
