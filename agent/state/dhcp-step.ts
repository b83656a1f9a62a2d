/**
 * The step that has the box give out addresses on its LAN ports, and nothing else than the document asks for.
 */
import type { DhcpServer } from '../model/lan.ts';
import type { StateNote } from '../model/notes/state-note.ts';
import type { EffectiveLanPort } from './effective-lan.ts';
import type { ObservedState } from './observed-state.ts';
import type { Step } from './step.ts';

export const DHCP_KEY = 'dhcp servers';

/** Nothing is given out any more. */
export function dhcpEnded(why: string, observed: ObservedState): StateNote {
  observed.dhcp = [];
  return { code: 'dhcpEnded', level: 'warning', why };
}

/** A port without its device and address serves nobody yet. */
export function dhcpStep(
  ports: readonly EffectiveLanPort[],
  { devices, dhcp }: ObservedState,
): readonly Step[] {
  const servers = ports.flatMap(({ deviceName, address, dhcp: range }): readonly DhcpServer[] => {
    const link = devices.linkByName(deviceName);
    const [own = '', length] = address.split('/');
    const isReady = link !== undefined && devices.hasAddress(link.index, own);
    return range === undefined || !isReady
      ? []
      : [{ deviceName, prefixLength: Number(length), ...range }];
  });
  if (JSON.stringify(servers) === JSON.stringify(dhcp)) return [];
  const on = servers.map(({ deviceName, from, to }) => `${from} to ${to} on ${deviceName}`);
  const sentence =
    servers.length === 0 ? 'Give out no more addresses.' : `Give out ${on.join(', ')}.`;
  return [{ key: DHCP_KEY, sentence, action: { do: 'serveDhcp', servers } }];
}
