/** What the settings in force mean for the uplinks, their clients and the names they can ask for. */
import type { Uplink, UplinkId } from '../../model/uplink.ts';
import type {
  WanClient,
  WanFound,
  WanLease,
  WanLine,
  WanSetting,
  WanUplinkSnapshot,
} from '../../model/wan.ts';

/** Of the device a PPP daemon makes; the number is the uplink's place in the configuration. */
const PPP_NAME = 'sagppp';

/** What is in force of one uplink. */
export interface WanState {
  readonly setting: WanSetting | undefined;
  readonly found: WanFound | undefined;
  /** `lost` once there was one: then the former address is nobody's any more. */
  readonly lease: WanLease | 'lost' | undefined;
  readonly trouble: string | undefined;
}

export type WanStates = (uplink: UplinkId) => WanState;

export function wanLines(uplinks: readonly Uplink[], stateOf: WanStates): readonly WanLine[] {
  return uplinks.flatMap(({ id, deviceName }, index): readonly WanLine[] => {
    const { setting, found, lease } = stateOf(id);
    const line = { uplink: id, cable: deviceName };
    const given = lease === 'lost' ? undefined : lease;
    switch (setting?.ipType) {
      case undefined:
        return found === undefined ? [] : [{ ...line, addresses: found.addresses }];
      case 'STATIC':
        return [{ ...line, gateway: setting.gateway, addresses: [bare(setting)] }];
      case 'DHCP':
        if (given === undefined) return [lease === 'lost' ? { ...line, addresses: [] } : line];
        return [{ ...line, gateway: given.gateway, addresses: [bare(given)] }];
      case 'PPPOE': {
        const ppp = { ...line, deviceName: `${PPP_NAME}${index}` };
        return [given === undefined ? ppp : { ...ppp, gateway: given.gateway }];
      }
    }
  });
}

export function wanClients(uplinks: readonly Uplink[], stateOf: WanStates): readonly WanClient[] {
  return uplinks.flatMap(({ id, deviceName }, index): readonly WanClient[] => {
    const { setting } = stateOf(id);
    const client = { uplink: id, deviceName };
    if (setting?.ipType === 'DHCP') return [{ ...client, ipType: 'DHCP' }];
    if (setting?.ipType !== 'PPPOE') return [];
    const { user, password } = setting;
    return [{ ...client, ipType: 'PPPOE', pppName: `${PPP_NAME}${index}`, user, password }];
  });
}

/** The address the uplink shall have; undefined while nobody has given one. */
export function wantedAddress({ setting, found, lease }: WanState): string | undefined {
  if (setting === undefined) return found?.addresses[0]?.address;
  if (setting.ipType === 'STATIC') return setting.address;
  return lease === 'lost' ? undefined : lease?.address;
}

export function nameServersOf({ setting, lease }: WanState): readonly string[] {
  if (setting?.ipType === 'STATIC') return setting.nameServers;
  return setting === undefined || lease === 'lost' ? [] : (lease?.nameServers ?? []);
}

/** For people: never with a password. */
export function wanShown(uplink: UplinkId, state: WanState): WanUplinkSnapshot {
  const { setting, lease, trouble } = state;
  if (setting === undefined) return { uplink, ipType: 'AS_FOUND' };
  const given = setting.ipType === 'STATIC' ? setting : lease;
  const nameServers = nameServersOf(state);
  return {
    uplink,
    ipType: setting.ipType,
    ...(given !== undefined &&
      given !== 'lost' && {
        address: `${given.address}/${given.prefixLength}`,
        gateway: given.gateway,
      }),
    ...(nameServers.length > 0 && { nameServers }),
    ...(setting.ipType === 'PPPOE' && { user: setting.user }),
    ...(trouble !== undefined && { trouble }),
  };
}

function bare({ address, prefixLength }: { address: string; prefixLength: number }) {
  return { address, prefixLength };
}
