/**
 * The one door to the native addon: sockets, devices and scheduling that Node does not offer by itself.
 *
 * Every function throws an `Error` whose `code` is an errno name. Descriptors are close-on-exec and belong
 * to the caller. The addon may be loaded in several threads; what one thread opens stays in that thread.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export interface NetlinkSocketOptions {
  /** Such as `/run/netns/lab1`; absent means the namespace of this process. */
  readonly netnsPath?: string;
  /** NETLINK_ROUTE is 0. */
  readonly protocol: number;
  /** Multicast groups by number, 1 to 32. */
  readonly groups: readonly number[];
  readonly rcvbufBytes: number;
}

export interface NetlinkHandlers {
  /** One or more whole datagrams, joined; each netlink message carries its own length. */
  onBatch(bytes: Uint8Array): void;
  /** Messages were lost and what was still queued has been thrown away. */
  onOverrun(): void;
  /** Messages of other processes arrived and were dropped: only the kernel is heard. */
  onForeign(count: number): void;
  /** The socket cannot be read any more; only `close` is left. */
  onFailed(code: string): void;
}

/** Open until closed, or until nobody can reach it any more: whoever listens must hold on to it. */
export interface NetlinkSocket {
  send(bytes: Uint8Array): void;
  /** Idempotent; no handler is called afterwards. */
  close(): void;
}

/** Open until closed, or until nobody can reach it any more: whoever listens must hold on to it. */
export interface NativeUdpRack {
  /** Listens to a socket until somebody closes it. */
  add(fd: number, key: number): void;
  /** What waits in some of the sockets, with a header before each datagram; empty when nothing waits. */
  read(): Uint8Array;
  /** Idempotent. */
  close(): void;
}

export interface UdpSocketOptions {
  readonly netnsPath?: string;
  /** Local IPv4 or IPv6 address. */
  readonly address: string;
  /** 0 lets the kernel choose. */
  readonly port: number;
  readonly deviceName?: string;
  /** TTL or hop limit of what is sent. */
  readonly ttl?: number;
  readonly tos?: number;
  /** Packets that arrive with any other TTL are dropped before the socket (RFC 5082). */
  readonly requireTtl?: number;
}

export interface PingSocketOptions {
  readonly netnsPath?: string;
  /** Local address; `0.0.0.0` or `::` lets the kernel choose, and tells the family. */
  readonly address: string;
  readonly deviceName?: string;
}

export interface TcpListenOptions {
  readonly netnsPath?: string;
  readonly address: string;
  readonly port: number;
  readonly backlog?: number;
}

export interface Pty {
  readonly masterFd: number;
  readonly slavePath: string;
  /** Keep it open while the pty is in use: without any slave the master reads EIO. */
  readonly slaveFd: number;
}

export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  /** Supplementary ones; empty where the kernel does not tell them. */
  readonly groups: readonly number[];
}

export interface NativeShim {
  netlinkSocket(options: NetlinkSocketOptions, handlers: NetlinkHandlers): NetlinkSocket;
  /** Many UDP sockets read together; see `udp-rack.ts`. */
  udpRack(onReadable: () => void): NativeUdpRack;
  /** A bound non-blocking descriptor, for a rack or for `dgram.createSocket(…).bind({ fd })`. */
  udpSocket(options: UdpSocketOptions): number;
  /**
   * A bound ICMP descriptor for `dgram.createSocket(…).bind({ fd })`: what is sent begins with the ICMP header, whose
   * identifier and checksum the kernel writes, and only replies to this socket arrive. `EACCES` where
   * `net.ipv4.ping_group_range` leaves us out.
   */
  pingSocket(options: PingSocketOptions): number;
  /** A destination in the kernel's own words, for `udpSend`. */
  udpAddress(address: string, port: number): Uint8Array;
  /** Whether the kernel knows a way there; then it need not look for it with every datagram. */
  udpConnect(fd: number, destination: Uint8Array): boolean;
  /** Whether the kernel has taken the datagram; never waits. A connected socket needs no destination. */
  udpSend(fd: number, bytes: Uint8Array, destination?: Uint8Array): boolean;
  udpClose(fd: number): void;
  /** A listening descriptor for `server.listen({ fd })`. */
  tcpListen(options: TcpListenOptions): number;
  /** Who is at the other end of a Unix socket, as the kernel noted it at connect(2). */
  peerCredentials(fd: number): PeerCredentials;
  pty(): Pty;
  /** A non-blocking descriptor of raw IP packets; closing it removes the device. */
  tun(options: { readonly name: string; readonly netnsPath?: string }): number;
  /** SCHED_RR for the calling thread, 0 for ordinary; returns an errno name, or '' when done. */
  setRealtime(priority: number): string;
  /** Sets the clock of the whole machine; returns an errno name, or '' when done. */
  setWallClock(wallMs: number): string;
}

/** The addon as C offers it: positional arguments, '' and -1 for absent. */
interface Addon {
  netlinkOpen(
    netnsPath: string,
    protocol: number,
    groupsMask: number,
    rcvbufBytes: number,
    onReadable: (bytes: Uint8Array, overruns: number, foreign: number, failedCode: string) => void,
  ): object;
  netlinkSend(socket: object, bytes: Uint8Array): void;
  netlinkClose(socket: object): void;
  udpRackOpen(onReadable: () => void): object;
  udpRackAdd(rack: object, fd: number, key: number): void;
  udpRackRead(rack: object): Uint8Array;
  udpRackClose(rack: object): void;
  udpAddress(address: string, port: number): Uint8Array;
  udpConnect(fd: number, destination: Uint8Array): boolean;
  udpSend(fd: number, bytes: Uint8Array, destination?: Uint8Array): boolean;
  udpClose(fd: number): void;
  udpSocket(
    netnsPath: string,
    address: string,
    port: number,
    deviceName: string,
    ttl: number,
    tos: number,
    requireTtl: number,
  ): number;
  pingSocket(netnsPath: string, address: string, deviceName: string): number;
  tcpListen(netnsPath: string, address: string, port: number, backlog: number): number;
  peerCredentials(fd: number): readonly number[];
  pty(): Pty;
  tun(netnsPath: string, name: string): number;
  setRealtime(priority: number): string;
  setWallClock(wallMs: number): string;
}

/** The addon was not built for this machine. */
export class NativeMissing extends Error {
  override readonly name = 'NativeMissing';
  readonly code = 'ENATIVE_MISSING';
}

const BACKLOG = 128;

let loaded: NativeShim | undefined;

/** Loads the addon once per thread; throws `NativeMissing` when it was never built. */
export function loadNative(): NativeShim {
  loaded ??= shimOf(requireAddon());
  return loaded;
}

function requireAddon(): Addon {
  const path = fileURLToPath(
    new URL(`../native/build/linux-${process.arch}/shim.node`, import.meta.url),
  );
  try {
    return createRequire(import.meta.url)(path) as Addon;
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    throw new NativeMissing(`the native addon is not built: run 'make setup' (${why})`, {
      cause: error,
    });
  }
}

function shimOf(addon: Addon): NativeShim {
  return {
    netlinkSocket: (options, handlers) => netlinkSocket(addon, options, handlers),
    udpRack: (onReadable) => {
      const rack = addon.udpRackOpen(onReadable);
      return {
        add: (fd, key) => addon.udpRackAdd(rack, fd, key),
        read: () => addon.udpRackRead(rack),
        close: () => addon.udpRackClose(rack),
      };
    },
    udpAddress: (address, port) => addon.udpAddress(address, port),
    udpConnect: (fd, destination) => addon.udpConnect(fd, destination),
    udpSend: (fd, bytes, destination) =>
      destination === undefined ? addon.udpSend(fd, bytes) : addon.udpSend(fd, bytes, destination),
    udpClose: (fd) => addon.udpClose(fd),
    udpSocket: (options) =>
      addon.udpSocket(
        options.netnsPath ?? '',
        options.address,
        options.port,
        options.deviceName ?? '',
        options.ttl ?? -1,
        options.tos ?? -1,
        options.requireTtl ?? -1,
      ),
    pingSocket: (options) =>
      addon.pingSocket(options.netnsPath ?? '', options.address, options.deviceName ?? ''),
    tcpListen: (options) =>
      addon.tcpListen(
        options.netnsPath ?? '',
        options.address,
        options.port,
        options.backlog ?? BACKLOG,
      ),
    peerCredentials: (fd) => {
      const [pid = 0, uid = -1, gid = -1, ...groups] = addon.peerCredentials(fd);
      return { pid, uid, gid, groups };
    },
    pty: () => addon.pty(),
    tun: (options) => addon.tun(options.netnsPath ?? '', options.name),
    setRealtime: (priority) => addon.setRealtime(priority),
    setWallClock: (wallMs) => addon.setWallClock(wallMs),
  };
}

function netlinkSocket(
  addon: Addon,
  options: NetlinkSocketOptions,
  handlers: NetlinkHandlers,
): NetlinkSocket {
  let closed = false;
  const groupsMask = options.groups.reduce((mask, group) => (mask | (1 << (group - 1))) >>> 0, 0);
  const socket = addon.netlinkOpen(
    options.netnsPath ?? '',
    options.protocol,
    groupsMask,
    options.rcvbufBytes,
    (bytes, overruns, foreign, failedCode) => {
      if (foreign > 0) handlers.onForeign(foreign);
      if (!closed && overruns > 0) handlers.onOverrun();
      if (!closed && bytes.length > 0) handlers.onBatch(bytes);
      if (!closed && failedCode !== '') handlers.onFailed(failedCode);
    },
  );
  return {
    send: (bytes) => addon.netlinkSend(socket, bytes),
    close: () => {
      closed = true;
      addon.netlinkClose(socket);
    },
  };
}
