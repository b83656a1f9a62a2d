/**
 * What the IPsec engine asks of a specification before anything is touched.
 */
import { parseAddress } from '../../../firmware-shim/kernel/address-text.ts';
import { EngineRefused } from '../../engine-port.ts';
import { IDENTITY_CHARACTERS_MAX, PROPOSAL_PATTERN, REKEY_S_MIN } from '../../model/ipsec.ts';
import type { TunnelSpec } from '../../model/tunnel.ts';
import { checkTunnel } from '../engine/engine-spec.ts';
import { ipsecOf } from './ipsec-load.ts';

/** Becomes the name of a connection, which charon matches as it stands. */
const ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const PROPOSAL = new RegExp(PROPOSAL_PATTERN, 'u');

export function checkIpsec(spec: TunnelSpec): void {
  checkTunnel(spec);
  const refuse = (code: string, text: string): never => {
    throw new EngineRefused(code, `tunnel ${spec.id}: ${text}`);
  };
  const ipsec = ipsecOf(spec);
  if (!ID.test(spec.id)) refuse('EENGINE_SPEC', 'its id cannot name a connection');
  for (const identity of [ipsec.localIdentity, ipsec.remoteIdentity]) {
    const isSound = identity !== '' && identity.length <= IDENTITY_CHARACTERS_MAX;
    if (!isSound || identity === '%any') refuse('EENGINE_IDENTITY', 'an IKE identity is missing');
  }
  if (ipsec.localAddress !== undefined && parseAddress(ipsec.localAddress) === undefined) {
    refuse('EENGINE_ADDRESS', `${ipsec.localAddress} is no address`);
  }
  for (const proposal of [...(ipsec.ikeProposals ?? []), ...(ipsec.espProposals ?? [])]) {
    if (!PROPOSAL.test(proposal)) refuse('EENGINE_PROPOSAL', `${proposal} is no proposal`);
  }
  for (const seconds of [ipsec.ikeRekeyS, ipsec.childRekeyS]) {
    if (seconds !== undefined && !(Number.isInteger(seconds) && seconds >= REKEY_S_MIN)) {
      refuse('EENGINE_SPEC', `${seconds} s is no time for new keys`);
    }
  }
}
