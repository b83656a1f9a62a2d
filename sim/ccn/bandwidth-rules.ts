/**
 * Bandwidth between areas: what may be bought, and how it may be given to regions.
 *
 * The regions connected under a plan never have more than the plan (Cross-region access to VPC, 2021). An era
 * without plans refuses both.
 */
import { rowOf } from '../../agent/model/area.ts';
import { areaCoverage, isSamePair, pairOf } from './area-check.ts';
import { clashInCen } from './binding-rules.ts';
import type {
  AreaPair,
  BandwidthPlan,
  CenInstance,
  NetworkView,
  RegionConnection,
} from './nouns.ts';
import { doneWith, type Outcome, type Refusal, refused } from './outcome.ts';
import type { CcnPolicy } from './policy.ts';

/** No plan is sold beyond this. */
const MBPS_MAX = 10_000;

/** The CEN with the plan bought, or with its bandwidth changed. */
export function withPlan(
  network: NetworkView,
  cen: CenInstance,
  plan: { readonly areas: readonly [string, string]; readonly mbps: number },
): Outcome<CenInstance> {
  const wrong = checkPlans(network.policy) ?? checkMbps(plan.mbps, 1);
  if (wrong !== undefined) return wrong;
  const areas = areasOf(network.policy, plan.areas);
  if (!areas.ok) return areas;
  const bought: BandwidthPlan = { areas: areas.value, mbps: plan.mbps };
  const used = mbpsUsed(network, cen, bought.areas);
  if (used > plan.mbps) return exceeded(bought, used);
  const others = cen.plans.filter((other) => !isSamePair(other.areas, bought.areas));
  return doneWith({ ...cen, plans: [...others, bought] });
}

/** The CEN with the region connected; a bandwidth of 0 takes the connection away. */
export function withConnection(
  network: NetworkView,
  cen: CenInstance,
  wanted: RegionConnection,
): Outcome<CenInstance> {
  const { ccnId, regionId, mbps } = wanted;
  const { policy } = network;
  const ccn = network.ccn(ccnId);
  if (ccn === undefined) return refused('CcnNotFound', `There is no CCN ${ccnId}.`);
  const wrong = checkPlans(policy) ?? checkMbps(mbps, 0);
  if (wrong !== undefined) return wrong;
  if (ccn.cenId !== cen.id) {
    return refused('NotBoundCEN', `CCN ${ccnId} is not bound to CEN ${cen.id}.`);
  }
  const coverage = areaCoverage(policy, ccn.area, regionId);
  if (coverage.covered) {
    const sentence = `${coverage.region.name} is in CCN area ${ccn.area} and needs no bandwidth.`;
    return refused('RegionCovered', sentence);
  }
  const pair = pairOf(policy, ccn.area, regionId);
  const plan = pair && cen.plans.find(({ areas }) => isSamePair(areas, pair));
  if (plan === undefined) return refused(coverage.code, coverage.sentence);
  const others = cen.connections.filter(
    (other) => other.ccnId !== ccnId || other.regionId !== regionId,
  );
  const connected = { ...cen, connections: mbps === 0 ? others : [...others, wanted] };
  const used = mbpsUsed(network, connected, plan.areas);
  if (used > plan.mbps) return exceeded(plan, used);
  return clashInCen(network, connected) ?? doneWith(connected);
}

/** What the connections under the plan of this pair have together. */
export function mbpsUsed(network: NetworkView, cen: CenInstance, areas: AreaPair): number {
  const under = cen.connections.filter(({ ccnId, regionId }) => {
    const ccn = network.ccn(ccnId);
    const pair = ccn && pairOf(network.policy, ccn.area, regionId);
    return pair !== undefined && isSamePair(pair, areas);
  });
  return under.reduce((sum, { mbps }) => sum + mbps, 0);
}

function checkPlans(policy: CcnPolicy): Refusal | undefined {
  return policy.crossArea === 'bandwidth-plan'
    ? undefined
    : refused('CrossAreaNotSupported', `Policy ${policy.era} sells no bandwidth between areas.`);
}

function checkMbps(mbps: number, least: number): Refusal | undefined {
  return Number.isInteger(mbps) && mbps >= least && mbps <= MBPS_MAX
    ? undefined
    : refused('BandwidthInvalid', `Bandwidth is a whole number of Mbit/s up to ${MBPS_MAX}.`);
}

/** A plan may name CCN areas as well: what counts is the CEN area of each. */
function areasOf(policy: CcnPolicy, names: readonly [string, string]): Outcome<AreaPair> {
  const [from, to] = names.map((name) => {
    const row = rowOf(policy.areas, name) ?? policy.areas.find(({ cenArea }) => cenArea === name);
    return row?.cenArea;
  });
  if (from !== undefined && to !== undefined) return doneWith([from, to]);
  const unknown = from === undefined ? names[0] : names[1];
  return refused('AreaUnknown', `${unknown} is no area of ${policy.era}.`);
}

function exceeded({ areas, mbps }: BandwidthPlan, used: number): Refusal {
  const sentence = `The plan ${areas.join(' - ')} has ${mbps} Mbit/s; its regions would have ${used}.`;
  return refused('BandwidthPlanExceeded', sentence);
}
