import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WanClient } from '../../../../../agent/model/wan.ts';
import { readLeaseWords } from '../../../../../agent/state/wan/lease-words.ts';
import { PppWords, pppOptions } from '../../../../../agent/state/wan/ppp-words.ts';
import { CANARY } from '../../../../kit/wan-scene.ts';

const LAN = ['192.168.10.0/24'];
const lease = (...words: readonly string[]) => readLeaseWords(['lease', ...words].join('\t'), LAN);

describe('what a DHCP client prints', () => {
  it('is a lease when address, next hop and network fit together', () => {
    expect(lease('bound', '203.0.113.50', '24', '203.0.113.1', '9.9.9.9 203.0.113.53')).toEqual({
      is: 'leased',
      lease: {
        address: '203.0.113.50',
        prefixLength: 24,
        gateway: '203.0.113.1',
        nameServers: ['9.9.9.9', '203.0.113.53'],
      },
    });
  });

  it.each([
    ['a server without a router', ['bound', '203.0.113.50', '24', '', ''], 'no next hop'],
    ['a router elsewhere', ['bound', '203.0.113.50', '24', '8.8.8.8', ''], 'no next hop'],
    ['the LAN', ['renew', '192.168.10.9', '24', '192.168.10.1', ''], 'overlaps the LAN'],
    ['no address', ['bound', 'evil; reboot', '24', '203.0.113.1', ''], 'no address'],
    ['the whole Internet', ['bound', '203.0.113.50', '0', '203.0.113.1', ''], 'no address'],
    ['nobody', ['leasefail', '', '', '', ''], 'no DHCP server'],
  ])('%s is a reason, not a lease', (_what, words, because) => {
    expect(lease(...words)).toMatchObject({
      is: 'trouble',
      because: expect.stringMatching(because),
    });
  });

  it('never throws and never takes talk for a lease', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (line) => {
        const told = readLeaseWords(line, LAN);
        return told === undefined || line.startsWith('lease\t');
      }),
    );
  });
});

const client: Extract<WanClient, { ipType: 'PPPOE' }> = {
  uplink: 'wan1',
  deviceName: 'wan1',
  ipType: 'PPPOE',
  pppName: 'sagppp0',
  user: 'branch@isp',
  password: CANARY,
};

describe('what a PPPoE daemon is told', () => {
  it('holds user and password as pppd quotes them', () => {
    const options = pppOptions(client).split('\n');
    expect(options).toContain('password "canary-9f3c-\\"\\\\quoted"');
    expect(options).toContain('hide-password');
    expect(options).toContain('nic-wan1');
  });

  it('is one option a line, whatever user and password are made of', () => {
    const printable = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCodePoint(code)),
      minLength: 1,
    });
    const lines = pppOptions(client).split('\n').length;
    fc.assert(
      fc.property(printable, printable, (user, password) => {
        const options = pppOptions({ ...client, user, password }).split('\n');
        const quoted = options.filter((each) => /^(user|password) "(?:[^"\\]|\\.)*"$/.test(each));
        return options.length === lines && quoted.length === 2;
      }),
    );
  });
});

describe('what a PPPoE daemon prints', () => {
  it('is a lease when both ends have their addresses', () => {
    const words = new PppWords();
    expect(words.read('Using interface ppp0')).toBeUndefined();
    expect(words.read('local  IP address 100.64.3.9')).toBeUndefined();
    expect(words.read('remote IP address 100.64.0.1')).toMatchObject({ is: 'leased' });
    expect(words.read('primary   DNS address 9.9.9.9')).toEqual({
      is: 'leased',
      lease: {
        address: '100.64.3.9',
        prefixLength: 32,
        gateway: '100.64.0.1',
        nameServers: ['9.9.9.9'],
      },
    });
    expect(words.read('Connection terminated.')).toEqual({ is: 'lost' });
  });

  it.each([
    ['PAP authentication failed', 'refuses user or password'],
    ['CHAP authentication failed: bad luck', 'refuses user or password'],
    ['Timeout waiting for PADO packets', 'no PPPoE server answers'],
    ['Sorry - this system lacks PPP kernel support: /dev/ppp', 'has no PPP'],
  ])('%s is a reason for people', (line, because) => {
    const told = new PppWords().read(line);
    expect(told).toMatchObject({ is: 'trouble', because: expect.stringMatching(because) });
  });
});
