/**
 * A development certificate authority: the private CA of a simulated CCN, its gateways and its devices.
 *
 * Keys are P-256. A gateway's certificate carries its names and addresses for serverAuth, a device's its
 * serial number as CN for clientAuth. Every field a verifier looks at can be set wrong, for tests.
 */
import './certificates-reflect.ts';
import { randomBytes, webcrypto } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

export interface IssuedCertificate {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** When a certificate is valid, relative to now; the defaults suit a lab of some days. */
export interface Validity {
  readonly fromDays?: number;
  readonly untilDays?: number;
}

export interface GatewayRequest extends Validity {
  /** CN and first DNS name. */
  readonly name: string;
  readonly dnsNames?: readonly string[];
  readonly addresses?: readonly string[];
  /** `client` makes it wrong, for tests. */
  readonly usage?: 'server' | 'client';
}

export interface DeviceRequest extends Validity {
  readonly serialNumber: string;
  /** Names beside it, such as those of its IPsec tunnels. */
  readonly dnsNames?: readonly string[];
}

export interface Authority {
  readonly certificatePem: string;
  issueGateway(request: GatewayRequest): Promise<IssuedCertificate>;
  issueDevice(request: DeviceRequest): Promise<IssuedCertificate>;
  /** A device certificate for the key and the name of a PKCS #10 request that `readRequest` has accepted. */
  signDevice(requestPem: string, span?: Validity): Promise<string>;
  /** A device certificate as above, with what makes a device that pins `former` trust this authority too. */
  signFollower(requestPem: string, former: Authority, span?: Validity): Promise<string>;
  /** Certifies another authority's key: this one names its successor (RFC 4210, 4.4). */
  vouchFor(successorPem: string): Promise<string>;
  /** The revocation list in force from now on, PEM: these certificates are taken back. */
  revoke(certificatePems: readonly string[]): Promise<string>;
}

export interface WrittenCertificate {
  readonly certificateFile: string;
  readonly keyFile: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
/** One day back: a lab machine's clock may differ a little from the one that verifies. */
const FROM_DAYS = -1;
const UNTIL_DAYS = 30;
const AUTHORITY_DAYS = 3650;

/** Validity of a certificate that expired yesterday. */
export const EXPIRED: Validity = { fromDays: -30, untilDays: -1 };
/** Validity of a certificate that starts tomorrow. */
export const NOT_YET_VALID: Validity = { fromDays: 1, untilDays: 30 };

x509.cryptoProvider.set(webcrypto);

export async function createAuthority(name = 'CCN development CA'): Promise<Authority> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: nameOf(name),
    ...validity({ untilDays: AUTHORITY_DAYS }),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const issuer: Issuer = { subject: certificate.subjectName, keys };
  return {
    certificatePem: certificate.toString('pem'),
    issueGateway: (request) => issue(issuer, gatewaySubject(request), request),
    issueDevice: (request) => issue(issuer, deviceSubject(request), request),
    signDevice: (requestPem, span = {}) => signRequest(issuer, requestPem, span),
    signFollower: async (requestPem, former, span = {}) =>
      [
        await signRequest(issuer, requestPem, span),
        await former.vouchFor(certificate.toString('pem')),
        certificate.toString('pem'),
      ].join('\n'),
    vouchFor: (successorPem) => linkCertificate(issuer, successorPem),
    revoke: (certificatePems) => revocationList(issuer, certificatePems),
  };
}

/** Who asks, and for which key; undefined when the request is malformed or not signed by its own key. */
export async function readRequest(
  requestPem: string,
): Promise<{ readonly commonName: string; readonly publicKey: string } | undefined> {
  try {
    const request = new x509.Pkcs10CertificateRequest(requestPem);
    if (!(await request.verify())) return undefined;
    const [commonName = '', ...others] = request.subjectName.getField('CN');
    if (others.length > 0) return undefined;
    return { commonName, publicKey: request.publicKey.toString('base64') };
  } catch {
    return undefined;
  }
}

async function linkCertificate(issuer: Issuer, successorPem: string): Promise<string> {
  const successor = new x509.X509Certificate(successorPem);
  const link = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: successor.subjectName,
    issuer: issuer.subject,
    ...validity({ untilDays: AUTHORITY_DAYS }),
    signingAlgorithm: ALGORITHM,
    signingKey: issuer.keys.privateKey,
    publicKey: successor.publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  return link.toString('pem');
}

async function revocationList(issuer: Issuer, certificatePems: readonly string[]): Promise<string> {
  const list = await x509.X509CrlGenerator.create({
    issuer: issuer.subject,
    thisUpdate: new Date(),
    nextUpdate: new Date(Date.now() + UNTIL_DAYS * DAY_MS),
    entries: certificatePems.map((pem) => ({
      serialNumber: new x509.X509Certificate(pem).serialNumber,
    })),
    signingAlgorithm: ALGORITHM,
    signingKey: issuer.keys.privateKey,
  });
  // RFC 7468, section 6; the library has a label of its own.
  return x509.PemConverter.encode(list.rawData, 'X509 CRL');
}

async function signRequest(issuer: Issuer, requestPem: string, span: Validity): Promise<string> {
  const request = new x509.Pkcs10CertificateRequest(requestPem);
  const [serialNumber = ''] = request.subjectName.getField('CN');
  const subject = deviceSubject({ serialNumber });
  return certify(issuer, subject, span, issuer.keys.privateKey, request.publicKey);
}

/** A gateway certificate signed by nobody but itself. */
export function selfSignedGateway(request: GatewayRequest): Promise<IssuedCertificate> {
  return issue(undefined, gatewaySubject(request), request);
}

/** A device certificate signed by nobody but itself. */
export function selfSignedDevice(request: DeviceRequest): Promise<IssuedCertificate> {
  return issue(undefined, deviceSubject(request), request);
}

/** Writes `<base>.crt` and `<base>.key` (mode 0600) into a directory of mode 0700. */
export async function writeCertificate(
  directory: string,
  base: string,
  issued: IssuedCertificate,
): Promise<WrittenCertificate> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const certificateFile = join(directory, `${base}.crt`);
  const keyFile = join(directory, `${base}.key`);
  await writeFile(certificateFile, issued.certificatePem, { mode: 0o644 });
  await writeFile(keyFile, issued.keyPem, { mode: 0o600 });
  return { certificateFile, keyFile };
}

interface Issuer {
  readonly subject: x509.Name;
  readonly keys: webcrypto.CryptoKeyPair;
}

interface Subject {
  readonly name: string;
  readonly extensions: readonly x509.Extension[];
}

function gatewaySubject({
  name,
  dnsNames = [],
  addresses = [],
  usage = 'server',
}: GatewayRequest): Subject {
  const names = [
    ...[...new Set([name, ...dnsNames])].map((value) => ({ type: 'dns', value }) as const),
    ...addresses.map((value) => ({ type: 'ip', value }) as const),
  ];
  return {
    name,
    extensions: [
      new x509.ExtendedKeyUsageExtension([
        usage === 'server' ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth,
      ]),
      new x509.SubjectAlternativeNameExtension(names),
    ],
  };
}

function deviceSubject({ serialNumber, dnsNames = [] }: DeviceRequest): Subject {
  const names = dnsNames.map((value) => ({ type: 'dns', value }) as const);
  return {
    name: serialNumber,
    extensions: [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
    ],
  };
}

async function issue(
  issuer: Issuer | undefined,
  subject: Subject,
  span: Validity,
): Promise<IssuedCertificate> {
  const keys = await newKeys();
  const { privateKey } = issuer?.keys ?? keys;
  const certificatePem = await certify(issuer, subject, span, privateKey, keys.publicKey);
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { certificatePem, keyPem: x509.PemConverter.encode(key, 'PRIVATE KEY') };
}

async function certify(
  issuer: Issuer | undefined,
  { name, extensions }: Subject,
  span: Validity,
  signingKey: webcrypto.CryptoKey,
  publicKey: webcrypto.CryptoKey | x509.PublicKey,
): Promise<string> {
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: nameOf(name),
    issuer: issuer?.subject ?? nameOf(name),
    ...validity(span),
    signingAlgorithm: ALGORITHM,
    signingKey,
    publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      ...extensions,
    ],
  });
  return certificate.toString('pem');
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

/** A positive serial number: the first bit stays clear. */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

/** As a typed value, so that a comma, or a leading `#`, stays part of the name. */
function nameOf(commonName: string): x509.Name {
  return new x509.Name([{ CN: [{ utf8String: commonName }] }]);
}

function validity({ fromDays = FROM_DAYS, untilDays = UNTIL_DAYS }: Validity) {
  const nowMs = Date.now();
  return {
    notBefore: new Date(nowMs + fromDays * DAY_MS),
    notAfter: new Date(nowMs + untilDays * DAY_MS),
  };
}
