/** Echo requests of the real kernel: by the address and device they are told, and with a word for each way to fail. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { IcmpProber } from '../../../agent/adapters/access/icmp-prober.ts';
import type { EchoAnswer, EchoTarget } from '../../../agent/model/health-check.ts';
import { netnsMissing, type ScratchNetns, scratchNetns } from '../../kit/scratch-netns.ts';

const missing = netnsMissing();
const TIMEOUT_MS = 5_000;

function inNetns(netns: ScratchNetns, ...argv: readonly string[]): void {
  execFileSync('ip', ['netns', 'exec', netns.name, ...argv], { stdio: 'pipe' });
}

describe('an echo request', () => {
  let near: ScratchNetns;
  let far: ScratchNetns;
  let prober: IcmpProber;

  beforeAll(() => {
    if (missing !== undefined) return;
    [near, far] = [scratchNetns(), scratchNetns()];
    prober = new IcmpProber(near.path);
    for (const [device, network] of [
      ['wan1', '10.8.1'],
      ['wan2', '10.8.2'],
    ] as const) {
      near.ip('link', 'add', device, 'type', 'veth', 'peer', 'name', device, 'netns', far.name);
      for (const [netns, host] of [
        [near, 1],
        [far, 2],
      ] as const) {
        netns.ip('address', 'add', `${network}.${host}/24`, 'dev', device);
        netns.ip('link', 'set', device, 'up');
      }
    }
    near.ip('address', 'add', '2001:db8::1/64', 'dev', 'wan1', 'nodad');
    far.ip('address', 'add', '2001:db8::2/64', 'dev', 'wan1', 'nodad');
    // Reached over either, by the first unless somebody says otherwise.
    far.ip('link', 'set', 'lo', 'up');
    far.ip('address', 'add', '10.9.0.1/32', 'dev', 'lo');
    near.ip('route', 'add', '10.9.0.0/24', 'via', '10.8.1.2', 'metric', '1');
    near.ip('route', 'add', '10.9.0.0/24', 'via', '10.8.2.2', 'metric', '2');
    near.ip('route', 'add', 'unreachable', '10.10.0.0/16');
    inNetns(near, 'sysctl', '-qw', 'net.ipv4.ping_group_range=0 2147483647');
  });

  beforeEach((ctx) => {
    if (missing !== undefined && process.env['CI'] === undefined) ctx.skip(missing);
  });
  afterAll(() => {
    near?.remove();
    far?.remove();
  });

  const echo = async (target: Omit<EchoTarget, 'timeoutMs'>, timeoutMs = TIMEOUT_MS) =>
    new Promise<EchoAnswer>((resolve) => prober.echo({ timeoutMs, ...target }, resolve));
  /** How many echo requests have left by a device; counted by the far end's firewall. */
  const arrivals = (device: string): number => {
    const argv = ['ip', 'netns', 'exec', far.name, 'nft', '-j', 'list', 'counters'];
    const text = execFileSync(argv[0] ?? '', argv.slice(1), { encoding: 'utf8' });
    const { nftables } = JSON.parse(text) as {
      readonly nftables: readonly {
        readonly counter?: { readonly name: string; readonly packets: number };
      }[];
    };
    return nftables.find(({ counter }) => counter?.name === device)?.counter?.packets ?? 0;
  };

  it('is answered over IPv4 and IPv6, as often as it is sent', async () => {
    const answers = await Promise.all(
      ['10.8.1.2', '2001:db8::2', ...Array.from({ length: 18 }, () => '10.9.0.1')].map(
        async (address) => echo({ address }),
      ),
    );
    expect(answers.filter(({ ok }) => !ok)).toEqual([]);
  });

  it('leaves by the device and the address it is told', async () => {
    const rules = ['wan1', 'wan2'].flatMap((device) => [
      `add counter inet seen ${device}`,
      `add rule inet seen input iifname ${device} meta l4proto icmp counter name ${device}`,
    ]);
    const table = [
      'add table inet seen',
      'add chain inet seen input { type filter hook input priority 0; }',
    ];
    execFileSync('ip', ['netns', 'exec', far.name, 'nft', '-f', '-'], {
      input: `${[...table, ...rules].join('\n')}\n`,
    });
    expect(await echo({ address: '10.9.0.1' })).toMatchObject({ ok: true });
    expect([arrivals('wan1'), arrivals('wan2')]).toEqual([1, 0]);
    expect(await echo({ address: '10.9.0.1', deviceName: 'wan2' })).toMatchObject({ ok: true });
    expect([arrivals('wan1'), arrivals('wan2')]).toEqual([1, 1]);
    expect(await echo({ address: '10.8.1.2', sourceAddress: '10.8.2.1' })).toMatchObject({
      ok: true,
    });
  });

  it('says why it fails, and whether that says anything of the far end', async () => {
    expect(await echo({ address: '10.8.1.99' }, 50)).toEqual({
      ok: false,
      because: 'no answer in time',
    });
    expect(await echo({ address: '10.11.0.1' })).toEqual({
      ok: false,
      because: 'no route leads there',
    });
    expect(await echo({ address: '10.10.0.1' })).toMatchObject({ ok: false });
    expect(await echo({ address: '10.9.0.1', deviceName: 'gone' })).toMatchObject({
      ok: false,
      because: 'the device it should leave by is not there',
    });
    expect(await echo({ address: '10.9.0.1', sourceAddress: '10.8.1.77' })).toMatchObject({
      ok: false,
      mute: true,
    });
    inNetns(near, 'sysctl', '-qw', 'net.ipv4.ping_group_range=2147483646 2147483647');
    expect(await echo({ address: '10.9.0.1' })).toEqual({
      ok: false,
      because: 'net.ipv4.ping_group_range keeps this agent from sending echo requests',
      mute: true,
    });
  });
});
