/**
 * `wg` as functions: reads and sets one WireGuard device, in the kernel or in user space alike.
 *
 * Only what differs is set, because setting a listen port again makes the engine open its socket anew and an
 * adopted tunnel must not notice that the agent was restarted.
 */
import { parseAddress } from '../../firmware-shim/kernel/address-text.ts';
import type { TunnelSpec } from '../model/tunnel.ts';
import { EngineRefused } from '../ports.ts';
import { runCommand } from './engine-command.ts';

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
const ALLOWED_IPS = '0.0.0.0/0,::/0';

export class WireGuardTool {
  readonly #netns: { readonly netnsPath?: string };

  constructor(netnsPath: string | undefined) {
    this.#netns = netnsPath === undefined ? {} : { netnsPath };
  }

  /** Undefined when there is no such device or nobody answers for it yet. */
  async read(deviceName: string): Promise<WireGuardDevice | undefined> {
    const result = await runCommand(['wg', 'show', deviceName, 'dump'], this.#netns);
    return result.ok ? parseDump(result.stdout) : undefined;
  }

  /** Makes the device be as the spec says. */
  async configure(spec: TunnelSpec, keyFile: string, publicKey: string): Promise<void> {
    const present = await this.read(spec.deviceName);
    const words = differences(spec, present, keyFile, publicKey);
    if (words.length === 0) return;
    const result = await runCommand(['wg', 'set', spec.deviceName, ...words], this.#netns);
    if (result.ok) return;
    throw new EngineRefused('EENGINE_SET', `wg set ${spec.deviceName}: ${result.complaint}`);
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
  for (const peer of present?.peers ?? []) {
    if (peer.publicKey !== spec.remotePublicKey) words.push('peer', peer.publicKey, 'remove');
  }
  const endpoint = endpointText(spec);
  const peer = present?.peers.find((each) => each.publicKey === spec.remotePublicKey);
  if (peer === undefined || peer.endpoint !== endpoint || peer.allowedIps !== ALLOWED_IPS) {
    words.push('peer', spec.remotePublicKey, 'endpoint', endpoint, 'allowed-ips', ALLOWED_IPS);
  }
  return words;
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
  const refuse = (code: string, text: string): never => {
    throw new EngineRefused(code, `tunnel ${spec.id}: ${text}`);
  };
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/.test(spec.deviceName)) {
    refuse('EENGINE_DEVICE_NAME', `${JSON.stringify(spec.deviceName)} cannot name a device`);
  }
  if (!/^[A-Za-z0-9+/]{43}=$/.test(spec.remotePublicKey)) {
    refuse('EENGINE_KEY', 'the public key of its far end is no WireGuard key');
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

function endpointText({ remote }: TunnelSpec): string {
  return remote.address.includes(':')
    ? `[${remote.address}]:${remote.port}`
    : `${remote.address}:${remote.port}`;
}
