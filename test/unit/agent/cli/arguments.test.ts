import { describe, expect, it } from 'vitest';
import { DEFAULT_SOCKET, readArguments } from '../../../../agent/cli/arguments.ts';
import { helpText } from '../../../../agent/cli/help.ts';
import { runSagctl } from '../../../../agent/cli/run-sagctl.ts';
import { EXIT } from '../../../../agent/cli/terminal.ts';

describe('the arguments of sagctl', () => {
  it.each(['status', 'links', 'tunnels', 'why'] as const)('name the view %s', (view) => {
    expect(readArguments([view, '--json'])).toEqual({
      kind: 'run',
      run: { command: 'view', view },
      json: true,
      socket: DEFAULT_SOCKET,
    });
  });

  it('name a tunnel and a socket', () => {
    expect(readArguments(['--socket', '/tmp/x.sock', 'switch', 'wan2-agw1'])).toEqual({
      kind: 'run',
      run: { command: 'switch', tunnel: 'wan2-agw1' },
      json: false,
      socket: '/tmp/x.sock',
    });
  });

  it('say how many notes, and whether to follow', () => {
    expect(readArguments(['notes', '-f', '-n', '5'])).toMatchObject({
      run: { command: 'notes', last: 5, follow: true },
    });
    expect(readArguments(['notes'])).toMatchObject({ run: { last: 20, follow: false } });
  });

  it("name an image for the board's firmware, or call its update off", () => {
    expect(readArguments(['board', 'update', 'new.sagf'])).toMatchObject({
      run: { command: 'boardUpdate', imageFile: 'new.sagf' },
    });
    expect(readArguments(['board', 'abort'])).toMatchObject({ run: { command: 'boardAbort' } });
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
    ['a count that is none', ['notes', '--last', 'many']],
    ['a count too large', ['notes', '--last', '100000']],
    ['a board without a word', ['board']],
    ['an unknown word for the board', ['board', 'erase']],
    ['an update without an image', ['board', 'update']],
    ['two images', ['board', 'update', 'a', 'b']],
    ['an image to call off', ['board', 'abort', 'a']],
    ['an update that follows', ['board', 'update', 'a', '--follow']],
    ['an option without its value', ['status', '--socket']],
  ])('are refused for %s', (_what, argv) => {
    expect(readArguments(argv).kind).toBe('wrong');
  });
});

describe('sagctl', () => {
  async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
    let out = '';
    let err = '';
    const code = await runSagctl(argv, {
      out: (text) => (out += text),
      err: (text) => (err += text),
      colour: false,
      stop: new AbortController().signal,
    });
    return { code, out, err };
  }

  it('has help for itself and for each command', async () => {
    expect(await run('--help')).toEqual({ code: EXIT.well, out: helpText(undefined), err: '' });
    for (const command of [
      'status',
      'links',
      'tunnels',
      'why',
      'notes',
      'switch',
      'board',
    ] as const) {
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

  it('exits 3 with a reason when there is no agent', async () => {
    const { code, err } = await run('status', '--socket', '/nonexistent/control.sock');
    expect(code).toBe(EXIT.unreachable);
    expect(err).toContain('does the agent run?');
  });
});
