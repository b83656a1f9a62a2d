/**
 * The way of one tunnel's packets: through the branch's uplink, over the wide area, to the hub and back.
 *
 * A packet passes only while the uplink has its cable and both ends have the tunnel; a cable that is pulled
 * while a packet travels loses it at the branch. What is inside (a probe or user traffic) is told apart by
 * its UDP port, as inside a real tunnel.
 */
import type { Direction, NetworkPath } from '../../world/network.ts';

export type TunnelEnd = 'branch' | 'hub';
export type PacketListener = (bytes: Uint8Array) => void;

export interface TunnelPathOptions {
  readonly tunnel: string;
  readonly uplink: string;
  readonly gateway: string;
  readonly path: NetworkPath;
  /** Whether packets can leave and enter through the branch's uplink now. */
  readonly uplinkCarries: () => boolean;
  /** Whether this end has the tunnel set up now. */
  readonly isOpen: (end: TunnelEnd) => boolean;
}

export class TunnelPath {
  readonly tunnel: string;
  readonly uplink: string;
  readonly gateway: string;
  readonly #options: TunnelPathOptions;
  readonly #listeners = new Map<string, PacketListener>();

  constructor(options: TunnelPathOptions) {
    this.tunnel = options.tunnel;
    this.uplink = options.uplink;
    this.gateway = options.gateway;
    this.#options = options;
  }

  /** Hears the packets that arrive at `end` for `port`; returns how to stop. */
  listen(end: TunnelEnd, port: number, listener: PacketListener): () => void {
    const key = `${end} ${port}`;
    this.#listeners.set(key, listener);
    return () => {
      if (this.#listeners.get(key) === listener) this.#listeners.delete(key);
    };
  }

  send(from: TunnelEnd, port: number, bytes: Uint8Array): void {
    const to: TunnelEnd = from === 'branch' ? 'hub' : 'branch';
    const direction: Direction = from === 'branch' ? 'out' : 'in';
    if (!this.#passes(from)) return;
    this.#options.path.send(direction, bytes, (arrived) => {
      if (this.#passes(to)) this.#listeners.get(`${to} ${port}`)?.(arrived);
    });
  }

  #passes(end: TunnelEnd): boolean {
    if (end === 'branch' && !this.#options.uplinkCarries()) return false;
    return this.#options.isOpen(end);
  }
}
