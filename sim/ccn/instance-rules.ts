/**
 * What must hold before a SAG is bought or a CCN created: names, areas, quotas and addresses of their own.
 */
import { rowOf } from '../../agent/model/area.ts';
import { contains, parseCidr } from './cidr.ts';
import type { CcnInstance, NetworkView, SagInstance } from './nouns.ts';
import { doneWith, type Outcome, type Refusal, refused } from './outcome.ts';
import type { CcnPolicy } from './policy.ts';

export interface CcnRequest {
  readonly id: string;
  readonly area?: string;
  readonly name?: string;
  readonly description?: string;
  readonly cidrBlock?: string;
  readonly snatCidrBlock?: string;
}

export interface SagRequest {
  readonly serialNumber: string;
  readonly area?: string;
  readonly cidrs?: readonly string[];
}

/** Ids become topic levels and certificate names, so they hold nothing that means something there. */
const ID_SHAPE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export function newSag(network: NetworkView, request: SagRequest): Outcome<SagInstance> {
  const { serialNumber, cidrs = [] } = request;
  const { policy } = network;
  const wrongId = checkId('serial number', serialNumber);
  if (wrongId !== undefined) return wrongId;
  if (network.sag(serialNumber) !== undefined) {
    return refused('SAG.SnConflict', `SAG ${serialNumber} has been bought already.`);
  }
  if (network.sags().length >= policy.sagsMax) {
    return refused('SAG.OverLimit', `An account holds at most ${policy.sagsMax} SAGs.`);
  }
  const area = areaOf(policy, request.area, 'buying a SAG');
  if (!area.ok) return area;
  if (policy.sagAreas?.includes(area.value) === false) {
    return refused('SagNotSoldInArea', `SAG is not sold in ${area.value} (policy ${policy.era}).`);
  }
  const wrong = checkSagCidrs(policy, cidrs);
  return wrong ?? doneWith({ serialNumber, area: area.value, cidrs });
}

export function newCcn(network: NetworkView, request: CcnRequest): Outcome<CcnInstance> {
  const { id, name, description = '', snatCidrBlock } = request;
  const { policy } = network;
  const cidrBlock = request.cidrBlock ?? policy.ccnCidrDefault;
  const wrongId = checkId('CCN id', id);
  if (wrongId !== undefined) return wrongId;
  if (network.ccn(id) !== undefined) return idInUse('CCN', id);
  if (network.ccns().length >= policy.ccnsMax) {
    return refused('CCN.OverLimit', `An account holds at most ${policy.ccnsMax} CCNs.`);
  }
  const area = areaOf(policy, request.area, 'creating a CCN instance');
  if (!area.ok) return area;
  if (name === undefined || name.trim() === '') {
    return refused('NameMissing', 'A name is mandatory when creating a CCN instance.');
  }
  const wrong = checkCcnCidrs(policy, cidrBlock, snatCidrBlock);
  if (wrong !== undefined) return wrong;
  const snat = snatCidrBlock === undefined ? {} : { snatCidrBlock };
  return doneWith({ id, name, description, area: area.value, cidrBlock, ...snat });
}

export function checkId(what: string, id: string): Refusal | undefined {
  if (ID_SHAPE.test(id)) return undefined;
  const shown = JSON.stringify(id.slice(0, 64));
  const form = 'letters, digits, dot, dash, 1 to 64';
  return refused('IdInvalid', `${shown} is not a valid ${what}: ${form}.`);
}

export function idInUse(what: string, id: string): Refusal {
  return refused('IdInUse', `${what} ${id} exists already.`);
}

function areaOf(policy: CcnPolicy, area: string | undefined, when: string) {
  if (area === undefined || area === '') {
    return refused('AreaMissing', `An area is mandatory when ${when}.`);
  }
  const row = rowOf(policy.areas, area);
  return row === undefined
    ? refused('AreaUnknown', `${area} is not a CCN area of ${policy.era}.`)
    : doneWith(row.ccnArea);
}

function checkSagCidrs(policy: CcnPolicy, cidrs: readonly string[]): Refusal | undefined {
  const { ccnPrefixLengthMin: shortest, sagPrefixLengthMax: longest, cidrsPerSagMax } = policy;
  if (cidrs.length > cidrsPerSagMax) {
    return refused('SAG.CidrOverLimit', `A SAG has at most ${cidrsPerSagMax} CIDRs.`);
  }
  const wrong = cidrs.find((cidr) => !isWithin(cidr, shortest, longest));
  if (wrong === undefined) return undefined;
  const sentence = `${wrong} is not an IPv4 prefix between /${shortest} and /${longest}.`;
  return refused('SAG.InvalidCidr', sentence);
}

/** The SNAT CIDR lies inside the CCN's own. */
function checkCcnCidrs(
  policy: CcnPolicy,
  cidrBlock: string,
  snatCidrBlock: string | undefined,
): Refusal | undefined {
  const { ccnPrefixLengthMin: shortest, ccnPrefixLengthMax: longest } = policy;
  if (!isWithin(cidrBlock, shortest, longest)) {
    const sentence = `${cidrBlock} is not an IPv4 prefix between /${shortest} and /${longest}.`;
    return refused('CCN.InvalidCidr', sentence);
  }
  if (snatCidrBlock === undefined) return undefined;
  const outer = parseCidr(cidrBlock);
  const inner = parseCidr(snatCidrBlock);
  const { snatPrefixLengthMax: snatLongest } = policy;
  if (
    outer !== undefined &&
    inner !== undefined &&
    inner.prefixLength <= snatLongest &&
    contains(outer, inner)
  ) {
    return undefined;
  }
  const sentence = `The SNAT prefix ${snatCidrBlock} must be an IPv4 prefix inside ${cidrBlock}, at most /${snatLongest}.`;
  return refused('CCN.InvalidCidr', sentence);
}

function isWithin(text: string, shortest: number, longest: number): boolean {
  const cidr = parseCidr(text);
  return cidr !== undefined && cidr.prefixLength >= shortest && cidr.prefixLength <= longest;
}
