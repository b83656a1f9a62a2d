/**
 * The control socket: `sagctl` and scripts of this machine ask here, one JSON object a line.
 *
 * The kernel says who is at the other end; whoever is neither root nor of the agent's user or group is turned away,
 * whatever the file's mode (0660) has become. Clients, line lengths, waiting times and unsent bytes are bounded, and a
 * client that breaks a bound loses its connection, not us. What somebody does here is noted with their user id.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { loadNative } from '../../../firmware-shim/adapters/native.ts';
import { mayAsk, type Peer } from '../../diag/control-peer.ts';
import type { TimedNote } from '../../model/snapshot.ts';
import type { ControlDesk } from './control-desk.ts';
import { listenAtPath } from './control-socket-claim.ts';
import { ControlClient } from './control-socket-client.ts';

export interface ControlSocketOptions extends ControlDesk {
  readonly path: string;
  /** Told each time a client broke a rule. */
  readonly refused: (code: string) => void;
  /** Told of everything a client does beyond looking. */
  readonly acted: (what: string, peer: Peer) => void;
}

export interface ControlSocket {
  /** Where it listens, for people. */
  readonly places: readonly string[];
  noted(timed: TimedNote): void;
  close(): Promise<void>;
}

/** A person, a page and some scripts; more is a loop gone wild. */
const CLIENTS_MAX = 32;

export async function openControlSocket(options: ControlSocketOptions): Promise<ControlSocket> {
  const clients = new Set<ControlClient>();
  const server = createServer((socket) => {
    const peer = peerOf(socket);
    const client = new ControlClient(socket, {
      desk: options,
      refused: options.refused,
      acted: (what) => peer && options.acted(what, peer),
      gone: () => clients.delete(client),
    });
    if (peer === undefined || !mayAsk(peer, ownIds()))
      client.refuse('ECONTROL_PEER', 'only root and the group of the agent may ask here');
    else if (clients.size >= CLIENTS_MAX)
      client.refuse('ECONTROL_CLIENTS', 'too many clients; try later');
    else clients.add(client);
  });
  await listenAtPath(server, options.path);
  return {
    places: [options.path],
    noted: (timed) => {
      for (const client of clients) client.noted(timed);
    },
    close: async () => {
      for (const client of clients) client.destroy();
      await closed(server);
    },
  };
}

/** The descriptor of a connection is in no public interface of Node; without it nobody can be told apart. */
function peerOf(socket: Socket): Peer | undefined {
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly fd?: number } };
  if (typeof handle?.fd !== 'number' || handle.fd < 0) return undefined;
  try {
    return loadNative().peerCredentials(handle.fd);
  } catch {
    return undefined;
  }
}

function ownIds(): { readonly uid: number; readonly gid: number } {
  return { uid: process.geteuid?.() ?? -1, gid: process.getegid?.() ?? -1 };
}

async function closed(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
}
