/**
 * The one door to `node:dgram`: a socket on a descriptor the native addon has prepared and bound.
 */
import { createSocket, type Socket } from 'node:dgram';

/** The descriptor is the socket's from now on. */
export function adoptDatagramSocket(fd: number, family: 'ipv4' | 'ipv6'): Socket {
  const [type, number] = family === 'ipv6' ? (['udp6', 6] as const) : (['udp4', 4] as const);
  // Addresses are numeric: without this every packet would pass the resolver first.
  const socket = createSocket({ type, lookup: (host, _, done) => done(null, host, number) });
  socket.bind({ fd, exclusive: true });
  return socket;
}
