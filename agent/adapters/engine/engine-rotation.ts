/**
 * A whole rotation of a tunnel's identity on one end: prepare, switch, retire; and back when the session inside the
 * tunnel is not Up in time under the new one.
 */

import type { Credential, TunnelEngine } from '../../engine-port.ts';
import type { TunnelId } from '../../model/tunnel.ts';

export interface RotationHooks {
  /** The far end accepts the next identity from here on; it is shown what may be shown to everybody. */
  readonly announce: (shown: string | undefined) => Promise<void>;
  /** Whether the session is Up, asked after the switch; takes as long as one is willing to wait. */
  readonly isUpInTime: () => Promise<boolean>;
}

export async function rotateStaged(
  engine: Pick<TunnelEngine, 'rotateIdentity'>,
  id: TunnelId,
  next: Credential,
  hooks: RotationHooks,
): Promise<'rotated' | 'rolledBack'> {
  const shown = await engine.rotateIdentity(id, { stage: 'prepare', next });
  try {
    await hooks.announce(shown);
    await engine.rotateIdentity(id, { stage: 'switch' });
    if (await hooks.isUpInTime()) {
      await engine.rotateIdentity(id, { stage: 'retire' });
      return 'rotated';
    }
  } catch (error) {
    await engine.rotateIdentity(id, { stage: 'back' });
    throw error;
  }
  await engine.rotateIdentity(id, { stage: 'back' });
  return 'rolledBack';
}
