/**
 * Completion for bash and zsh and the man page, made from the table of commands.
 *
 * Names of uplinks and tunnels are asked of the agent at the moment of completion; a dead agent completes nothing.
 */
import {
  COMMANDS,
  COMMON_OPTIONS,
  type CommandRow,
  EXIT_LINES,
  type OptionRow,
  usageOf,
} from './command-table.ts';

const ROWS: readonly CommandRow[] = COMMANDS;

export function bashCompletion(): string {
  const cases = ROWS.map(({ name, arguments: own, options }) => {
    const words = own.flatMap(({ words: known }) => known ?? []);
    const flags = [...options, ...COMMON_OPTIONS].map((option) => `--${option.name}`);
    return `    ${name}) words="${[...words, ...flags].join(' ')}" ;;`;
  });
  const valued = new Map(
    ROWS.flatMap(({ options }) => options).flatMap(({ name, words }) =>
      words === undefined ? [] : [[name, words] as const],
    ),
  );
  const values = [...valued].map(([name, words]) => `    --${name}) words="${words.join(' ')}" ;;`);
  return `# bash completion of sagctl, made by: sagctl completion bash
_sagctl() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${ROWS.map(({ name }) => name).join(' ')} --help"
  else
    case \${COMP_WORDS[1]} in
${cases.map((line) => `  ${line}`).join('\n')}
    esac
  fi
  case $before in
${values.join('\n')}
    --via) words=$(sagctl links --json 2>/dev/null | grep -o '"id":"[^"]*"' | cut -d'"' -f4) ;;
    --config|--socket|--write|--output) COMPREPLY=($(compgen -f -- "$word")); return ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _sagctl sagctl
`;
}

export function zshCompletion(): string {
  const commands = ROWS.map(({ name, line }) => `    '${name}:${quoted(line)}'`);
  const cases = ROWS.map(({ name, arguments: own, options }) => {
    const words = own.map(
      ({ name: what, words: known }) =>
        `':${what}:${known === undefined ? '' : `(${known.join(' ')})`}'`,
    );
    const flags = [...options, ...COMMON_OPTIONS].map(zshOption);
    return `    ${name}) _arguments ${[...words, ...flags].join(' ')} ;;`;
  });
  return `#compdef sagctl
# zsh completion of sagctl, made by: sagctl completion zsh
_sagctl() {
  local -a commands
  commands=(
${commands.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  shift words; (( CURRENT-- ))
  case $words[1] in
${cases.join('\n')}
  esac
}
_sagctl "$@"
`;
}

function zshOption({ name, value, words, line }: OptionRow): string {
  const what = `--${name}[${quoted(line).replaceAll(/[[\]]/g, '')}]`;
  if (value === undefined) return `'${what}'`;
  const values = words === undefined ? '' : `(${words.join(' ')})`;
  return `'${what}:${value}:${values}'`;
}

function quoted(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll(':', '\\:');
}

/** sagctl(1), in the man macros every reader of man pages knows. */
export function manPage(): string {
  const commands = ROWS.map((row) => {
    const options = row.options.map(
      ({ name, value, line }) =>
        `.RS\n.TP\n.B \\-\\-${roff(name)}${value === undefined ? '' : ` ${roff(value)}`}\n${roff(line)}\n.RE`,
    );
    const more = row.more === '' ? '' : `\n${roff(row.more)}`;
    return `.TP\n.B ${roff(usageOf(row))}\n${roff(capital(row.line))}.${more}\n${options.join('\n')}`;
  });
  const common = COMMON_OPTIONS.map(
    ({ name, value, line }) =>
      `.TP\n.B \\-\\-${roff(name)}${value === undefined ? '' : ` ${roff(value)}`}\n${roff(line)}`,
  );
  const exits = EXIT_LINES.map(([code, means]) => `.TP\n.B ${roff(code)}\n${roff(means)}`);
  return `.TH SAGCTL 1 "" "sag-agent" "User Commands"
.SH NAME
sagctl \\- ask the agent of this Smart Access Gateway
.SH SYNOPSIS
.B sagctl
.I command
.RI [ options ]
.SH COMMANDS
${commands.join('\n').replaceAll('\n\n', '\n')}
.SH OPTIONS OF ALL COMMANDS
${common.join('\n')}
.SH EXIT STATUS
${exits.join('\n')}
.SH FILES
.TP
.I /etc/sag\\-agent/sag\\-agent.yaml
the configuration
.TP
.I /run/sag\\-agent/control.sock
the control socket, for root and the group sag\\-agent
`;
}

function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^([.'])/gm, '\\&$1');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
