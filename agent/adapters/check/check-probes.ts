/**
 * The probes of a check: pings, one name, one TLS handshake each. Every one ends within its time and none throws.
 */
import { isIP } from 'node:net';
import { checkServerIdentity, connect, type DetailedPeerCertificate } from 'node:tls';
import type { Answer } from '../../diag/check/facts.ts';
import { pingComplaint, readPing } from '../../diag/tool/ping-output.ts';
import type { GatewayAddress } from '../../model/config.ts';
import { type GatewayTrust, peerChain } from '../access/gateway-trust.ts';
import { channelFault } from '../access/mqtt-channel-fault.ts';
import { runBounded } from '../bounded-program.ts';
import { gatewayAddress, NAME_TRIES, NAME_WAIT_MS, resolverOver } from './gateway-name.ts';

/** Two packets 0.2 s apart, each with a second to come back. */
const PING_COUNT = 2;
const PING_GAP_S = 0.2;
const PING_WAIT_S = 1;
const PING_MS_MAX = 1_800;
const PING_BYTES_MAX = 16 * 1024;
const TLS_WAIT_MS = 2_000;
/** IPv4 header 20, ICMP header 8; IPv6 header 40. */
const PING_HEADERS_BYTES = { ipv4: 28, ipv6: 48 } as const;

export interface PingProbe {
  /** A device or an address of ours, checked by whoever calls as `target` is; absent: the kernel's choice. */
  readonly from: string | undefined;
  readonly target: string;
  /** Size of the whole IP packet, which must not be cut on the way. */
  readonly packetBytes?: number;
}

export async function ping({ from, target, packetBytes }: PingProbe): Promise<Answer> {
  const family = target.includes(':') ? 'ipv6' : 'ipv4';
  const size = packetBytes === undefined ? [] : whole(packetBytes - PING_HEADERS_BYTES[family]);
  const words = ['-n', '-q', '-c', `${PING_COUNT}`, '-i', `${PING_GAP_S}`, '-W', `${PING_WAIT_S}`];
  const bound = from === undefined ? [] : ['-I', from];
  const argv = ['ping', ...words, ...size, ...bound, '--', target] as const;
  const end = await runBounded(argv, { msMax: PING_MS_MAX, bytesMax: PING_BYTES_MAX });
  if (end.missing) return { ok: false, code: 'ENOTOOL', text: 'ping is not installed' };
  const output = end.output.toString('utf8');
  const figures = readPing(output);
  if (figures === undefined || figures.received === 0) {
    return { ok: false, code: 'ENOANSWER', text: pingComplaint(output) };
  }
  const { averageMs = 0, lossPercent } = figures;
  return { ok: true, afterMs: averageMs, lossPercent };
}

function whole(payloadBytes: number): readonly string[] {
  return ['-M', 'do', '-s', `${Math.max(0, payloadBytes)}`];
}

export async function resolveName(
  name: string,
  servers: readonly string[],
  localAddress: string,
): Promise<Answer> {
  const startedAtMs = performance.now();
  const resolver = resolverOver(servers, localAddress);
  try {
    const found = await inTime(
      resolver.resolve(name, localAddress.includes(':') ? 'AAAA' : 'A'),
      NAME_WAIT_MS * NAME_TRIES,
    );
    if (found === undefined) return { ok: false, code: 'ETIMEOUT', text: 'no answer' };
    return { ok: true, afterMs: performance.now() - startedAtMs };
  } catch (error) {
    const { code = 'EDNS' } = error as NodeJS.ErrnoException;
    // Whoever says that there is no such name has answered.
    if (code === 'ENODATA' || code === 'ENOTFOUND')
      return { ok: true, afterMs: performance.now() - startedAtMs };
    return { ok: false, code, text: code === 'ETIMEOUT' ? 'no answer' : code };
  } finally {
    resolver.cancel();
  }
}

export interface TlsCredentials {
  readonly ca?: Buffer;
  /** Absent where we may not read them: the gateway's proof of itself does not need them. */
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** What the agent holds against a gateway besides what OpenSSL checks. */
  readonly trust?: GatewayTrust;
}

/** The gateway must prove itself as it must for a registration; nothing is said beyond the handshake. */
export async function handshake(
  { address, port, serverName }: GatewayAddress,
  { localAddress, servers }: { readonly localAddress: string; readonly servers: readonly string[] },
  credentials: TlsCredentials,
): Promise<Answer> {
  const host = await gatewayAddress(address, servers, localAddress);
  if (host === undefined) return { ok: false, code: 'EDNS', text: 'the name does not resolve' };
  const startedAtMs = performance.now();
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const { trust, ...own } = credentials;
  const way = { host, port, localAddress };
  const socket = connect({
    ...own,
    ...way,
    minVersion: 'TLSv1.2',
    // RFC 6066 knows no addresses as server names.
    servername: isIP(serverName) === 0 ? serverName : '',
    checkServerIdentity: (_host, certificate) =>
      checkServerIdentity(serverName, certificate) ??
      trust?.objection(peerChain(certificate as DetailedPeerCertificate)),
  });
  const timer = setTimeout(() => {
    resolve({ ok: false, code: 'ETIMEOUT', text: 'nothing came back in time' });
  }, TLS_WAIT_MS);
  socket.on('secureConnect', () => resolve({ ok: true, afterMs: performance.now() - startedAtMs }));
  socket.on('error', (error) => resolve({ ok: false, ...channelFault(error) }));
  socket.on('close', () => resolve({ ok: false, code: 'ECLOSED', text: 'the other side hung up' }));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

/** Undefined when it took longer. */
export async function inTime<Value>(
  work: Promise<Value>,
  waitMs: number,
): Promise<Value | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), waitMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
