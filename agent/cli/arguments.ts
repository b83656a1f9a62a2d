/**
 * What `sagctl` was asked to do: its arguments as data, or the sentence that refuses them.
 */
import { parseArgs } from 'node:util';
import type { Language } from '../diag/check-view.ts';
import { NOTES_MAX } from '../diag/control-protocol.ts';
import type { ViewName } from '../diag/view-of.ts';
import { type CommandName, isCommandName } from './help.ts';

export type SagctlCommand =
  | { readonly command: 'view'; readonly view: ViewName }
  | { readonly command: 'check'; readonly config: string; readonly language: Language }
  | { readonly command: 'notes'; readonly last: number; readonly follow: boolean }
  | { readonly command: 'switch'; readonly tunnel: string }
  | { readonly command: 'boardUpdate'; readonly imageFile: string }
  | { readonly command: 'boardAbort' };

export type SagctlRequest =
  | {
      readonly kind: 'run';
      readonly run: SagctlCommand;
      readonly json: boolean;
      readonly socket: string;
    }
  | { readonly kind: 'help'; readonly of: CommandName | undefined }
  | { readonly kind: 'wrong'; readonly sentence: string };

export const DEFAULT_SOCKET = '/run/sag-agent/control.sock';
const DEFAULT_CONFIG = '/etc/sag-agent/sag-agent.yaml';
const NOTES_DEFAULT = 20;

export function readArguments(argv: readonly string[]): SagctlRequest {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(argv);
  } catch (error) {
    return wrong(error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error));
  }
  const { values, positionals } = parsed;
  const [command, ...rest] = positionals;
  if (values.help === true) {
    return { kind: 'help', of: isCommandName(command) ? command : undefined };
  }
  if (command === undefined) return wrong('say what you want to see');
  if (!isCommandName(command)) return wrong(`'${command}' is no command`);
  const run = runOf(command, rest, values);
  if (typeof run === 'string') return wrong(run);
  return { kind: 'run', run, json: values.json === true, socket: values.socket ?? DEFAULT_SOCKET };
}

function parse(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      socket: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
      follow: { type: 'boolean', short: 'f' },
      last: { type: 'string', short: 'n' },
      config: { type: 'string' },
      zh: { type: 'boolean' },
    },
  });
}

/** The command, or what is wrong with it. */
function runOf(
  command: CommandName,
  rest: readonly string[],
  values: ReturnType<typeof parse>['values'],
): SagctlCommand | string {
  if (command === 'board') return boardRunOf(rest, values);
  const [first, ...more] = command === 'switch' ? rest : [undefined, ...rest];
  if (more.length > 0) return `'${command}' takes no further argument '${more[0]}'`;
  if (command !== 'notes' && isAboutNotes(values)) return NOTES_ONLY;
  switch (command) {
    case 'check': {
      const language = values.zh === true ? 'zh' : 'en';
      return { command, config: values.config ?? DEFAULT_CONFIG, language };
    }
    case 'switch':
      return first === undefined ? 'name the tunnel to switch to' : { command, tunnel: first };
    case 'notes': {
      const last = values.last === undefined ? NOTES_DEFAULT : Number(values.last);
      return Number.isInteger(last) && last >= 0 && last <= NOTES_MAX
        ? { command, last, follow: values.follow === true }
        : `--last takes a whole number from 0 to ${NOTES_MAX}`;
    }
    default:
      return { command: 'view', view: command };
  }
}

function boardRunOf(
  [action, imageFile, ...more]: readonly string[],
  values: ReturnType<typeof parse>['values'],
): SagctlCommand | string {
  if (isAboutNotes(values)) return NOTES_ONLY;
  const tooMuch = action === 'abort' ? imageFile : more[0];
  if (tooMuch !== undefined) return `'board ${action}' takes no further argument '${tooMuch}'`;
  if (action === 'abort') return { command: 'boardAbort' };
  if (action !== 'update') return `'board' is followed by 'update IMAGE' or 'abort'`;
  return imageFile === undefined ? 'name the image file' : { command: 'boardUpdate', imageFile };
}

const NOTES_ONLY = `--follow and --last belong to 'notes'`;

function isAboutNotes({ follow, last }: ReturnType<typeof parse>['values']): boolean {
  return follow !== undefined || last !== undefined;
}

function wrong(sentence: string): SagctlRequest {
  return { kind: 'wrong', sentence };
}
