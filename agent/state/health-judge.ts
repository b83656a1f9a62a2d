/**
 * Whether the health checks of a well-formed document make sense on this device.
 */
import { parseAddress } from '../../firmware-shim/kernel/address-text.ts';
import { parsePrefix, prefixContains } from '../../firmware-shim/kernel/prefix.ts';
import type { AgentConfig } from '../model/config.ts';
import type { DesiredDocument, Refusal } from '../model/desired.ts';
import type { HealthCheck } from '../model/health-check.ts';

/** This box itself, groups and nobody: what answers there is no host, or many of them. */
const NO_HOSTS = ['0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/3', '::/127', 'ff00::/8'].flatMap(
  (text) => parsePrefix(text) ?? [],
);

export function judgeHealthChecks(
  { healthChecks = [], tunnels }: DesiredDocument,
  { uplinks }: AgentConfig,
): Refusal | undefined {
  const ways = [...uplinks.filter(({ use }) => use === 'data'), ...tunnels].map(({ id }) => id);
  const ids = new Set<string>();
  for (const [index, check] of healthChecks.entries()) {
    const at = `/healthChecks/${index}`;
    if (ids.has(check.id)) {
      const sentence = `two health checks are called ${check.id}`;
      return { code: 'EDESIRED_DUPLICATE', pointer: `${at}/id`, sentence };
    }
    ids.add(check.id);
    const found = judgeAddresses(check, at);
    if (found !== undefined) return found;
    if (check.via !== undefined && !ways.includes(check.via)) {
      const sentence = `there is no uplink for data and no tunnel ${check.via}`;
      return { code: 'EDESIRED_VIA', pointer: `${at}/via`, sentence };
    }
  }
  return undefined;
}

function judgeAddresses({ destination, source }: HealthCheck, at: string): Refusal | undefined {
  const code = 'EDESIRED_ADDRESS';
  const to = parseAddress(destination);
  const host = parsePrefix(destination);
  if (to === undefined || host === undefined) {
    return { code, pointer: `${at}/destination`, sentence: 'not an IP address' };
  }
  if (NO_HOSTS.some((prefix) => prefixContains(prefix, host))) {
    return { code, pointer: `${at}/destination`, sentence: 'not the address of another host' };
  }
  if (source === undefined) return undefined;
  const from = parseAddress(source);
  if (from?.length === to.length) return undefined;
  const sentence = 'not an IP address of the same kind as the destination';
  return { code, pointer: `${at}/source`, sentence };
}
