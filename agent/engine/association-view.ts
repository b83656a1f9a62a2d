/**
 * What `list-sas` tells of one connection, read into security associations.
 */
import type { EngineSecurity } from '../model/engine-status.ts';
import type { ViciSection } from './vici-message.ts';
import { numberAt, sectionAt, sectionsIn, textAt } from './vici-read.ts';

export interface IkeAssociation {
  readonly connection: string;
  readonly ikeId: number;
  readonly established: boolean;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly ageS: number;
  readonly cipher: string;
  readonly children: readonly ChildAssociation[];
}

export interface ChildAssociation {
  readonly name: string;
  readonly installed: boolean;
  readonly spiIn: string;
  readonly ageS: number;
  readonly cipher: string;
  readonly rxBytes: number;
  readonly txBytes: number;
  /** Since the last packet came in; undefined when none ever did. */
  readonly heardAgoS: number | undefined;
}

/** One `list-sa` event holds one IKE_SA under its connection's name. */
export function readAssociations(items: readonly ViciSection[]): readonly IkeAssociation[] {
  return items.flatMap((item) =>
    sectionsIn(item).map(({ name, section }) => readIke(name, section)),
  );
}

export function readIke(connection: string, section: ViciSection): IkeAssociation {
  return {
    connection,
    ikeId: numberAt(section, 'uniqueid') ?? 0,
    established: textAt(section, 'state') === 'ESTABLISHED',
    remoteAddress: textAt(section, 'remote-host') ?? '',
    remotePort: numberAt(section, 'remote-port') ?? 0,
    localAddress: textAt(section, 'local-host') ?? '',
    ageS: numberAt(section, 'established') ?? 0,
    cipher: cipherOf(section),
    children: sectionsIn(sectionAt(section, 'child-sas')).map((each) => readChild(each.section)),
  };
}

/** The one that carries traffic now: of several while one replaces another, the youngest with a CHILD_SA. */
export function carrying(associations: readonly IkeAssociation[]): IkeAssociation | undefined {
  return associations
    .filter((each) => each.established && youngestChild(each) !== undefined)
    .toSorted((a, b) => b.ikeId - a.ikeId)[0];
}

export function youngestChild(association: IkeAssociation): ChildAssociation | undefined {
  return association.children
    .filter((child) => child.installed)
    .toSorted((a, b) => a.ageS - b.ageS)[0];
}

export function securityOf(association: IkeAssociation): EngineSecurity | undefined {
  const child = youngestChild(association);
  if (child === undefined) return undefined;
  return {
    ikeId: association.ikeId,
    ikeAgeS: association.ageS,
    ikeCipher: association.cipher,
    childSpi: child.spiIn,
    childAgeS: child.ageS,
    childCipher: child.cipher,
  };
}

function readChild(section: ViciSection): ChildAssociation {
  return {
    name: textAt(section, 'name') ?? '',
    installed: textAt(section, 'state') === 'INSTALLED',
    spiIn: textAt(section, 'spi-in') ?? '',
    ageS: numberAt(section, 'install-time') ?? 0,
    cipher: cipherOf(section),
    rxBytes: numberAt(section, 'bytes-in') ?? 0,
    txBytes: numberAt(section, 'bytes-out') ?? 0,
    heardAgoS: numberAt(section, 'use-in'),
  };
}

/** `AES_GCM_16-256`, or `AES_CBC-128/HMAC_SHA2_256_128` where integrity stands apart. */
function cipherOf(section: ViciSection): string {
  const size = textAt(section, 'encr-keysize');
  const name = textAt(section, 'encr-alg') ?? '';
  const integrity = textAt(section, 'integ-alg');
  const cipher = size === undefined ? name : `${name}-${size}`;
  return integrity === undefined ? cipher : `${cipher}/${integrity}`;
}
