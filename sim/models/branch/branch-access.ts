/**
 * How one run of the branch's agent reaches its gateways: two channels, and what it knows of their names.
 */
import type { NameNote } from '../../../agent/model/notes/name-note.ts';
import type { AccessChannel, AccessTarget } from '../../../agent/ports.ts';
import type { World } from '../../world/world.ts';
import type { NameServers } from '../far-end/name-servers.ts';
import type { BranchIdentity } from './branch-identity.ts';
import { SERIAL_NUMBER, SITE_CONFIG } from './branch-site.ts';
import { type AccessRoute, SimAccessChannel } from './sim-access-channel.ts';
import { SimFinder } from './sim-finder.ts';

export interface BranchAccessOptions {
  readonly world: World;
  readonly servers: NameServers;
  readonly identity: BranchIdentity;
  readonly onNote: (note: NameNote) => void;
  /** Whether packets from this address reach the name servers now, and come back. */
  readonly reachesServers: (sourceAddress: string | undefined) => boolean;
  readonly routeTo: (
    to: Pick<AccessTarget, 'address' | 'sourceAddress'>,
  ) => AccessRoute | undefined;
  readonly isLetIn: () => boolean;
  /** The time gateways are judged by. */
  readonly trustedMs: () => number;
}

export class BranchAccess {
  readonly finder: SimFinder;
  readonly channels: readonly [AccessChannel, AccessChannel];

  constructor({ identity, onNote, reachesServers, ...options }: BranchAccessOptions) {
    this.finder = new SimFinder({
      ...options,
      isOpen: reachesServers,
      kept: identity.keptNames(),
      keep: (names) => identity.keepNames(names),
      onNote,
    });
    const { keepAliveS } = SITE_CONFIG.access;
    const about = {
      ...options,
      serialNumber: SERIAL_NUMBER,
      keepAliveS,
      finder: this.finder,
    };
    this.channels = [new SimAccessChannel(about), new SimAccessChannel(about)];
  }

  /** The process is gone. */
  stop(): void {
    this.finder.stop();
  }
}
