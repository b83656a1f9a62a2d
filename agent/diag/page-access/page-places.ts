/**
 * Where the page listens: where the configuration says, and otherwise at the addresses of a SAG's local console, where
 * this box has them.
 *
 * 192.168.0.1 is that of the SAG-1000 (port 2, the management port) and of the SAG-100WM 1.0, 192.168.88.1 that of the
 * SAG-100WM 2.0 (SAG documentation, "Configure … in the web console"). Never at an uplink, whatever its address. Where
 * such an address is that of a LAN port, the page goes along when a document gives the port another.
 */
import type { AgentConfig, PageConfig } from '../../model/config.ts';

const CONSOLE_ADDRESSES: readonly string[] = ['192.168.0.1', '192.168.88.1'];
/** Technicians type the address and nothing else. */
const CONSOLE_PORT = 80;

export interface OwnAddress {
  readonly deviceName: string;
  readonly address: string;
}

export interface PagePlace {
  readonly address: string;
  readonly port: number;
  /** Whose address it is, of a place that goes along with it. */
  readonly lanPort?: string;
}

export type PageBox = Pick<AgentConfig, 'uplinks' | 'lanPorts'>;

/** One place that has nothing to do with the LAN ports of this box, or undefined. */
export function fixedPlace(page: PageConfig, { lanPorts = [] }: PageBox): PagePlace | undefined {
  const { address, port } = page;
  if (address === undefined || port === undefined) return undefined;
  return lanPorts.some((each) => hostOf(each.address) === address) ? undefined : { address, port };
}

/** Those that come and go with the addresses of the box, as they are now. */
export function movingPlaces(
  page: PageConfig,
  box: PageBox,
  own: readonly OwnAddress[],
): readonly PagePlace[] {
  const { address, port = CONSOLE_PORT, unixSocket } = page;
  if (fixedPlace(page, box) !== undefined) return [];
  if (address !== undefined) return ofLanPort(address, port, box, own) ?? [];
  if (unixSocket !== undefined) return [];
  return CONSOLE_ADDRESSES.flatMap(
    (each) => ofLanPort(each, port, box, own) ?? ofConsole(each, port, box, own),
  );
}

/** Undefined for what is no address of a LAN port. */
function ofLanPort(
  configured: string,
  port: number,
  { lanPorts = [] }: PageBox,
  own: readonly OwnAddress[],
): readonly PagePlace[] | undefined {
  const lan = lanPorts.find(({ address }) => hostOf(address) === configured);
  if (lan === undefined) return undefined;
  const present = own.filter(
    ({ deviceName, address }) => deviceName === lan.deviceName && !address.includes(':'),
  );
  // A port without a cable is not seen, and has its addresses all the same.
  const addresses = present.length === 0 ? [configured] : present.map(({ address }) => address);
  return addresses.map((address) => ({ address, port, lanPort: lan.id }));
}

function ofConsole(
  console: string,
  port: number,
  { uplinks }: PageBox,
  own: readonly OwnAddress[],
): readonly PagePlace[] {
  const isHere = own.some(
    ({ deviceName, address }) =>
      address === console && !uplinks.some((uplink) => uplink.deviceName === deviceName),
  );
  return isHere ? [{ address: console, port }] : [];
}

function hostOf(address: string): string {
  return address.split('/')[0] ?? '';
}
