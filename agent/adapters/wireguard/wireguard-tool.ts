/**
 * `wg` as functions: reads and sets one WireGuard device, in the kernel or in user space alike.
 *
 * Only what differs is set, because setting a listen port again makes the engine open its socket anew and an
 * adopted tunnel must not notice that the agent was restarted.
 */

import { EngineRefused } from '../../engine-port.ts';
import type { EngineTunnelStatus } from '../../model/engine-status.ts';
import type { TunnelId, TunnelSpec } from '../../model/tunnel.ts';
import { runCommand } from '../engine/engine-command.ts';
import { checkTunnel, endpointText } from '../engine/engine-spec.ts';
import { isListening } from './wireguard-socket.ts';

export interface WireGuardPeer {
  readonly publicKey: string;
  /** As `wg` prints it: `192.0.2.1:51820` or `[2001:db8::1]:51820`. */
  readonly endpoint: string;
  readonly allowedIps: string;
  /** 0: never. */
  readonly latestHandshakeS: number;
  readonly rxBytes: number;
  readonly txBytes: number;
}

export interface WireGuardDevice {
  readonly publicKey: string;
  readonly listenPort: number;
  readonly fwmark: number;
  readonly peers: readonly WireGuardPeer[];
}

/** One device carries one tunnel, so everything may go through it and the routes decide. */
export const ALLOWED_IPS = '0.0.0.0/0,::/0';

export class WireGuardTool {
  readonly #netns: { readonly netnsPath?: string };
  readonly #inKernel: boolean;

  constructor(netnsPath: string | undefined, inKernel: boolean) {
    this.#netns = netnsPath === undefined ? {} : { netnsPath };
    this.#inKernel = inKernel;
  }

  /** Undefined when there is no such device or nobody answers for it yet. */
  async read(deviceName: string): Promise<WireGuardDevice | undefined> {
    if (!this.#inKernel && !(await isListening(deviceName))) return undefined;
    const result = await runCommand(['wg', 'show', deviceName, 'dump'], this.#netns);
    return result.ok ? parseDump(result.stdout) : undefined;
  }

  /** Makes the device be as the spec says. */
  async configure(spec: TunnelSpec, keyFile: string, publicKey: string): Promise<void> {
    const present = await this.read(spec.deviceName);
    const words = differences(spec, present, keyFile, publicKey);
    if (words.length > 0) await this.set(spec.deviceName, words);
  }

  async set(deviceName: string, words: readonly string[]): Promise<void> {
    const result = await runCommand(['wg', 'set', deviceName, ...words], this.#netns);
    if (result.ok) return;
    throw new EngineRefused('EENGINE_SET', `wg set ${deviceName}: ${result.complaint}`);
  }

  /** Where the peer with this key was last seen; undefined when it never was. */
  async endpointOf(deviceName: string, publicKey: string): Promise<string | undefined> {
    const device = await this.read(deviceName);
    const endpoint = device?.peers.find((peer) => peer.publicKey === publicKey)?.endpoint;
    return endpoint === '(none)' ? undefined : endpoint;
  }
}

/** The words after `wg set DEVICE` that are needed. */
export function differences(
  spec: TunnelSpec,
  present: WireGuardDevice | undefined,
  keyFile: string,
  publicKey: string,
): readonly string[] {
  const words: string[] = [];
  if (present?.publicKey !== publicKey) words.push('private-key', keyFile);
  if (present?.listenPort !== spec.listenPort) words.push('listen-port', `${spec.listenPort}`);
  if ((present?.fwmark ?? 0) !== spec.fwmark) words.push('fwmark', `${spec.fwmark}`);
  const wanted = acceptedKeys(spec);
  for (const peer of present?.peers ?? []) {
    if (!wanted.includes(peer.publicKey)) words.push('peer', peer.publicKey, 'remove');
  }
  const endpoint = endpointText(spec.remote);
  const carrier = carrierOf(spec, present);
  const peer = present?.peers.find((each) => each.publicKey === carrier);
  if (peer === undefined || peer.endpoint !== endpoint || peer.allowedIps !== ALLOWED_IPS) {
    words.push('peer', carrier, 'endpoint', endpoint, 'allowed-ips', ALLOWED_IPS);
  }
  for (const key of wanted) {
    const isThere = present?.peers.some(({ publicKey: each }) => each === key) === true;
    if (key !== carrier && !isThere) words.push('peer', key, 'endpoint', endpoint);
  }
  return words;
}

function acceptedKeys(spec: TunnelSpec): readonly string[] {
  const { remotePublicKey, nextRemotePublicKey } = spec;
  return nextRemotePublicKey === undefined
    ? [remotePublicKey]
    : [remotePublicKey, nextRemotePublicKey];
}

/** The key the far end shows, of those it may: of two that shook hands within one second the next one. */
export function carrierOf(spec: TunnelSpec, present: WireGuardDevice | undefined): string {
  const { remotePublicKey, nextRemotePublicKey } = spec;
  const handshakeS = (key: string): number =>
    present?.peers.find(({ publicKey }) => publicKey === key)?.latestHandshakeS ?? 0;
  if (nextRemotePublicKey === undefined || handshakeS(nextRemotePublicKey) === 0) {
    return remotePublicKey;
  }
  const isNext = handshakeS(nextRemotePublicKey) >= handshakeS(remotePublicKey);
  return isNext ? nextRemotePublicKey : remotePublicKey;
}

/** The first line is the device, each further one a peer; fields are separated by tabs (wg(8)). */
export function parseDump(text: string): WireGuardDevice | undefined {
  const [first, ...rest] = text
    .trim()
    .split('\n')
    .map((line) => line.split('\t'));
  if (first === undefined || first.length < 4) return undefined;
  // The private key, first of all fields, is left where it is.
  const [, publicKey = '', listenPort, fwmark] = first;
  return {
    publicKey,
    listenPort: Number(listenPort),
    fwmark: fwmark === 'off' ? 0 : Number(fwmark),
    peers: rest.map(([key = '', , endpoint = '', allowedIps = '', handshake, rx, tx]) => ({
      publicKey: key,
      endpoint,
      allowedIps,
      latestHandshakeS: Number(handshake),
      rxBytes: Number(rx),
      txBytes: Number(tx),
    })),
  };
}

/** Refuses before anything is touched what would become a strange argument. */
export function checkSpec(spec: TunnelSpec): void {
  checkTunnel(spec);
  if (!acceptedKeys(spec).every(isWireGuardKey)) {
    throw new EngineRefused(
      'EENGINE_KEY',
      `tunnel ${spec.id}: the public key of its far end is no WireGuard key`,
    );
  }
}

export function isWireGuardKey(text: string): boolean {
  return /^[A-Za-z0-9+/]{43}=$/.test(text);
}

/** What one device says of the tunnel it carries; of two accepted peers the one that has the addresses speaks. */
export function statusOf(
  id: TunnelId,
  deviceName: string,
  device: WireGuardDevice,
): EngineTunnelStatus {
  const peer = device.peers.find((each) => each.allowedIps !== '(none)') ?? device.peers[0];
  const endpoint = peer?.endpoint ?? '(none)';
  const handshakeS = peer?.latestHandshakeS ?? 0;
  return {
    id,
    kind: 'wireguard',
    deviceName,
    publicKey: device.publicKey,
    ...(handshakeS === 0 ? {} : { lastHandshakeWallMs: handshakeS * 1_000 }),
    rxBytes: peer?.rxBytes ?? 0,
    txBytes: peer?.txBytes ?? 0,
    ...(endpoint === '(none)' ? {} : { endpoint }),
  };
}
