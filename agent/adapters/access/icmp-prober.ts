/**
 * ICMP echo by an unprivileged socket of its own for each request, bound to the address and device it shall leave by.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { liveClock } from '../../../firmware-shim/adapters/live-clock.ts';
import { loadNative } from '../../../firmware-shim/adapters/native.ts';
import { echoRequest, isEchoReply } from '../../health/echo-packet.ts';
import type { EchoAnswer, EchoTarget } from '../../model/health-check.ts';
import type { EchoProber } from '../../ports.ts';
import { adoptDatagramSocket } from '../datagram-socket.ts';
import { lanAddress } from './lan-address.ts';

const TOKEN_BYTES = 16;
/** ICMP has no ports, and `dgram` insists on one. */
const ANY_PORT = 1;
/** Which groups may open ICMP sockets. A new network namespace begins with an empty range. */
const GROUPS_FILE = '/proc/sys/net/ipv4/ping_group_range';
/** Said by this machine of itself; everything else is the way's or the far end's. */
const OWN_FAULTS: readonly unknown[] = [
  'EACCES',
  'EPERM',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
];

export class IcmpProber implements EchoProber {
  readonly #netnsPath: string | undefined;

  constructor(netnsPath?: string) {
    this.#netnsPath = netnsPath;
  }

  echo(target: EchoTarget, onAnswer: (answer: EchoAnswer) => void): void {
    try {
      exchange(target, this.#open(target), onAnswer);
    } catch (error) {
      setImmediate(onAnswer, failure(error));
    }
  }

  #open({ address, sourceAddress, sourceWithin, deviceName }: EchoTarget): number {
    const any = address.includes(':') ? '::' : '0.0.0.0';
    const options = {
      ...(this.#netnsPath !== undefined && { netnsPath: this.#netnsPath }),
      ...(deviceName !== undefined && { deviceName }),
      address: sourceAddress ?? lanAddress(sourceWithin) ?? any,
    };
    try {
      return loadNative().pingSocket(options);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EACCES' || !admitOurselves()) throw error;
      return loadNative().pingSocket(options);
    }
  }
}

function exchange(
  { address, timeoutMs }: EchoTarget,
  fd: number,
  onAnswer: (answer: EchoAnswer) => void,
): void {
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  const token = randomBytes(TOKEN_BYTES);
  const socket = adoptDatagramSocket(fd, family);
  let sentAtMs = liveClock.nowMs();
  let isOver = false;
  const end = (answer: EchoAnswer): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    socket.close();
    onAnswer(answer);
  };
  // What has arrived while we were kept from reading is read first.
  const late = (): void => void setImmediate(end, { ok: false, because: 'no answer in time' });
  const timer = setTimeout(late, timeoutMs);
  socket.on('error', (error) => end(failure(error)));
  socket.on('message', (bytes) => {
    if (isEchoReply(family, bytes, token)) end({ ok: true, rttMs: liveClock.nowMs() - sentAtMs });
  });
  // Connected, so that the word of a router that nobody is there arrives as an error.
  socket.on('connect', () => {
    sentAtMs = liveClock.nowMs();
    socket.send(echoRequest(family, token), (error) => {
      if (error !== null) end(failure(error));
    });
  });
  socket.connect(ANY_PORT, address);
}

/** Where nobody may open such a socket, we admit our own group; who has ruled otherwise is not overruled. */
function admitOurselves(): boolean {
  try {
    const [least = 0, most = 0] = readFileSync(GROUPS_FILE, 'utf8').split('\t').map(Number);
    if (least <= most) return false;
    const group = process.getegid?.() ?? 0;
    writeFileSync(GROUPS_FILE, `${group} ${group}`);
    return true;
  } catch {
    return false;
  }
}

function failure(error: unknown): EchoAnswer {
  const { code, message } = error as NodeJS.ErrnoException;
  const because = WORDS[code ?? ''] ?? code ?? message;
  // What no errno names is a mistake of ours, and says nothing of the far end either.
  const mute = code === undefined || OWN_FAULTS.includes(code);
  return { ok: false, because, ...(mute && { mute }) };
}

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'net.ipv4.ping_group_range keeps this agent from sending echo requests',
  EPERM: 'the firewall of this device forbids it',
  EADDRNOTAVAIL: 'the source is no address of this device',
  EHOSTUNREACH: 'nobody answers for it on the way',
  ENETUNREACH: 'no route leads there',
  ECONNREFUSED: 'a router on the way refuses it',
  ENODEV: 'the device it should leave by is not there',
};
