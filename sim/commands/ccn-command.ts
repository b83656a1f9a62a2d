/**
 * `sag-sim ccn`: CCN instances and what is bound to them, and the area table of an era.
 */
import { type Block, cell, line } from '../../agent/diag/text-table.ts';
import { rowOf } from '../../agent/model/area.ts';
import { areaCoverage } from '../ccn/area-check.ts';
import type { NetworkView } from '../ccn/nouns.ts';
import { type Refusal, refused } from '../ccn/outcome.ts';
import { type CcnPolicy, isEra, POLICIES } from '../ccn/policy.ts';
import {
  type Answer,
  type Given,
  runConsole,
  type Screen,
  TERMINAL,
  type Verb,
} from './cloud-console.ts';

const VERBS: Readonly<Record<string, Verb>> = {
  create: {
    words: ['CCN'],
    options: ['area', 'name', 'description', 'cidr', 'snat-cidr'],
    tells: 'create a CCN instance in an area',
    run: ({ words: [id = ''], options }, plane) => {
      const { area, name, description, cidr, 'snat-cidr': snat } = options;
      const request = {
        id,
        ...(area !== undefined && { area }),
        ...(name !== undefined && { name }),
        ...(description !== undefined && { description }),
        ...(cidr !== undefined && { cidrBlock: cidr }),
        ...(snat !== undefined && { snatCidrBlock: snat }),
      };
      const made = plane().change((network) => network.createCcn(request));
      if (!made.ok) return made;
      const { value: ccn } = made;
      return said(`CCN ${ccn.id} is created in ${ccn.area} with ${ccn.cidrBlock}.`, { ccn });
    },
  },
  list: {
    words: [],
    options: [],
    tells: 'the CCN instances, with the CEN and the SAGs bound to each',
    run: (_given, plane) => list(plane().network),
  },
  'bind-sag': {
    words: ['CCN', 'SERIAL'],
    options: [],
    tells: 'bind a SAG to a CCN of its own area',
    run: ({ words: [ccn = '', serial = ''] }, plane) => {
      const bound = plane().change((network) => network.bindSag(serial, ccn));
      return bound.ok ? said(`SAG ${serial} is bound to CCN ${ccn}.`) : bound;
    },
  },
  'bind-cen': {
    words: ['CCN', 'CEN'],
    options: [],
    tells: 'bind a CCN to the CEN that holds the VPCs to reach',
    run: ({ words: [ccn = '', cen = ''] }, plane) => {
      const bound = plane().change((network) => network.bindCen(ccn, cen));
      return bound.ok ? said(`CCN ${ccn} is bound to CEN ${cen}.`) : bound;
    },
  },
  unbind: {
    words: ['CCN'],
    options: ['sag'],
    tells: 'take a SAG from its CCN with --sag, or the CCN from its CEN without',
    run: unbind,
  },
  delete: {
    words: ['CCN'],
    options: [],
    tells: 'delete a CCN instance that nothing is bound to any more',
    run: ({ words: [ccn = ''] }, plane) => {
      const gone = plane().change((network) => network.deleteCcn(ccn));
      return gone.ok ? said(`CCN ${ccn} is deleted.`) : gone;
    },
  },
  era: {
    words: ['ERA'],
    options: [],
    tells: 'follow the rules of 2018-seed or of 2021; only while nothing exists',
    run: ({ words: [era = ''] }, plane) => {
      const chosen = plane().change((network) => network.chooseEra(era));
      return chosen.ok ? said(`The rules are those of ${era}.`, { era }) : chosen;
    },
  },
  areas: {
    words: [],
    options: ['era'],
    tells: 'the area table',
    run: (given) => withPolicy(given, areas),
  },
  check: {
    words: ['AREA', 'REGION'],
    options: ['era'],
    tells:
      'whether a CCN area reaches a region, such as: sag-sim ccn check "Mainland China" eu-central-1',
    run: (given) => withPolicy(given, (policy) => check(policy, given)),
  },
};

export async function runCcnCommand(
  argv: readonly string[],
  screen: Screen = TERMINAL,
): Promise<number> {
  return runConsole('ccn', VERBS, argv, screen);
}

/** An operation that was done, in one sentence. */
export function said(sentence: string, value: Answer['value'] = {}): Answer {
  return { ok: true, value, blocks: [line(sentence)] };
}

function unbind({ words: [ccn = ''], options: { sag } }: Given, plane: Parameters<Verb['run']>[1]) {
  if (sag === undefined) {
    const unbound = plane().change((network) => network.unbindCen(ccn));
    return unbound.ok ? said(`CCN ${ccn} is bound to no CEN now.`) : unbound;
  }
  const unbound = plane().change((network) =>
    network.sag(sag)?.ccnId === ccn || network.sag(sag) === undefined
      ? network.unbindSag(sag)
      : refused('NotBoundCCN', `SAG ${sag} is not bound to CCN ${ccn}.`),
  );
  return unbound.ok ? said(`SAG ${sag} is bound to no CCN now.`) : unbound;
}

/** Under the names of DescribeCloudConnectNetworks. */
function list(network: NetworkView): Answer {
  const ccns = network.ccns().map((ccn) => ({
    CcnId: ccn.id,
    Name: ccn.name,
    Description: ccn.description,
    Area: ccn.area,
    CidrBlock: ccn.cidrBlock,
    SnatCidrBlock: ccn.snatCidrBlock ?? '',
    AssociatedCenId: ccn.cenId ?? '',
    AssociatedCloudBoxCount: network.sagsOf(ccn.id).length,
    SmartAccessGateways: network.sagsOf(ccn.id).map(({ serialNumber }) => serialNumber),
  }));
  const rows = ccns.map((ccn) =>
    [
      ccn.CcnId,
      ccn.Area,
      ccn.CidrBlock,
      ccn.AssociatedCenId || 'not bound',
      ccn.SmartAccessGateways.join(' ') || 'none',
      ccn.Name,
    ].map((text) => cell(text)),
  );
  const head = ['CCN', 'AREA', 'CIDR', 'CEN', 'SAGS', 'NAME'];
  const table: Block = { block: 'table', head, rows, none: 'There is no CCN instance.' };
  return { ok: true, value: { era: network.policy.era, ccns }, blocks: [table] };
}

function areas(policy: CcnPolicy): Answer {
  const rows = policy.areas.map(({ ccnArea, cenArea, regions }) =>
    [ccnArea, cenArea, regions.map(({ id }) => id).join(' ')].map((text) => cell(text)),
  );
  const head = ['CCN AREA', 'CEN AREA', 'REGIONS'];
  const table: Block = { block: 'table', head, rows, none: 'There is no area.' };
  return { ok: true, value: { era: policy.era, areas: policy.areas }, blocks: [table] };
}

function check(policy: CcnPolicy, { words: [area = '', region = ''] }: Given): Answer | Refusal {
  const row = rowOf(policy.areas, area);
  if (row === undefined) {
    return refused('AreaUnknown', `${area} is not a CCN area of ${policy.era}.`);
  }
  const coverage = areaCoverage(policy, row.ccnArea, region);
  return coverage.covered
    ? said(`covered: ${coverage.region.name}`, { covered: true, region: coverage.region })
    : refused(coverage.code, coverage.sentence);
}

function withPolicy(
  { options: { era = '2018-seed' } }: Given,
  answer: (policy: CcnPolicy) => Answer | Refusal,
): Answer | Refusal {
  return isEra(era)
    ? answer(POLICIES[era])
    : refused('EraUnknown', `There is no policy ${era}; there are 2018-seed and 2021.`);
}
