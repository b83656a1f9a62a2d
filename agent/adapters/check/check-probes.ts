/**
 * The probes of a check: pings, one name, one TLS handshake each. Every one ends within its time and none throws.
 */
import { isIP } from 'node:net';
import { checkServerIdentity, connect, type DetailedPeerCertificate } from 'node:tls';
import type { AddressFinder, DialFault, DialTold } from '../../access/names/address-finder.ts';
import type { Answer } from '../../diag/check/facts.ts';
import { pingComplaint, readPing } from '../../diag/tool/ping-output.ts';
import type { GatewayAddress } from '../../model/config.ts';
import { type GatewayTrust, peerChain } from '../access/gateway-trust.ts';
import { channelFault } from '../access/mqtt-channel-fault.ts';
import { runBounded } from '../bounded-program.ts';
import { askName, type NameAnswer } from '../names/name-question.ts';
import { within } from '../within.ts';

/** Two packets 0.2 s apart, each with a second to come back. */
const PING_COUNT = 2;
const PING_GAP_S = 0.2;
const PING_WAIT_S = 1;
const PING_MS_MAX = 1_800;
const PING_BYTES_MAX = 16 * 1024;
const NAME_WAIT_MS = 1_600;
/** With the name, which takes 1.5 s of it at most where an address of the gateway is known. */
const TLS_WAIT_MS = 2_800;
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
  const { promise, resolve } = Promise.withResolvers<NameAnswer>();
  const family = localAddress.includes(':') ? 'ipv6' : 'ipv4';
  const callBack = askName({ name, family }, [{ servers, localAddress }], resolve);
  const answer = await within(promise, NAME_WAIT_MS, { ok: false, code: 'ETIMEOUT' });
  callBack();
  // Whoever says that there is no such name has answered.
  if (answer.ok || answer.code === 'ENODATA' || answer.code === 'ENOTFOUND') {
    return { ok: true, afterMs: performance.now() - startedAtMs };
  }
  const { code } = answer;
  return { ok: false, code, text: code === 'ETIMEOUT' ? 'no answer' : code };
}

export interface TlsCredentials {
  readonly ca?: Buffer;
  /** Absent where we may not read them: the gateway's proof of itself does not need them. */
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** What the agent holds against a gateway besides what OpenSSL checks. */
  readonly trust?: GatewayTrust;
}

/**
 * The gateway must prove itself as it must for a registration, and is found by its name in the same way; nothing is
 * said beyond the handshake.
 */
export async function handshake(
  { address: name, port, serverName }: GatewayAddress,
  { sourceAddress, finder }: { readonly sourceAddress: string; readonly finder: AddressFinder },
  { trust, ...own }: TlsCredentials,
): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  let late: Answer = { ok: false, code: 'EDNS', text: 'the name does not resolve' };
  const dial = (host: string, told: DialTold): (() => void) => {
    const startedAtMs = performance.now();
    late = { ok: false, code: 'ETIMEOUT', text: 'nothing came back in time' };
    const way = { host, port, localAddress: sourceAddress };
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
    socket.on('secureConnect', () =>
      resolve({ ok: true, afterMs: performance.now() - startedAtMs }),
    );
    socket.on('error', (error) => told(channelFault(error)));
    socket.on('close', () => told({ code: 'ECLOSED', text: 'the other side hung up' }));
    return () => socket.destroy();
  };
  const onFailed = (fault: DialFault): void => resolve({ ok: false, ...fault });
  const leave = finder.find({ name, sourceAddress }, { dial, onFailed });
  const answer = await within(promise, TLS_WAIT_MS, undefined);
  leave();
  return answer ?? late;
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
