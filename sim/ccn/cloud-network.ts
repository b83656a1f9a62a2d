/**
 * The cloud network of one account: SAG, CCN, CEN and VPC instances, and the rules that bind them.
 *
 * Every operation is accepted whole or refused with a code and a sentence; a refusal changes nothing.
 * `changes` counts accepted operations, so that whoever derives something knows when to derive it again.
 */
import { isCcnArea } from '../../agent/model/area.ts';
import { checkBindCen, checkBindSag, checkVpc } from './binding-rules.ts';
import { parseCidr } from './cidr.ts';
import type { CcnInstance, CenInstance, NetworkView, SagInstance, Vpc } from './nouns.ts';
import { done, doneWith, type Outcome, refused } from './outcome.ts';
import { type CcnPolicy, SEED_2018 } from './policy.ts';
import { type Reach, reach, reachableVpcs } from './reach.ts';

export interface CcnRequest {
  readonly id: string;
  readonly area?: string;
  readonly name?: string;
  readonly description?: string;
  readonly cidrBlock?: string;
}

export interface SagRequest {
  readonly serialNumber: string;
  readonly area?: string;
  readonly cidrs?: readonly string[];
}

/** Ids become topic levels and certificate names, so they hold nothing that means something there. */
const ID_SHAPE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export class CloudNetwork implements NetworkView {
  readonly policy: CcnPolicy;
  readonly #sags = new Map<string, SagInstance>();
  readonly #ccns = new Map<string, CcnInstance>();
  readonly #cens = new Map<string, CenInstance>();
  #changes = 0;

  constructor(policy: CcnPolicy = SEED_2018) {
    this.policy = policy;
  }

  get changes(): number {
    return this.#changes;
  }

  sag(serialNumber: string): SagInstance | undefined {
    return this.#sags.get(serialNumber);
  }

  ccn(id: string): CcnInstance | undefined {
    return this.#ccns.get(id);
  }

  cen(id: string): CenInstance | undefined {
    return this.#cens.get(id);
  }

  /** In the order they were bought; a SAG keeps its place. */
  sags(): readonly SagInstance[] {
    return [...this.#sags.values()];
  }

  ccns(): readonly CcnInstance[] {
    return [...this.#ccns.values()];
  }

  cens(): readonly CenInstance[] {
    return [...this.#cens.values()];
  }

  sagsOf(ccnId: string): readonly SagInstance[] {
    return this.sags().filter((sag) => sag.ccnId === ccnId);
  }

  ccnsOf(cenId: string): readonly CcnInstance[] {
    return this.ccns().filter((ccn) => ccn.cenId === cenId);
  }

  createSag(request: SagRequest): Outcome<SagInstance> {
    const { serialNumber, area, cidrs = [] } = request;
    const { policy } = this;
    if (!ID_SHAPE.test(serialNumber)) return invalidId('serial number', serialNumber);
    if (this.#sags.has(serialNumber)) return idInUse('SAG', serialNumber);
    if (this.#sags.size >= policy.sagsMax) {
      return refused('SAG.OverLimit', `An account holds at most ${policy.sagsMax} SAGs.`);
    }
    if (area === undefined || area === '') {
      return refused('AreaMissing', 'An area is mandatory when buying a SAG.');
    }
    if (!isCcnArea(area)) return refused('AreaUnknown', `${area} is not a CCN area.`);
    if (policy.sagAreas?.includes(area) === false) {
      return refused('SagNotSoldInArea', `SAG is not sold in ${area} (policy ${policy.era}).`);
    }
    if (cidrs.length > policy.cidrsPerSagMax) {
      return refused('SAG.CidrOverLimit', `A SAG has at most ${policy.cidrsPerSagMax} CIDRs.`);
    }
    const wrong = cidrs.find((cidr) => parseCidr(cidr) === undefined);
    if (wrong !== undefined) return refused('SAG.InvalidCidr', `${wrong} is not an IPv4 prefix.`);
    return this.#putSag({ serialNumber, area, cidrs });
  }

  createCcn(request: CcnRequest): Outcome<CcnInstance> {
    const { id, area, name, description = '' } = request;
    const { policy } = this;
    const cidrBlock = request.cidrBlock ?? policy.ccnCidrDefault;
    if (!ID_SHAPE.test(id)) return invalidId('CCN id', id);
    if (this.#ccns.has(id)) return idInUse('CCN', id);
    if (this.#ccns.size >= policy.ccnsMax) {
      return refused('CCN.OverLimit', `An account holds at most ${policy.ccnsMax} CCNs.`);
    }
    if (area === undefined || area === '') {
      return refused('AreaMissing', 'An area is mandatory when creating a CCN instance.');
    }
    if (!isCcnArea(area)) return refused('AreaUnknown', `${area} is not a CCN area.`);
    if (name === undefined || name.trim() === '') {
      return refused('NameMissing', 'A name is mandatory when creating a CCN instance.');
    }
    const cidr = parseCidr(cidrBlock);
    const { ccnPrefixLengthMin: shortest, ccnPrefixLengthMax: longest } = policy;
    if (cidr === undefined || cidr.prefixLength < shortest || cidr.prefixLength > longest) {
      return refused(
        'CCN.InvalidCidr',
        `${cidrBlock} is not an IPv4 prefix between /${shortest} and /${longest}.`,
      );
    }
    return this.#putCcn({ id, name, description, area, cidrBlock });
  }

  createCen(request: { readonly id: string; readonly name?: string }): Outcome<CenInstance> {
    const { id, name = id } = request;
    if (!ID_SHAPE.test(id)) return invalidId('CEN id', id);
    if (this.#cens.has(id)) return idInUse('CEN', id);
    return this.#putCen({ id, name, vpcs: [] });
  }

  /** Attaches a VPC to a CEN. Regions of any area may join: a CEN spans the world, a CCN does not. */
  attachVpc(cenId: string, vpc: Vpc): Outcome<CenInstance> {
    const cen = this.#cens.get(cenId);
    if (cen === undefined) return notFound('CEN', cenId);
    const wrong = checkVpc(this, cen, vpc);
    return wrong ?? this.#putCen({ ...cen, vpcs: [...cen.vpcs, vpc] });
  }

  bindSag(serialNumber: string, ccnId: string): Outcome {
    const sag = this.#sags.get(serialNumber);
    const ccn = this.#ccns.get(ccnId);
    if (sag === undefined) return notFound('SAG', serialNumber);
    if (ccn === undefined) return notFound('CCN', ccnId);
    const wrong = checkBindSag(this, sag, ccn);
    if (wrong !== undefined) return wrong;
    this.#putSag({ ...sag, ccnId });
    return done();
  }

  unbindSag(serialNumber: string): Outcome {
    const sag = this.#sags.get(serialNumber);
    if (sag === undefined) return notFound('SAG', serialNumber);
    const { ccnId, ...unbound } = sag;
    if (ccnId === undefined)
      return refused('NotBoundCCN', `SAG ${serialNumber} is bound to no CCN.`);
    this.#putSag(unbound);
    return done();
  }

  bindCen(ccnId: string, cenId: string): Outcome {
    const ccn = this.#ccns.get(ccnId);
    const cen = this.#cens.get(cenId);
    if (ccn === undefined) return notFound('CCN', ccnId);
    if (cen === undefined) return notFound('CEN', cenId);
    const wrong = checkBindCen(this, ccn, cen);
    if (wrong !== undefined) return wrong;
    this.#putCcn({ ...ccn, cenId });
    return done();
  }

  unbindCen(ccnId: string): Outcome {
    const ccn = this.#ccns.get(ccnId);
    if (ccn === undefined) return notFound('CCN', ccnId);
    const { cenId, ...unbound } = ccn;
    if (cenId === undefined) return refused('NotBoundCEN', `CCN ${ccnId} is bound to no CEN.`);
    this.#putCcn(unbound);
    return done();
  }

  /** A CCN still bound to a CEN or to SAGs cannot be deleted. */
  deleteCcn(id: string): Outcome {
    const ccn = this.#ccns.get(id);
    if (ccn === undefined) return notFound('CCN', id);
    if (ccn.cenId !== undefined) return refused('InUse', `CCN ${id} is still bound to a CEN.`);
    if (this.sagsOf(id).length > 0) return refused('InUse', `CCN ${id} still has SAGs.`);
    this.#ccns.delete(id);
    this.#changes += 1;
    return done();
  }

  /** Whether the branch reaches `vpcCidr`, or the first missing link on the way there. */
  reach(serialNumber: string, vpcCidr: string): Reach {
    return reach(this, serialNumber, vpcCidr);
  }

  /** The prefixes the CCN publishes to this branch, sorted; empty while any link is missing. */
  publishedPrefixes(serialNumber: string): readonly string[] {
    return reachableVpcs(this, serialNumber)
      .map((vpc) => vpc.cidr)
      .sort();
  }

  #putSag(sag: SagInstance): Outcome<SagInstance> {
    this.#sags.set(sag.serialNumber, sag);
    this.#changes += 1;
    return doneWith(sag);
  }

  #putCcn(ccn: CcnInstance): Outcome<CcnInstance> {
    this.#ccns.set(ccn.id, ccn);
    this.#changes += 1;
    return doneWith(ccn);
  }

  #putCen(cen: CenInstance): Outcome<CenInstance> {
    this.#cens.set(cen.id, cen);
    this.#changes += 1;
    return doneWith(cen);
  }
}

function notFound(what: 'SAG' | 'CCN' | 'CEN', id: string) {
  const code = ({ SAG: 'SagNotFound', CCN: 'CcnNotFound', CEN: 'CenNotFound' } as const)[what];
  return refused(code, `There is no ${what} ${id}.`);
}

function idInUse(what: string, id: string) {
  return refused('IdInUse', `${what} ${id} exists already.`);
}

function invalidId(what: string, id: string) {
  const shown = JSON.stringify(id.slice(0, 64));
  return refused(
    'IdInvalid',
    `${shown} is not a valid ${what}: letters, digits, dot, dash, 1 to 64.`,
  );
}
