/**
 * Where the page listens when nobody says otherwise: at the addresses of a SAG's local console, where this box has them.
 *
 * 192.168.0.1 is that of the SAG-1000 (port 2, the management port) and of the SAG-100WM 1.0, 192.168.88.1 that of the
 * SAG-100WM 2.0 (SAG documentation, "Configure … in the web console"). Never at an uplink, whatever its address.
 */
const CONSOLE_ADDRESSES: readonly string[] = ['192.168.0.1', '192.168.88.1'];
/** Technicians type the address and nothing else. */
export const CONSOLE_PORT = 80;

export interface OwnAddress {
  readonly deviceName: string;
  readonly address: string;
}

export function consolePlaces(
  own: readonly OwnAddress[],
  uplinks: readonly { readonly deviceName: string }[],
): readonly string[] {
  return CONSOLE_ADDRESSES.filter((console) =>
    own.some(
      ({ deviceName, address }) =>
        address === console && !uplinks.some((uplink) => uplink.deviceName === deviceName),
    ),
  );
}
