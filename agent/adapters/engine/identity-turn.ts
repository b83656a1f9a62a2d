/**
 * Leads one tunnel to the credential its document names now: in stages, and back to the old one when the far end does
 * not take the new one in time.
 *
 * The old association carries on until a new one stands, so that the session stays Up meanwhile; what proves the new
 * identity is another IKE_SA with the session Up in it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TunnelSpec } from '../../model/tunnel.ts';
import { EngineRefused, type TunnelEngine } from '../../ports.ts';
import { ipsecOf } from '../ipsec/ipsec-load.ts';
import { rotateStaged } from './engine-rotation.ts';

/** Two round trips and a session that comes up; the overlap of old and new is one second. */
const PROOF_MS = { max: 10_000, look: 250 };

type Turning = Pick<TunnelEngine, 'ensure' | 'rotateIdentity' | 'status'>;

export async function turnIdentity(
  engine: Turning,
  spec: TunnelSpec,
  isUp: () => boolean,
  proofMs = PROOF_MS,
): Promise<void> {
  const { id } = spec;
  const ikeId = async (): Promise<number | undefined> => (await engine.status(id))?.security?.ikeId;
  const before = await ikeId();
  const isUpInTime = async (): Promise<boolean> => {
    for (let waitedMs = 0; waitedMs < proofMs.max; waitedMs += proofMs.look) {
      const now = await ikeId();
      if (now !== undefined && now !== before && isUp()) return true;
      await sleep(proofMs.look);
    }
    return false;
  };
  const next = { kind: 'provisioned', reference: ipsecOf(spec).credential } as const;
  // Whoever wrote the document had the far end accept the next one first.
  const announce = async (): Promise<void> => undefined;
  const outcome = await rotateStaged(engine, id, next, { announce, isUpInTime });
  if (outcome === 'rolledBack') {
    const text = `${id}: the far end did not take ${next.reference.name} in time; the old one is shown again`;
    throw new EngineRefused('EENGINE_ROTATION', text);
  }
  await engine.ensure(spec);
}
