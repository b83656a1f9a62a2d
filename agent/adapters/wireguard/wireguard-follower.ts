/**
 * Follows the far end of a tunnel from one key to the next, while both are accepted.
 *
 * What may go through a peer belongs to one peer alone (its allowed addresses), and which key the far end shows is
 * told by nothing but its handshakes: the addresses go to the peer whose handshake is the younger, back as well as
 * forth. Nobody is told of a handshake, so it is looked for: often while one is to be expected, then once a second.
 */
import type { TunnelSpec } from '../../model/tunnel.ts';
import { ALLOWED_IPS, carrierOf, type WireGuardTool } from './wireguard-tool.ts';

/** A look costs a process of some milliseconds; with the handshake it stays within the fastest sessions' 150 ms. */
const LOOK_MS = { soon: 20, later: 1_000 };
/** A far end that was told to show its next key does so within this, one tunnel after the other. */
const SOON_MS = 30_000;

export class PeerFollower {
  readonly #tool: WireGuardTool;
  #spec: TunnelSpec | undefined;
  #sinceMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(tool: WireGuardTool) {
    this.#tool = tool;
  }

  /** Does nothing for a tunnel that accepts one key alone. */
  follow(spec: TunnelSpec): void {
    const isNew = spec.nextRemotePublicKey !== this.#spec?.nextRemotePublicKey;
    if (isNew) this.#sinceMs = performance.now();
    clearTimeout(this.#timer);
    this.#spec = spec.nextRemotePublicKey === undefined ? undefined : spec;
    if (this.#spec !== undefined) this.#lookLater();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#spec = undefined;
  }

  #lookLater(): void {
    const isSoon = performance.now() - this.#sinceMs < SOON_MS;
    this.#timer = setTimeout(
      () => void this.#look().catch(() => undefined),
      isSoon ? LOOK_MS.soon : LOOK_MS.later,
    ).unref();
  }

  async #look(): Promise<void> {
    const spec = this.#spec;
    if (spec === undefined) return;
    try {
      const device = await this.#tool.read(spec.deviceName);
      const carrier = carrierOf(spec, device);
      const peer = device?.peers.find(({ publicKey }) => publicKey === carrier);
      if (peer !== undefined && peer.allowedIps !== ALLOWED_IPS && this.#spec === spec) {
        await this.#tool.set(spec.deviceName, ['peer', carrier, 'allowed-ips', ALLOWED_IPS]);
      }
    } finally {
      if (this.#spec === spec) this.#lookLater();
    }
  }
}
