/**
 * Who this device is: the credentials it presents to a gateway and the serial number they name.
 *
 * The serial number is the common name of the device certificate, as the gateway reads it. The key stays in memory
 * of this process and is never printed.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { IdentityPairs } from '../../durable/identity-pairs.ts';
import type { AccessConfig, AgentConfig } from '../../model/config.ts';
import { DirectoryFiles } from '../store/directory-files.ts';
import { certificatesIn, judgeChain, successorsIn } from './certificate-chain.ts';

export interface Identity {
  readonly serialNumber: string;
  /** PEM texts. */
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
}

/** A certificate that names nobody, or not us. */
export class IdentityRefused extends Error {
  override readonly name = 'IdentityRefused';
  readonly code: 'EIDENTITY' | 'EIDENTITY_KEY' | 'EIDENTITY_NAME' | 'EIDENTITY_CHAIN';

  constructor(message: string, code: IdentityRefused['code'] = 'EIDENTITY') {
    super(message);
    this.code = code;
  }
}

/** Goes into every topic, so it must mean nothing to MQTT. */
const SERIAL_NUMBER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** The identity its owner gave it, or the newest it got by itself; undefined when it has none yet. */
export function readIdentity(
  { certificateFile, keyFile, caFile }: AccessConfig,
  pairs: Pick<IdentityPairs, 'all'>,
): Identity | undefined {
  const ca = readFileSync(caFile, 'utf8');
  if (certificateFile !== undefined && keyFile !== undefined) {
    const certificate = readFileSync(certificateFile, 'utf8');
    const serialNumber = serialNumberOf(certificate, certificateFile);
    return { serialNumber, certificate, key: readFileSync(keyFile, 'utf8'), ca };
  }
  const [newest] = pairs.all();
  if (newest === undefined) return undefined;
  const { certificate, key, generation } = newest;
  const serialNumber = serialNumberOf(certificate, `pair ${generation}`);
  return { serialNumber, certificate, key, ca: withSuccessors(ca, certificate) };
}

/** The pinned CAs and those they have named as their successors in this chain, PEM. */
export function withSuccessors(ca: string, certificate: string): string {
  const successors = successorsIn(certificatesIn(certificate), certificatesIn(ca));
  return [ca, ...successors.map((each) => each.toString())].join('\n');
}

/** For whoever only looks: undefined also when there is nothing that may be read. */
export function presentIdentity({ access, stateDirectory }: AgentConfig): Identity | undefined {
  try {
    if (access.certificateFile === undefined && !existsSync(stateDirectory)) return undefined;
    return readIdentity(access, new IdentityPairs(new DirectoryFiles(stateDirectory)));
  } catch {
    return undefined;
  }
}

/** Throws `IdentityRefused` unless the certificate is for this key and serial number and from a pinned CA. */
export function checkIssued(identity: Identity, atMs: number): void {
  const chain = certificatesIn(identity.certificate);
  const [leaf] = chain;
  if (leaf === undefined || !leaf.checkPrivateKey(createPrivateKey(identity.key))) {
    throw new IdentityRefused('the certificate is for another key', 'EIDENTITY_KEY');
  }
  if (serialNumberOf(identity.certificate, 'the certificate') !== identity.serialNumber) {
    throw new IdentityRefused('the certificate names another device', 'EIDENTITY_NAME');
  }
  const verdict = judgeChain(chain, certificatesIn(identity.ca), 'client', atMs);
  if (!verdict.ok) throw new IdentityRefused(verdict.text, 'EIDENTITY_CHAIN');
}

function serialNumberOf(certificate: string, where: string): string {
  const { subject } = new X509Certificate(certificate);
  const name = subject
    .split('\n')
    .find((line) => line.startsWith('CN='))
    ?.slice('CN='.length);
  if (name === undefined || !SERIAL_NUMBER.test(name)) {
    throw new IdentityRefused(`${where}: the common name is no serial number`);
  }
  return name;
}
