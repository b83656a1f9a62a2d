/**
 * Leads one tunnel to the identity its document names now: in stages, and back to the old one when the far end does
 * not take the new one in time.
 *
 * What carries traffic carries it on until the new identity is proved: by another IKE_SA or another handshake, with
 * the session in the tunnel Up from then on for a while. A key pair that the far end does not accept yet is made and
 * told, and shown only once the document says that it is.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Credential, EngineRefused, type TunnelEngine } from '../../engine-port.ts';
import type { EngineTunnelStatus } from '../../model/engine-status.ts';
import type { IdentityStand } from '../../model/identity-result.ts';
import type { TunnelSpec } from '../../model/tunnel.ts';
import { ipsecOf } from '../ipsec/ipsec-load.ts';
import { rotateStaged } from './engine-rotation.ts';

export interface ProofMs {
  /** Then it has failed. */
  readonly max: number;
  readonly look: number;
  /** The session must be Up for so long on end. */
  readonly holds: number;
}

/** An IKE_SA stays for a second beside the next one; the slowest session is not waited for in full. */
const HOLDS_MS = { min: 1_250, max: 5_000 };
const LOOK_MS = 250;
/** Two round trips and a session that comes up. */
const PROOF_MS_MAX = 10_000;

/** What was before must not be what keeps the session Up: it is Down by then if it hears nothing by the new identity. */
export function proofMsFor(detectMs: number): ProofMs {
  const holds = Math.min(HOLDS_MS.max, Math.max(HOLDS_MS.min, detectMs + LOOK_MS));
  return { max: PROOF_MS_MAX, look: LOOK_MS, holds };
}

type Turning = Pick<TunnelEngine, 'ensure' | 'rotateIdentity' | 'status'>;

export async function turnIdentity(
  engine: Turning,
  spec: TunnelSpec,
  isUp: () => boolean,
  proofMs: ProofMs,
): Promise<IdentityStand> {
  const stand =
    spec.engine === 'ipsec'
      ? await turnCredential(engine, spec, isUp, proofMs)
      : await turnKey(engine, spec, isUp, proofMs);
  await engine.ensure(spec);
  return stand;
}

async function turnCredential(
  engine: Turning,
  spec: TunnelSpec,
  isUp: () => boolean,
  proofMs: ProofMs,
): Promise<IdentityStand> {
  const reference = ipsecOf(spec).credential;
  await turn(engine, spec, { kind: 'provisioned', reference }, isUp, proofMs);
  return { stage: 'inUse' };
}

async function turnKey(
  engine: Turning,
  spec: TunnelSpec,
  isUp: () => boolean,
  proofMs: ProofMs,
): Promise<IdentityStand> {
  const { id, ownKey } = spec;
  const next = { kind: 'own-key', generation: ownKey?.generation ?? 0 } as const;
  const publicKey = await engine.rotateIdentity(id, { stage: 'prepare', next });
  if (publicKey === undefined) return { stage: 'inUse' };
  if ((await engine.status(id))?.publicKey === publicKey) return { stage: 'inUse', publicKey };
  // The device's own is what the far end knew it by from the beginning.
  const accepted = ownKey === undefined ? publicKey : ownKey.accepted;
  if (accepted !== publicKey) return { stage: 'prepared', publicKey };
  await turn(engine, spec, next, isUp, proofMs);
  return { stage: 'inUse', publicKey };
}

/** Whoever wrote the document had the far end accept the next one first. */
async function turn(
  engine: Turning,
  { id }: TunnelSpec,
  next: Credential,
  isUp: () => boolean,
  proofMs: ProofMs,
): Promise<void> {
  const mark = async (): Promise<number | undefined> => markOf(await engine.status(id));
  let before: number | undefined;
  const isUpInTime = async (): Promise<boolean> => {
    let heldMs = 0;
    for (let waitedMs = 0; waitedMs < proofMs.max; waitedMs += proofMs.look) {
      await sleep(proofMs.look);
      const now = await mark();
      const isProved = now !== undefined && now !== before && isUp();
      heldMs = isProved ? heldMs + proofMs.look : 0;
      if (heldMs >= proofMs.holds) return true;
    }
    return false;
  };
  const announce = async (): Promise<void> => {
    await untilSecondIsOver(await mark());
    before = await mark();
  };
  if ((await rotateStaged(engine, id, next, { announce, isUpInTime })) === 'rotated') return;
  const name = next.kind === 'provisioned' ? next.reference.name : 'the next key pair';
  const text = `${id}: the far end did not take ${name} in time; the old one is shown again`;
  throw new EngineRefused('EENGINE_ROTATION', text);
}

/** What is another one once the ends have agreed anew: the IKE_SA, or the moment of the last handshake. */
function markOf(status: EngineTunnelStatus | undefined): number | undefined {
  return status?.security?.ikeId ?? status?.lastHandshakeWallMs;
}

const SECOND_MS = 1_000;

/** WireGuard tells handshakes by the second: the next one must not fall into that of the last one. */
async function untilSecondIsOver(markedMs = 0): Promise<void> {
  const leftMs = markedMs + SECOND_MS - Date.now();
  if (leftMs > 0 && leftMs <= SECOND_MS) await sleep(leftMs);
}
