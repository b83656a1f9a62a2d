/**
 * Moves the rotation of a tunnel's credential on by one stage, in the files and in the register.
 *
 * Telling charon is the engine's ordinary `ensure`, which reads the same register: so a rotation goes on after a
 * restart where it stood.
 */
import {
  concerning,
  mayMove,
  type Rotation,
  rotationFacts,
  rotationIn,
} from '../../engine/rotation.ts';
import { EngineRefused, type RotationStage } from '../../engine-port.ts';
import type { TunnelSpec } from '../../model/tunnel.ts';
import type { EngineRegister, RegisterEntry } from '../engine/engine-register.ts';
import { credentialOf, credentialText, type IpsecCredentials } from './ipsec-credentials.ts';
import { ipsecOf } from './ipsec-load.ts';

export interface AdvancedIdentity {
  /** What may be taken away once charon has been told. */
  afterwards(): Promise<void>;
}

export async function advanceIdentity(
  credentials: IpsecCredentials,
  register: EngineRegister,
  spec: TunnelSpec,
  stage: RotationStage,
): Promise<AdvancedIdentity> {
  const named = credentialText(ipsecOf(spec).credential);
  const entry = register.entryOf(spec.deviceName) ?? { tunnel: spec.id };
  const before = concerning(rotationIn('identity', entry), named);
  if (!mayMove(before, stage.stage)) {
    throw new EngineRefused('EENGINE_ROTATION', `${spec.id}: cannot ${stage.stage} now`);
  }
  const after = await moved(credentials, before, named, stage);
  await register.put(spec.deviceName, {
    ...withRotation(entry, after),
    ...(isProvisioned(stage, entry) && after !== undefined ? { identityOrigin: PROVISIONED } : {}),
  });
  const obsolete = obsoleteAfter(stage, before, entry);
  return {
    afterwards: async () => {
      if (obsolete === undefined || isNamedElsewhere(register, spec, obsolete)) return;
      await credentials.forget(credentialOf(obsolete));
    },
  };
}

/** The specification names the next identity and whoever led the rotation is gone: then it is over. */
export async function settleRotation(register: EngineRegister, spec: TunnelSpec): Promise<void> {
  const entry = register.entryOf(spec.deviceName);
  const rotation = rotationIn('identity', entry);
  const named = credentialText(ipsecOf(spec).credential);
  if (entry === undefined || rotation?.target !== named || rotation.stand === 'retired') return;
  const over: Rotation = { ...rotation, stand: 'retired' };
  await register.put(spec.deviceName, { ...entry, ...rotationFacts('identity', over) });
}

/** What we were handed for the rotation is ours to take away again; what somebody provisioned is tried again. */
function obsoleteAfter(
  stage: RotationStage,
  before: Rotation | undefined,
  entry: RegisterEntry,
): string | undefined {
  if (stage.stage === 'retire') return before?.base;
  return stage.stage === 'back' && !isProvisioned(stage, entry) ? before?.target : undefined;
}

const PROVISIONED = 'provisioned';

function isProvisioned(stage: RotationStage, entry: RegisterEntry): boolean {
  if (stage.stage === 'prepare') return stage.next.kind === 'provisioned';
  return entry['identityOrigin'] === PROVISIONED;
}

async function moved(
  credentials: IpsecCredentials,
  before: Rotation | undefined,
  named: string,
  stage: RotationStage,
): Promise<Rotation | undefined> {
  if (stage.stage === 'prepare') {
    const { next } = stage;
    if (next.kind === 'own-key') {
      throw new EngineRefused('EENGINE_UNSUPPORTED', 'IPsec has no such identity');
    }
    if (before !== undefined && before.target !== named) {
      const text = 'its specification must name the present credential first';
      throw new EngineRefused('EENGINE_ROTATION', text);
    }
    const base = named;
    const target = credentialText(next.kind === 'provisioned' ? next.reference : next);
    if (target === base) {
      throw new EngineRefused('EENGINE_CREDENTIAL', 'the next credential needs a name of its own');
    }
    // One that is missing must be found out before anything is shown.
    if (next.kind === 'provisioned') await credentials.load(next.reference);
    else await credentials.keep(next);
    return { base, target, stand: 'prepared' };
  }
  if (before === undefined || stage.stage === 'back') return undefined;
  return { ...before, stand: stage.stage === 'switch' ? 'switched' : 'retired' };
}

function withRotation(entry: RegisterEntry, rotation: Rotation | undefined): RegisterEntry {
  const {
    identityBase: _b,
    identityTarget: _t,
    identityStand: _s,
    identityOrigin: _o,
    ...rest
  } = entry;
  return { ...rest, tunnel: entry.tunnel, ...rotationFacts('identity', rotation) };
}

/** Tunnels may share a credential. */
function isNamedElsewhere(register: EngineRegister, spec: TunnelSpec, name: string): boolean {
  return register
    .entries()
    .some(
      ({ deviceName, entry }) =>
        deviceName !== spec.deviceName &&
        [entry['credential'], entry['identityBase'], entry['identityTarget']].includes(name),
    );
}
