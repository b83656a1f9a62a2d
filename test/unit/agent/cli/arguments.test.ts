import { describe, expect, it } from 'vitest';
import {
  DEFAULT_SOCKET,
  readArguments,
  WrongUsage,
  wholeOption,
} from '../../../../agent/cli/arguments.ts';
import { COMMANDS } from '../../../../agent/cli/command-table.ts';
import { helpText } from '../../../../agent/cli/help.ts';
import { runSagctl } from '../../../../agent/cli/run-sagctl.ts';
import { EXIT } from '../../../../agent/cli/terminal.ts';

function invocation(...argv: readonly string[]) {
  const request = readArguments(argv);
  if (request.kind !== 'run') throw new Error(JSON.stringify(request));
  return request.invocation;
}

describe('the arguments of sagctl', () => {
  it('name a view, a socket, and whether scripts read it', () => {
    expect(invocation('--socket', '/tmp/x.sock', 'links', '--json')).toEqual({
      command: 'links',
      words: [],
      options: new Map([
        ['socket', '/tmp/x.sock'],
        ['json', ''],
      ]),
      json: true,
      socket: '/tmp/x.sock',
    });
    expect(invocation('status')).toMatchObject({ json: false, socket: DEFAULT_SOCKET });
  });

  it('name a tunnel, an image, a way', () => {
    expect(invocation('switch', 'wan2-agw1').words).toEqual(['wan2-agw1']);
    expect(invocation('board', 'update', 'new.sagf').words).toEqual(['update', 'new.sagf']);
    expect(invocation('ping', '192.0.2.1', '--via', 'wan2').options.get('via')).toBe('wan2');
    expect(invocation('notes', '-f', '-n', '5').options.get('last')).toBe('5');
  });

  it('take whole numbers within bounds only', () => {
    const options = (text: string) => ({ options: new Map([['count', text]]) });
    expect(wholeOption(options('7'), 'count', [1, 20, 4])).toBe(7);
    expect(wholeOption({ options: new Map() }, 'count', [1, 20, 4])).toBe(4);
    for (const bad of ['0', '21', '', '-1', '1e1', '0x10', '1.5', '1000000000', 'many'])
      expect(() => wholeOption(options(bad), 'count', [1, 20, 4])).toThrow(WrongUsage);
  });

  it.each([
    ['nothing', []],
    ['an unknown command', ['stauts']],
    ['a word every object knows', ['constructor']],
    ['an unknown option', ['status', '--verbose']],
    ['an argument too many', ['status', 'now']],
    ['a switch to nowhere', ['switch']],
    ['two tunnels', ['switch', 'a', 'b']],
    ['--follow where nothing follows', ['status', '--follow']],
    ['an option of another command', ['ping', '192.0.2.1', '--last', '3']],
    ['an unknown word for the board', ['board', 'erase']],
    ['two images', ['board', 'update', 'a', 'b']],
    ['an option without its value', ['status', '--socket']],
    ['a level that is none', ['log-level', 'loud']],
    ['a protocol that is none', ['capture', '--via', 'wan1', '--protocol', 'tcp or udp']],
    ['a word of a megabyte', ['switch', 'x'.repeat(1_000_000)]],
  ])('are refused for %s', (_what, argv) => {
    expect(readArguments(argv).kind).toBe('wrong');
  });
});

describe('sagctl', () => {
  async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
    let out = '';
    let err = '';
    const code = await runSagctl(argv, {
      out: (text) => (out += String(text)),
      err: (text) => (err += text),
      colour: false,
      stop: new AbortController().signal,
    });
    return { code, out, err };
  }

  it('has help for itself and for each command', async () => {
    expect(await run('--help')).toEqual({ code: EXIT.well, out: helpText(undefined), err: '' });
    for (const { name: command } of COMMANDS) {
      const { code, out } = await run(command, '--help');
      expect(code).toBe(EXIT.well);
      expect(out).toMatch(new RegExp(`^sagctl ${command}`));
    }
  });

  it('exits 2 for wrong usage and never prints raw controls', async () => {
    const { code, out, err } = await run('\u001b[2Jstatus');
    expect([code, out]).toEqual([EXIT.usage, '']);
    expect(err).toContain('\\x1b[2Jstatus');
    expect(err.trimEnd()).not.toMatch(/\p{Cc}/u);
  });

  it('sends no file that is not a firmware image', async () => {
    for (const path of ['package.json', '/dev/zero', '/nonexistent/image']) {
      const { code, out, err } = await run(
        'board',
        'update',
        path,
        '--socket',
        '/nonexistent.sock',
      );
      expect([code, out]).toEqual([EXIT.usage, '']);
      expect(err).toMatch(/no firmware image|cannot be read/);
    }
  });

  it.each([
    ['notes', '--last', '100000'],
    ['notes', '--last', 'many'],
    ['board', 'update'],
    ['board', 'abort', 'a'],
    ['log-level', 'debug', '--for', '13h'],
    ['blink', '--seconds', '601'],
    ['ping', '192.0.2.1', '--count', '21'],
    ['capture', '--via', 'wan1', '--write', '/nonexistent/x.pcap'],
    ['bundle', '--output', '/nonexistent/x.tar.gz'],
  ])('exits 2 before it asks anybody: %s %s %s', async (...argv) => {
    const { code, err } = await run(...argv, '--socket', '/nonexistent/control.sock');
    expect(err).toContain('sagctl --help');
    expect(code).toBe(EXIT.usage);
  });

  it('exits 3 with a reason when there is no agent', async () => {
    const { code, err } = await run('status', '--socket', '/nonexistent/control.sock');
    expect(code).toBe(EXIT.unreachable);
    expect(err).toContain('does the agent run?');
  });
});
