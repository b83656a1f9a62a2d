/** Our nftables table as text: whole, ours alone, and never a larger segment than before. */
import { describe, expect, it } from 'vitest';
import { type PathMtus, packetRules, textOf } from '../../../../agent/state/packet-rules.ts';
import { config } from '../../../kit/branch.ts';

const tunnels = [
  { id: 't1', deviceName: 'sag-wan1-gwa', mtu: 1_420 },
  { id: 't2', deviceName: 'sag-wan2-gwa', mtu: 1_400 },
];

/** Without ACL, SNAT and QoS. */
function segments(of: typeof tunnels, pathMtus: PathMtus = new Map()): string {
  return textOf(
    packetRules({ tunnels: of, pathMtus, uplinks: config.uplinks, traffic: undefined }),
  );
}

describe('the rules', () => {
  it('replace our own table as a whole and name no other', () => {
    const all = segments(tunnels).trimEnd().split('\n');
    expect(all.slice(0, 3)).toEqual([
      'add table inet sag_agent',
      'delete table inet sag_agent',
      'add table inet sag_agent',
    ]);
    for (const line of all) expect(line).toContain(' inet sag_agent');
  });

  it('lower what enters and what leaves each tunnel, in both families, and raise nothing', () => {
    const all = segments(tunnels, new Map([['t1', 1_340]])).split('\n');
    const first = all.filter((line) => line.includes('"sag-wan1-gwa"'));
    expect(first.map((line) => line.slice(line.indexOf('segments')))).toEqual(
      [1_300, 1_280].flatMap((size) =>
        ['iifname', 'oifname'].map(
          (way) =>
            `segments ${way} "sag-wan1-gwa" meta nfproto ${size === 1_300 ? 'ipv4' : 'ipv6'} tcp flags syn ` +
            `tcp option maxseg size > ${size} tcp option maxseg size set ${size}`,
        ),
      ),
    );
    const second = all.filter((line) => line.includes('"sag-wan2-gwa"'));
    expect(second[0]).toContain('size set 1360');
  });

  it('leave no table where there is no tunnel', () => {
    expect(segments([])).toBe('add table inet sag_agent\ndelete table inet sag_agent\n');
  });
});
