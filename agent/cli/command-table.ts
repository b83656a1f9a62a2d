/**
 * The commands of `sagctl`, once: what is parsed, helped with, completed, written into the man page and into
 * docs/OPERATIONS.md is this table, so that none of them can disagree with another.
 */
export interface ArgumentRow {
  readonly name: string;
  readonly isOptional?: true;
  /** Fixed words, where only those are taken. */
  readonly words?: readonly string[];
  readonly line: string;
}

export interface OptionRow {
  /** Without its dashes. */
  readonly name: string;
  readonly short?: string;
  /** What its value is called; absent for a switch. */
  readonly value?: string;
  readonly words?: readonly string[];
  readonly line: string;
}

export interface CommandRow {
  readonly name: string;
  readonly arguments: readonly ArgumentRow[];
  readonly options: readonly OptionRow[];
  /** One line, without a full stop. */
  readonly line: string;
  /** Full sentences. */
  readonly more: string;
}

export const LEVEL_WORDS = ['debug', 'info', 'notice', 'warning', 'error'] as const;
export const PROTOCOL_WORDS = ['tcp', 'udp', 'icmp', 'arp', 'esp'] as const;
const WAN_WORDS = ['dhcp', 'static', 'pppoe', 'keep', 'undo', 'release'] as const;
const SHELL_WORDS = ['bash', 'zsh', 'man'] as const;
const WATCHED_WORDS = ['status', 'links', 'tunnels', 'routes', 'why', 'board', 'sensors'] as const;

const WATCH: OptionRow = { name: 'watch', line: 'show it anew every second until Ctrl-C' };
const CONFIG: OptionRow = {
  name: 'config',
  value: 'FILE',
  line: 'the configuration to go by without the agent (/etc/sag-agent/sag-agent.yaml)',
};
const VIA: OptionRow = {
  name: 'via',
  value: 'NAME',
  line: 'the uplink or tunnel it must leave through',
};
const TARGET: ArgumentRow = { name: 'TARGET', line: 'an IP address or host name' };

export const COMMANDS = [
  view(
    'status',
    'is this box well: board, control channel, user traffic',
    [
      'Shows three separate truths, and every sentence a person should read. Exits 1 when there is one.',
      'With --offline it is put together from the state directory and the kernel, for a dead agent.',
    ],
    { name: 'offline', line: 'without the agent' },
    CONFIG,
  ),
  {
    name: 'check',
    arguments: [],
    options: [
      CONFIG,
      { name: 'zh', line: 'in Chinese' },
      { name: 'sag', line: "as JSON in the shape of SAG's quick diagnosis report" },
    ],
    line: 'from this box to the cloud, rung by rung: what is broken first, and what to do',
    more: 'Works without the agent too, from its state directory and the kernel, and ends within 5 s. Exits 0 when every rung stands; 10 plus the place of the first failed rung, or 40 plus that of the first degraded one (docs/DIAGNOSTICS.md).',
  },
  view('links', 'the uplinks: cable, device, address, verdict', [
    'Exits 1 when an uplink that should carry user traffic is down.',
  ]),
  view('tunnels', 'the tunnels: which is active, which could take over, their BFD sessions', [
    'Exits 1 when a tunnel is not up or none is active.',
  ]),
  view('routes', 'routes of both directions: from the cloud, and of the branch to the cloud', [
    'Exits 1 when they are not installed, one is refused, or two are in conflict.',
  ]),
  {
    ...view('board', 'the board: model, firmware, ports and lamps; or an update of its firmware', [
      'Exits 1 while it is silent. update takes a firmware image to it and shows how it goes; Ctrl-C stops watching, not the update. abort calls it off.',
    ]),
    arguments: [
      { name: 'ACTION', isOptional: true, words: ['update', 'abort'], line: 'what to do' },
      { name: 'IMAGE', isOptional: true, line: 'the image file to update with' },
    ],
  },
  view('sensors', 'temperatures, fans and voltages, of board and host', []),
  {
    name: 'events',
    arguments: [],
    options: [{ name: 'last', short: 'n', value: 'N', line: 'that many (20)' }],
    line: 'the newest SAG events, and how many still wait for the gateway',
    more: 'Names are those of CloudMonitor, such as DeviceWanLinkDown.',
  },
  {
    name: 'why',
    arguments: [{ name: 'TUNNEL', isOptional: true, line: 'only this one' }],
    options: [WATCH],
    line: 'why this tunnel carries the traffic, and what changed last',
    more: 'Shows the reason of the choice, of each candidate with its inputs, the last changes with silence, decision and installation in milliseconds, and what is left to do for the desired document. Exits 1 when something needs attention.',
  },
  {
    name: 'notes',
    arguments: [],
    options: [
      { name: 'last', short: 'n', value: 'N', line: 'that many (20)' },
      { name: 'follow', short: 'f', line: 'go on until Ctrl-C' },
    ],
    line: 'the newest notes; with --follow each further one as it comes',
    more: 'With --json each note is one line.',
  },
  {
    name: 'watch',
    arguments: [
      { name: 'VIEW', isOptional: true, words: WATCHED_WORDS, line: 'what to watch (status)' },
    ],
    options: [],
    line: 'a view, shown anew every second until Ctrl-C',
    more: 'The same as the view with --watch.',
  },
  {
    name: 'ping',
    arguments: [TARGET],
    options: [
      VIA,
      { name: 'count', short: 'c', value: 'N', line: '1 to 20 packets (4)' },
      { name: 'size', value: 'BYTES', line: 'whole packets of this size, not to be fragmented' },
    ],
    line: 'pings through a named uplink or tunnel',
    more: 'Exits 1 when nothing came back. At most 2 diagnostics run at once, each at most 30 s and 256 kB of output.',
  },
  {
    name: 'trace',
    arguments: [TARGET],
    options: [VIA],
    line: 'the routers on the way, through a named uplink or tunnel',
    more: 'Asks 20 hops at most, once each.',
  },
  {
    name: 'dns',
    arguments: [{ name: 'NAME', line: 'a host name' }],
    options: [
      VIA,
      { name: 'server', value: 'ADDRESS', line: 'ask this one instead of those of the system' },
      { name: 'type', value: 'TYPE', words: ['A', 'AAAA'], line: 'what to ask for (A)' },
    ],
    line: 'resolves a name over a named uplink',
    more: 'Starts no program. Exits 1 when there was no answer.',
  },
  {
    name: 'probe',
    arguments: [TARGET],
    options: [VIA, { name: 'port', value: 'PORT', line: 'try a TCP connection there' }],
    line: 'the largest packet that passes, or whether a TCP port opens',
    more: 'Without --port it searches the path MTU with pings that must not be fragmented. Through a tunnel a port is tried with one SYN from its inner address.',
  },
  {
    name: 'capture',
    arguments: [],
    options: [
      VIA,
      { name: 'write', short: 'w', value: 'FILE', line: 'where the pcap goes (standard output)' },
      { name: 'seconds', value: 'S', line: '1 to 30 (10)' },
      { name: 'packets', value: 'N', line: '1 to 1000 (200)' },
      { name: 'host', value: 'ADDRESS', line: 'only to or from this address' },
      { name: 'port', value: 'PORT', line: 'only to or from this port' },
      { name: 'protocol', value: 'WORD', words: PROTOCOL_WORDS, line: 'only this protocol' },
    ],
    line: 'headers of packets on a named uplink or tunnel, as pcap',
    more: 'The first 96 bytes of each packet. Ends at its time, its packets or 256 kB, whichever is first. The log keeps who captured.',
  },
  {
    name: 'blink',
    arguments: [],
    options: [{ name: 'seconds', value: 'S', line: '1 to 600, 0 ends it (30)' }],
    line: 'lets every lamp of the box blink, to find it in the rack',
    more: 'Exits 1 when the board cannot.',
  },
  {
    name: 'switch',
    arguments: [{ name: 'TUNNEL', line: 'a tunnel that is up' }],
    options: [],
    line: 'moves user traffic to another tunnel that is up',
    more: 'Exits 1 when the agent refuses, and says why.',
  },
  {
    name: 'rekey',
    arguments: [{ name: 'TUNNEL', line: 'a tunnel that is up' }],
    options: [],
    line: 'other session keys for a tunnel, now',
    more: 'IPsec loses nothing by it, WireGuard about one round trip. Exits 1 when the tunnel is not up or its far end does not agree.',
  },
  {
    name: 'log-level',
    arguments: [{ name: 'LEVEL', words: LEVEL_WORDS, line: 'the level for now' }],
    options: [{ name: 'for', value: 'TIME', line: 'such as 90s, 15m or 2h; at most 12h (15m)' }],
    line: 'raises the log level for a while; it returns by itself',
    more: 'A restart of the agent returns it too.',
  },
  {
    name: 'wan',
    arguments: [
      { name: 'UPLINK', isOptional: true, line: 'a wired uplink' },
      { name: 'ACTION', isOptional: true, words: WAN_WORDS, line: 'what to do with it' },
    ],
    options: [
      { name: 'address', value: 'ADDRESS/LENGTH', line: 'of static, such as 203.0.113.2/24' },
      { name: 'gateway', value: 'ADDRESS', line: 'of static: the next hop' },
      { name: 'dns', value: 'ADDRESSES', line: 'of static: up to 3 name servers, between commas' },
      { name: 'user', value: 'NAME', line: 'of pppoe; the password comes from standard input' },
    ],
    line: 'how the uplinks get their addresses; or another way, on trial for 90 s',
    more: 'What is set is kept when the gateway is reached over it, or by keep; otherwise, and by undo, what was before returns. release gives the uplink back to the system. The password of pppoe is read from standard input, one line, and is in no argument.',
  },
  {
    name: 'bundle',
    arguments: [],
    options: [
      { name: 'output', short: 'o', value: 'FILE', line: 'where it goes (sag-bundle-TIME.tar.gz)' },
      {
        name: 'anonymise',
        value: 'LEVEL',
        words: ['none', 'public', 'all'],
        line: 'public addresses and identities (public), or private addresses and names too (all), or none',
      },
      CONFIG,
    ],
    line: 'everything support needs, in one file without secrets',
    more: 'Works without the agent too. What is replaced is replaced by the same word everywhere.',
  },
  {
    name: 'metrics',
    arguments: [],
    options: [],
    line: 'the metrics in the text format of Prometheus',
    more: 'The control socket also answers GET /metrics: curl --unix-socket /run/sag-agent/control.sock http://localhost/metrics.',
  },
  {
    name: 'completion',
    arguments: [{ name: 'FOR', words: SHELL_WORDS, line: 'a shell, or the man page' }],
    options: [],
    line: 'prints the completion of a shell, or the man page',
    more: 'For bash: sagctl completion bash > /etc/bash_completion.d/sagctl.',
  },
] as const satisfies readonly CommandRow[];

export type CommandName = (typeof COMMANDS)[number]['name'];

export const COMMON_OPTIONS: readonly OptionRow[] = [
  { name: 'json', line: 'for scripts: one JSON document, stable keys, times in milliseconds' },
  {
    name: 'socket',
    value: 'PATH',
    line: "the agent's control socket (/run/sag-agent/control.sock)",
  },
  { name: 'help', short: 'h', line: 'this text, or that of a command' },
];

export const EXIT_LINES: readonly (readonly [code: string, means: string])[] = [
  ['0', 'all is well, or done'],
  ['1', 'something needs attention, or the agent refused and said why'],
  ['2', 'wrong usage'],
  ['3', 'the agent cannot be reached'],
  ['10 to 26, 40 to 56', 'check only: the rung to mend first, failed or degraded'],
];

export function commandRow(name: string | undefined): CommandRow | undefined {
  return COMMANDS.find((row) => row.name === name);
}

function view<const Name extends string>(
  name: Name,
  line: string,
  more: readonly string[],
  ...options: readonly OptionRow[]
) {
  return { name, arguments: [], options: [...options, WATCH], line, more: more.join(' ') } as const;
}

/** `switch TUNNEL`, `why [TUNNEL] [--watch]`. */
export function usageOf({ name, arguments: own, options }: CommandRow): string {
  const words = own.map((each) => (each.isOptional ? `[${each.name}]` : each.name));
  const flags = options.map((option) => {
    const value = option.value === undefined ? '' : ` ${option.value}`;
    return `[--${option.name}${value}]`;
  });
  return [name, ...words, ...flags].join(' ');
}
