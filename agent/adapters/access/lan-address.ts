/** An address of ours on the LAN side: its traffic takes the way the branch's own takes, and finds it back. */
import { networkInterfaces } from 'node:os';
import { parsePrefix, prefixContains } from '../../../firmware-shim/kernel/prefix.ts';

export function lanAddress(prefixes: readonly string[] = []): string | undefined {
  const lan = prefixes.flatMap((text) => parsePrefix(text) ?? []);
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return own.find(({ address }) => {
    const parsed = parsePrefix(address);
    return parsed !== undefined && lan.some((prefix) => prefixContains(prefix, parsed));
  })?.address;
}
