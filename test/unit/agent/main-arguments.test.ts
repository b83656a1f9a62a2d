/** What sag-agent accepts on its command line, and which environments it refuses. */
import { describe, expect, it } from 'vitest';
import { readArguments, weakness } from '../../../agent/main-arguments.ts';

describe('the command line', () => {
  it('names the configuration; tunnels stay at the end unless asked otherwise', () => {
    expect(readArguments(['--config', 'a.yaml'])).toEqual({
      configFile: 'a.yaml',
      checkOnly: false,
      tunnelsOnExit: 'keep',
    });
    expect(readArguments(['--config', 'a.yaml', '--check', '--remove-tunnels-on-exit'])).toEqual({
      configFile: 'a.yaml',
      checkOnly: true,
      tunnelsOnExit: 'remove',
    });
  });

  it('is refused with a sentence when it is not understood', () => {
    expect(readArguments([])).toBe('--config is missing');
    expect(readArguments(['--confg', 'x'])).toContain('--confg');
    expect(readArguments(['--config', 'x', 'y'])).toContain('y');
    expect(readArguments(['--help'])).toBe('help');
  });
});

describe('an environment', () => {
  it('is sound when it weakens nothing', () => {
    expect(weakness({ PATH: '/bin', NODE_OPTIONS: '--max-old-space-size=64' })).toBeUndefined();
    expect(weakness({ NODE_TLS_REJECT_UNAUTHORIZED: '1' })).toBeUndefined();
    expect(weakness({ LD_PRELOAD: '' }, ['--disable-sigusr1'])).toBeUndefined();
  });

  it.each([
    { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
    { SSLKEYLOGFILE: '/tmp/keys' },
    { NODE_OPTIONS: '--inspect=0.0.0.0:9229' },
    { NODE_OPTIONS: '--tls-keylog=/tmp/keys' },
    { NODE_OPTIONS: '--require /tmp/evil.js' },
    { NODE_OPTIONS: '-r /tmp/evil.js' },
    { NODE_OPTIONS: '--heapsnapshot-signal=SIGUSR2' },
    { LD_PRELOAD: '/tmp/evil.so' },
    { OPENSSL_CONF: '/tmp/evil.cnf' },
  ])('is refused with %o', (environment) => {
    expect(weakness(environment)).toMatch(/^EENVIRONMENT: /);
  });

  it.each(['--inspect', '--inspect-brk=0.0.0.0:9229', '--tls-keylog=/tmp/keys', '--heap-prof'])(
    'is refused when the process itself was started with %s',
    (argument) => {
      expect(weakness({}, [argument])).toMatch(/^EENVIRONMENT: /);
    },
  );
});
