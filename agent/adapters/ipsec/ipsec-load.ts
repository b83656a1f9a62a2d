/**
 * Tells one charon everything about one tunnel: secrets first, then the connection, and forgets what no longer counts.
 *
 * While an identity rotates the one beside it is accepted too. For pre-shared keys the order follows from the owners:
 * charon shows the key whose owners match best and accepts any that matches at all.
 */
import { createHash } from 'node:crypto';
import { connectionTree } from '../../engine/ipsec-connection.ts';
import { besideName, type Rotation, shownName } from '../../engine/rotation.ts';
import type { ViciTree } from '../../engine/vici-message.ts';
import { EngineRefused } from '../../engine-port.ts';
import type { IpsecParameters } from '../../model/ipsec.ts';
import type { TunnelSpec } from '../../model/tunnel.ts';
import {
  credentialOf,
  credentialText,
  type IpsecCredential,
  type IpsecCredentials,
} from './ipsec-credentials.ts';
import type { ViciClient } from './vici-client.ts';

export interface LoadContext {
  readonly interfaceId: number | undefined;
  readonly localPort: number;
  readonly rotation: Rotation | undefined;
  /** Of the connection charon has from us; undefined when it has none. */
  readonly loaded: string | undefined;
}

/** Answers with the fingerprint of the connection that charon has now; nothing secret can be read from it. */
export async function loadTunnel(
  vici: ViciClient,
  credentials: IpsecCredentials,
  spec: TunnelSpec,
  context: LoadContext,
): Promise<string> {
  const ipsec = ipsecOf(spec);
  const { rotation, interfaceId, localPort, loaded } = context;
  const name = shownName(rotation, credentialText(ipsec.credential));
  const besideText = besideName(rotation);
  const shown = await credentials.load(credentialOf(name));
  const beside =
    besideText === undefined ? undefined : await credentials.load(credentialOf(besideText));
  await loadShared(vici, spec.id, ipsec, shown, beside);
  for (const each of [shown, beside]) if (each?.kind === 'certificate') await loadPair(vici, each);
  const certificates = shown.kind === 'certificate' ? shown : undefined;
  const acceptedCa = beside?.kind === 'certificate' ? [beside.ca] : [];
  const tree = connectionTree(spec, ipsec, { interfaceId, localPort, certificates, acceptedCa });
  // Another credential of the same kind makes the same connection, but not the same tunnel.
  const fingerprint = fingerprintOf(tree, name);
  if (fingerprint !== loaded) await vici.request('load-conn', tree);
  return fingerprint;
}

export async function unloadTunnel(vici: ViciClient, id: string): Promise<void> {
  await vici.request('unload-conn', { name: id }).catch(ignoreRefusal);
  await vici.request('terminate', { ike: id, force: 'yes', timeout: '-1' }).catch(ignoreRefusal);
  for (const key of await sharedKeys(vici, id)) await vici.request('unload-shared', { id: key });
}

export function ipsecOf(spec: TunnelSpec): IpsecParameters {
  if (spec.ipsec !== undefined) return spec.ipsec;
  throw new EngineRefused('EENGINE_SPEC', `tunnel ${spec.id} has no IPsec parameters`);
}

async function loadShared(
  vici: ViciClient,
  id: string,
  ipsec: IpsecParameters,
  shown: IpsecCredential,
  beside: IpsecCredential | undefined,
): Promise<void> {
  const wanted: string[] = [];
  const load = async (credential: IpsecCredential, owners: readonly string[]): Promise<void> => {
    if (credential.kind !== 'psk') return;
    const key = `${id}/${credential.name}`;
    wanted.push(key);
    const message = { id: key, type: 'IKE', data: credential.secret, owners };
    await vici.request('load-shared', message);
  };
  await load(shown, [ipsec.localIdentity, ipsec.remoteIdentity]);
  if (beside !== undefined) await load(beside, [ipsec.remoteIdentity]);
  for (const key of await sharedKeys(vici, id)) {
    if (!wanted.includes(key)) await vici.request('unload-shared', { id: key });
  }
}

async function loadPair(
  vici: ViciClient,
  pair: Extract<IpsecCredential, { readonly kind: 'certificate' }>,
): Promise<void> {
  await vici.request('load-key', { type: 'any', data: pair.key });
  await vici.request('load-cert', { type: 'x509', flag: 'ca', data: pair.ca });
}

async function sharedKeys(vici: ViciClient, id: string): Promise<readonly string[]> {
  const keys = (await vici.request('get-shared')).get('keys');
  const all = Array.isArray(keys) ? (keys as readonly string[]) : [];
  return all.filter((key) => key.startsWith(`${id}/`));
}

function fingerprintOf(tree: ViciTree, credentialName: string): string {
  return createHash('sha256')
    .update(JSON.stringify([tree, credentialName]))
    .digest('hex');
}

/** charon says no to taking away what is not there. */
function ignoreRefusal(error: unknown): void {
  if (error instanceof EngineRefused && error.code === 'EVICI_REFUSED') return;
  throw error;
}
