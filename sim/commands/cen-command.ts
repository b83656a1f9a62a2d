/**
 * `sag-sim cen`: CEN instances, the VPCs attached to them, and bandwidth between areas.
 */
import { type Block, cell } from '../../agent/diag/text-table.ts';
import { mbpsUsed } from '../ccn/bandwidth-rules.ts';
import type { NetworkView } from '../ccn/nouns.ts';
import { said } from './ccn-command.ts';
import { type Answer, runConsole, type Screen, TERMINAL, type Verb } from './cloud-console.ts';

const VERBS: Readonly<Record<string, Verb>> = {
  create: {
    words: ['CEN'],
    options: ['name'],
    tells: 'create a CEN instance',
    run: ({ words: [id = ''], options: { name } }, plane) => {
      const request = name === undefined ? { id } : { id, name };
      const made = plane().change((network) => network.createCen(request));
      return made.ok ? said(`CEN ${id} is created.`, { cen: made.value }) : made;
    },
  },
  'attach-vpc': {
    words: ['CEN', 'VPC'],
    options: ['region', 'cidr'],
    tells: 'attach a VPC of a region to a CEN',
    run: ({ words: [cen = '', id = ''], options: { region = '', cidr = '' } }, plane) => {
      const vpc = { id, regionId: region, cidr };
      const made = plane().change((network) => network.attachVpc(cen, vpc));
      const sentence = `VPC ${id} (${region}, ${cidr}) is attached to CEN ${cen}.`;
      return made.ok ? said(sentence, { vpc }) : made;
    },
  },
  list: {
    words: [],
    options: [],
    tells: 'the CEN instances with their VPCs, plans and connections',
    run: (_given, plane) => list(plane().network),
  },
  'buy-plan': {
    words: ['CEN', 'AREA', 'AREA'],
    options: ['mbps'],
    tells: 'buy bandwidth between two areas, or change it (era 2021)',
    run: ({ words: [cen = '', from = '', to = ''], options: { mbps } }, plane) => {
      const plan = { areas: [from, to] as const, mbps: Number(mbps) };
      const made = plane().change((network) => network.buyPlan(cen, plan));
      return made.ok ? said(`CEN ${cen} has ${mbps} Mbit/s between ${from} and ${to}.`) : made;
    },
  },
  connect: {
    words: ['CEN', 'CCN', 'REGION'],
    options: ['mbps'],
    tells: 'give a CCN bandwidth of a plan to reach a region; 0 takes it away (era 2021)',
    run: ({ words: [cen = '', ccnId = '', regionId = ''], options: { mbps } }, plane) => {
      const connection = { ccnId, regionId, mbps: Number(mbps) };
      const made = plane().change((network) => network.connectRegion(cen, connection));
      return made.ok ? said(`CCN ${ccnId} has ${mbps} Mbit/s to ${regionId}.`) : made;
    },
  },
};

export async function runCenCommand(
  argv: readonly string[],
  screen: Screen = TERMINAL,
): Promise<number> {
  return runConsole('cen', VERBS, argv, screen);
}

function list(network: NetworkView): Answer {
  const cens = network.cens().map((cen) => ({
    ...cen,
    plans: cen.plans.map((plan) => ({ ...plan, usedMbps: mbpsUsed(network, cen, plan.areas) })),
    ccns: network.ccnsOf(cen.id).map(({ id }) => id),
  }));
  const rows = cens.map((cen) =>
    [
      cen.id,
      cen.vpcs.map(({ id, regionId, cidr }) => `${id} (${regionId} ${cidr})`).join(', ') || 'none',
      cen.ccns.join(' ') || 'none',
      cen.plans
        .map(({ areas, mbps, usedMbps }) => `${areas.join(' - ')} ${usedMbps}/${mbps} Mbit/s`)
        .join(', ') || 'none',
    ].map((text) => cell(text)),
  );
  const head = ['CEN', 'VPCS', 'CCNS', 'BANDWIDTH'];
  const table: Block = { block: 'table', head, rows, none: 'There is no CEN instance.' };
  return { ok: true, value: { cens }, blocks: [table] };
}
