/**
 * The help of `sagctl` and of each of its commands.
 */
import { RUNG_IDS } from '../diag/check/ladder.ts';

const CHECK_EXITS = `10 and more when one is broken, 40 and more when one is only degraded, counted in the order ${RUNG_IDS.join(', ')}`;

const COMMANDS = {
  status: {
    usage: 'status [--json]',
    line: 'is this box well: board, control channel, user traffic',
    more: 'Shows three separate truths, and every sentence a person should read. Exits 1 when there is one.',
  },
  check: {
    usage: 'check [--json] [--zh] [--config FILE]',
    line: 'from this box to the cloud, rung by rung: what is broken first, and what to do',
    more: `Works without the agent too, from its state directory and the kernel. Exits 0 when every rung stands; ${CHECK_EXITS}.`,
  },
  links: {
    usage: 'links [--json]',
    line: 'the uplinks: cable, device, address, verdict',
    more: 'Exits 1 when an uplink that should carry user traffic is down.',
  },
  tunnels: {
    usage: 'tunnels [--json]',
    line: 'the tunnels: which is active, which could take over, their BFD sessions',
    more: 'Exits 1 when a tunnel is not up or none is active.',
  },
  why: {
    usage: 'why [--json]',
    line: 'why this tunnel carries the traffic, and what changed last',
    more: 'Shows the reason of the choice, of each candidate, the last changes with their figures, and what is left to do for the desired document. Exits 1 when something needs attention.',
  },
  notes: {
    usage: 'notes [--last N] [--follow] [--json]',
    line: 'the newest notes; with --follow each further one as it comes',
    more: '--last N (-n) shows that many, 20 by default. --follow (-f) goes on until Ctrl-C. With --json each note is one line.',
  },
  switch: {
    usage: 'switch TUNNEL [--json]',
    line: 'moves user traffic to another tunnel that is up',
    more: 'Exits 1 when the agent refuses, and says why.',
  },
  board: {
    usage: 'board update IMAGE | abort [--json]',
    line: "updates the firmware of the board's MCU over its line, or calls that off",
    more: "update shows each step and ends when the board has kept the new image, or runs the former one as before; an image for another model is refused. Ctrl-C stops watching, the update goes on. The image's signature is yours to check: the board finds damage, not malice. Exits 1 when the update failed.",
  },
} as const;

export type CommandName = keyof typeof COMMANDS;

export function isCommandName(word: string | undefined): word is CommandName {
  return word !== undefined && Object.hasOwn(COMMANDS, word);
}

const FOOT = `
Options of all commands:
  --json         for scripts: one JSON document, stable keys, times in milliseconds
  --socket PATH  the agent's control socket (/run/sag-agent/control.sock)
  --help, -h     this text, or that of a command

Exit codes: 0 all is well, 1 something needs attention, 2 wrong usage, 3 the agent cannot be reached.
`;

export function helpText(of: CommandName | undefined): string {
  if (of !== undefined) {
    const { usage, line, more } = COMMANDS[of];
    return `sagctl ${usage}\n\n${line}.\n${more}\n${FOOT}`;
  }
  const rows = Object.values(COMMANDS).map(({ usage, line }) => `  ${usage.padEnd(38)}${line}\n`);
  return `sagctl asks the agent of this machine.\n\nCommands:\n${rows.join('')}${FOOT}`;
}
