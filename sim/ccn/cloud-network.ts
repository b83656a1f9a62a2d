/**
 * The cloud network of one account: SAG, CCN, CEN and VPC instances, and the rules that bind them.
 *
 * Every operation is accepted whole or refused with a code and a sentence; a refusal changes nothing. Whoever keeps
 * the network elsewhere hears each change as it is accepted, as data.
 */

import { withConnection, withPlan } from './bandwidth-rules.ts';
import { checkBindCen, checkBindSag, checkVpc } from './binding-rules.ts';
import {
  type CcnRequest,
  checkId,
  idInUse,
  newCcn,
  newSag,
  type SagRequest,
} from './instance-rules.ts';
import type {
  CcnInstance,
  CenInstance,
  NetworkView,
  RegionConnection,
  SagInstance,
  Vpc,
} from './nouns.ts';
import { type SagOrder, withOrder } from './order-rules.ts';
import { done, doneWith, type Outcome, refused } from './outcome.ts';
import { type CcnPolicy, isEra, POLICIES, SEED_2018 } from './policy.ts';
import { type Reach, reach, reachableVpcs } from './reach.ts';

/** Everything there is, in the order it was made. */
export interface NetworkContent {
  readonly sags: readonly SagInstance[];
  readonly ccns: readonly CcnInstance[];
  readonly cens: readonly CenInstance[];
}

export type NetworkChange =
  | { readonly type: 'eraChosen'; readonly policy: CcnPolicy }
  | { readonly type: 'sagPut'; readonly sag: SagInstance }
  | { readonly type: 'ccnPut'; readonly ccn: CcnInstance }
  | { readonly type: 'ccnDeleted'; readonly id: string }
  | { readonly type: 'cenPut'; readonly cen: CenInstance };

export class CloudNetwork implements NetworkView {
  readonly #onChange: (change: NetworkChange) => void;
  readonly #sags = new Map<string, SagInstance>();
  readonly #ccns = new Map<string, CcnInstance>();
  readonly #cens = new Map<string, CenInstance>();
  #policy: CcnPolicy;

  constructor(
    policy: CcnPolicy = SEED_2018,
    onChange: (change: NetworkChange) => void = () => undefined,
  ) {
    this.#policy = policy;
    this.#onChange = onChange;
  }

  /** Becomes what was kept elsewhere; nobody is told. */
  restore(policy: CcnPolicy, { sags, ccns, cens }: NetworkContent): void {
    this.#policy = policy;
    for (const kept of [this.#sags, this.#ccns, this.#cens]) kept.clear();
    for (const sag of sags) this.#sags.set(sag.serialNumber, sag);
    for (const ccn of ccns) this.#ccns.set(ccn.id, ccn);
    for (const cen of cens) this.#cens.set(cen.id, cen);
  }

  get policy(): CcnPolicy {
    return this.#policy;
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

  /** The rules of another era, as long as nothing was made under those of this one. */
  chooseEra(era: string): Outcome<CcnPolicy> {
    if (!isEra(era)) {
      const eras = Object.keys(POLICIES).join(' and ');
      return refused('EraUnknown', `There is no policy ${era}; there are ${eras}.`);
    }
    const policy = POLICIES[era];
    const isEmpty = this.#sags.size + this.#ccns.size + this.#cens.size === 0;
    if (!isEmpty && policy.era !== this.#policy.era) {
      const sentence = `What exists was made under policy ${this.#policy.era}; only an empty network can change it.`;
      return refused('EraFixed', sentence);
    }
    this.#policy = policy;
    this.#onChange({ type: 'eraChosen', policy });
    return doneWith(policy);
  }

  createSag(request: SagRequest): Outcome<SagInstance> {
    const sag = newSag(this, request);
    return sag.ok ? this.#putSag(sag.value) : sag;
  }

  createCcn(request: CcnRequest): Outcome<CcnInstance> {
    const ccn = newCcn(this, request);
    return ccn.ok ? this.#putCcn(ccn.value) : ccn;
  }

  createCen(request: { readonly id: string; readonly name?: string }): Outcome<CenInstance> {
    const { id, name = id } = request;
    const wrong = checkId('CEN id', id) ?? (this.#cens.has(id) ? idInUse('CEN', id) : undefined);
    return wrong ?? this.#putCen({ id, name, vpcs: [], plans: [], connections: [] });
  }

  /** Attaches a VPC to a CEN. Regions of any area may join: a CEN spans the world, a CCN does not. */
  attachVpc(cenId: string, vpc: Vpc): Outcome<CenInstance> {
    const cen = this.#cens.get(cenId);
    if (cen === undefined) return notFound('CEN', cenId);
    const wrong = checkId('VPC id', vpc.id) ?? checkVpc(this, cen, vpc);
    return wrong ?? this.#putCen({ ...cen, vpcs: [...cen.vpcs, vpc] });
  }

  /** Buys bandwidth between two areas, or changes how much of it there is. */
  buyPlan(
    cenId: string,
    plan: { readonly areas: readonly [string, string]; readonly mbps: number },
  ): Outcome<CenInstance> {
    const cen = this.#cens.get(cenId);
    if (cen === undefined) return notFound('CEN', cenId);
    const changed = withPlan(this, cen, plan);
    return changed.ok ? this.#putCen(changed.value) : changed;
  }

  /** Gives a CCN bandwidth of a plan to one region; 0 takes it away. */
  connectRegion(cenId: string, connection: RegionConnection): Outcome<CenInstance> {
    const cen = this.#cens.get(cenId);
    if (cen === undefined) return notFound('CEN', cenId);
    const changed = withConnection(this, cen, connection);
    return changed.ok ? this.#putCen(changed.value) : changed;
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

  /** What the device itself shall do: the next document it gets says so. */
  orderSag(serialNumber: string, order: SagOrder): Outcome<SagInstance> {
    const sag = this.#sags.get(serialNumber);
    if (sag === undefined) return notFound('SAG', serialNumber);
    const orders = withOrder(this, sag, order);
    return orders.ok ? this.#putSag({ ...sag, orders: orders.value }) : orders;
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

  /** Bandwidth the CCN was given there goes back to its plan. */
  unbindCen(ccnId: string): Outcome {
    const ccn = this.#ccns.get(ccnId);
    if (ccn === undefined) return notFound('CCN', ccnId);
    const { cenId, ...unbound } = ccn;
    const cen = cenId === undefined ? undefined : this.#cens.get(cenId);
    if (cen === undefined) return refused('NotBoundCEN', `CCN ${ccnId} is bound to no CEN.`);
    this.#putCcn(unbound);
    const connections = cen.connections.filter((connection) => connection.ccnId !== ccnId);
    if (connections.length < cen.connections.length) this.#putCen({ ...cen, connections });
    return done();
  }

  /** A CCN still bound to a CEN or to SAGs cannot be deleted. */
  deleteCcn(id: string): Outcome {
    const ccn = this.#ccns.get(id);
    if (ccn === undefined) return notFound('CCN', id);
    if (ccn.cenId !== undefined) {
      return refused('AlreadyBound.CEN', `CCN ${id} is still bound to CEN ${ccn.cenId}.`);
    }
    const [sag] = this.sagsOf(id);
    if (sag !== undefined) {
      return refused('AlreadyBound.SMARTAG', `CCN ${id} still has SAG ${sag.serialNumber}.`);
    }
    this.#ccns.delete(id);
    this.#onChange({ type: 'ccnDeleted', id });
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
    this.#onChange({ type: 'sagPut', sag });
    return doneWith(sag);
  }

  #putCcn(ccn: CcnInstance): Outcome<CcnInstance> {
    this.#ccns.set(ccn.id, ccn);
    this.#onChange({ type: 'ccnPut', ccn });
    return doneWith(ccn);
  }

  #putCen(cen: CenInstance): Outcome<CenInstance> {
    this.#cens.set(cen.id, cen);
    this.#onChange({ type: 'cenPut', cen });
    return doneWith(cen);
  }
}

function notFound(what: 'SAG' | 'CCN' | 'CEN', id: string) {
  const code = ({ SAG: 'SagNotFound', CCN: 'CcnNotFound', CEN: 'CenNotFound' } as const)[what];
  return refused(code, `There is no ${what} ${id}.`);
}
