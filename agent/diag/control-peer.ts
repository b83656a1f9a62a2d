/**
 * Who may ask at the control socket: root, the agent's own user, and members of the agent's group.
 *
 * The mode of the socket says the same; this holds also when somebody has loosened it.
 */
export interface Peer {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

export interface OwnIds {
  readonly uid: number;
  readonly gid: number;
}

const ROOT = 0;

export function mayAsk({ uid, gid, groups }: Peer, own: OwnIds): boolean {
  return uid === ROOT || uid === own.uid || gid === own.gid || groups.includes(own.gid);
}
