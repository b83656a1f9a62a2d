/**
 * What every engine asks of a tunnel's specification before anything is touched.
 */
import { parseAddress } from '../../../firmware-shim/kernel/address-text.ts';
import { EngineRefused, type TunnelEndpoints } from '../../engine-port.ts';
import type { TunnelSpec } from '../../model/tunnel.ts';

/** Refuses what would become a strange argument, file name or device. */
export function checkTunnel(spec: TunnelSpec): void {
  const refuse = (code: string, text: string): never => {
    throw new EngineRefused(code, `tunnel ${spec.id}: ${text}`);
  };
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/.test(spec.deviceName)) {
    refuse('EENGINE_DEVICE_NAME', `${JSON.stringify(spec.deviceName)} cannot name a device`);
  }
  for (const address of [spec.remote.address, spec.innerLocal]) {
    if (parseAddress(address) === undefined) refuse('EENGINE_ADDRESS', `${address} is no address`);
  }
  for (const port of [spec.remote.port, spec.listenPort]) {
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      refuse('EENGINE_PORT', `${port} is no UDP port`);
    }
  }
}

export function endpointText(at: { readonly address: string; readonly port: number }): string {
  return at.address.includes(':') ? `[${at.address}]:${at.port}` : `${at.address}:${at.port}`;
}

/** Where both ends of a tunnel are, as its specification says. */
export function endpointsOf({ remote, ipsec }: TunnelSpec): TunnelEndpoints {
  const localAddress = ipsec?.localAddress;
  return { remote, ...(localAddress === undefined ? {} : { localAddress }) };
}
