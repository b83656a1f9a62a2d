/**
 * Who this device is: the credentials it presents to a gateway and the serial number they name.
 *
 * The serial number is the common name of the device certificate, as the gateway reads it. The key stays in memory
 * of this process and is never printed.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AccessConfig } from '../model/config.ts';

export interface Identity {
  readonly serialNumber: string;
  /** PEM texts. */
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
}

/** A certificate that names nobody. */
export class IdentityRefused extends Error {
  override readonly name = 'IdentityRefused';
  readonly code = 'EIDENTITY';
}

/** Goes into every topic, so it must mean nothing to MQTT. */
const SERIAL_NUMBER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

export function readIdentity({ certificateFile, keyFile, caFile }: AccessConfig): Identity {
  const certificate = readFileSync(certificateFile, 'utf8');
  return {
    serialNumber: serialNumberOf(certificate, certificateFile),
    certificate,
    key: readFileSync(keyFile, 'utf8'),
    ca: readFileSync(caFile, 'utf8'),
  };
}

function serialNumberOf(certificate: string, path: string): string {
  const { subject } = new X509Certificate(certificate);
  const name = subject
    .split('\n')
    .find((line) => line.startsWith('CN='))
    ?.slice('CN='.length);
  if (name === undefined || !SERIAL_NUMBER.test(name)) {
    throw new IdentityRefused(`${path}: the common name is no serial number`);
  }
  return name;
}
