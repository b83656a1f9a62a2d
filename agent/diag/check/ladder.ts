/**
 * The ladder: from this box to a host behind the CCN, each rung standing on those below it.
 *
 * A rung that cannot be well because a lower one is broken says so instead of adding a red line; one that is well
 * all the same is told as well, because a proof counts more than an assumption.
 */
import { type CheckFacts, type ProbeKind, wantedOf } from './facts.ts';
import type { Judgement, Text } from './finding.ts';
import { text } from './finding.ts';
import { chainRung, mtuRung, reachRung, routesRung, tunnelsRung } from './rungs-above.ts';
import { boardRung, boxRung, uplinkRungOf } from './rungs-below.ts';
import {
  clockRung,
  echoRung,
  internetRung,
  namesRung,
  registrationRung,
  tlsRung,
} from './rungs-internet.ts';

export type RungId =
  | 'box'
  | 'board'
  | 'cable'
  | 'lte'
  | 'address'
  | 'gateway'
  | 'dns'
  | 'clock'
  | 'internet'
  | 'tls'
  | 'registration'
  | 'publish'
  | 'tunnels'
  | 'mtu'
  | 'routes'
  | 'chain'
  | 'reach';

interface Rung {
  readonly id: RungId;
  readonly title: Text;
  /** Lower rungs that this one cannot do without. */
  readonly needs: (facts: CheckFacts) => readonly RungId[];
  readonly judge: (facts: CheckFacts) => Judgement;
}

export interface RungFinding extends Judgement {
  readonly id: RungId;
  readonly title: Text;
  readonly blockedBy?: RungId;
}

const RUNGS: readonly Rung[] = [
  rung('box', 'This box: agent and disk', '本机：代理与磁盘', boxRung),
  rung('board', 'Board', '主板', boardRung),
  rung('cable', 'Cables', '网线', uplinkRungOf('cable')),
  rung('lte', 'LTE', 'LTE', uplinkRungOf('lte')),
  rung('address', 'Addresses of the uplinks', '链路地址', uplinkRungOf('address'), 'cable', 'lte'),
  rung('gateway', 'Next hops of the uplinks', '链路网关', uplinkRungOf('nextHop'), 'address'),
  rung('dns', 'DNS', 'DNS', namesRung, 'gateway'),
  rung('clock', 'Clock', '时钟', clockRung),
  rung('internet', 'Internet', '互联网', internetRung, 'gateway'),
  {
    ...rung('tls', 'TLS to the access gateways', '到接入网关的 TLS', tlsRung),
    needs: (facts) => [
      'gateway',
      ...(namesFail(facts) ? (['dns'] as const) : []),
      'clock',
      'internet',
    ],
  },
  rung('registration', 'Registration', '注册', registrationRung, 'box', 'clock', 'tls'),
  rung('publish', 'A message to ourselves', '消息回传', echoRung, 'registration'),
  {
    ...rung('tunnels', 'Tunnels', '隧道', tunnelsRung),
    needs: (facts) => ['gateway', 'internet', ...untold(facts)],
  },
  rung('mtu', 'Path MTU of the tunnels', '隧道路径 MTU', mtuRung, 'tunnels'),
  rung('routes', 'Routes', '路由', routesRung, 'tunnels'),
  {
    ...rung('chain', 'SAG → CCN → CEN → VPC', 'SAG → CCN → CEN → VPC', chainRung),
    needs: untold,
  },
  rung('reach', 'End to end', '端到端连通', reachRung, 'tunnels', 'routes', 'chain'),
];

export const RUNG_IDS: readonly RungId[] = RUNGS.map(({ id }) => id);

/** What the probes of a rung bring; the other rungs need none. */
const PROBES_OF: Partial<Readonly<Record<RungId, ProbeKind>>> = {
  gateway: 'nextHops',
  dns: 'names',
  internet: 'internet',
  tls: 'tls',
  tunnels: 'tunnels',
  mtu: 'tunnels',
  reach: 'reach',
};

/** A ladder while its probes are under way: what is certain from below, and what is still to come. */
export interface LadderSoFar {
  readonly ladder: readonly RungFinding[];
  readonly toCome: readonly Pick<RungFinding, 'id' | 'title'>[];
}

/** Rung by rung: one whose own probes have ended waits for those below it. */
export function climbSoFar(facts: CheckFacts, ended: ReadonlySet<ProbeKind>): LadderSoFar {
  const next = RUNG_IDS.findIndex((id) => {
    const probes = PROBES_OF[id];
    return probes !== undefined && !ended.has(probes);
  });
  const count = next < 0 ? RUNGS.length : next;
  return {
    ladder: climb(facts).slice(0, count),
    toCome: RUNGS.slice(count).map(({ id, title }) => ({ id, title })),
  };
}

export function climb(facts: CheckFacts): readonly RungFinding[] {
  const findings = new Map<RungId, RungFinding>();
  for (const { id, title, needs, judge } of RUNGS) {
    const judgement = judge(facts);
    const open = judgement.outcome === 'failed' || judgement.outcome === 'unknown';
    const below = open ? brokenBelow(needs(facts), findings) : undefined;
    const finding: RungFinding =
      below === undefined
        ? { id, title, ...judgement }
        : { id, title, outcome: 'blocked', evidence: [], advice: [], blockedBy: below };
    findings.set(id, finding);
  }
  return [...findings.values()];
}

/** The rung to mend first: the lowest that is broken, before any that is only degraded. */
export function firstBroken(ladder: readonly RungFinding[]): RungFinding | undefined {
  return (
    ladder.find(({ outcome }) => outcome === 'failed') ??
    ladder.find(({ outcome }) => outcome === 'degraded')
  );
}

/** The lowest broken rung that the needed ones come down to. */
function brokenBelow(
  needs: readonly RungId[],
  findings: ReadonlyMap<RungId, RungFinding>,
): RungId | undefined {
  for (const need of needs) {
    const finding = findings.get(need);
    if (finding?.outcome === 'failed') return need;
    if (finding?.outcome === 'blocked') return finding.blockedBy;
  }
  return undefined;
}

/** Whether an access gateway is named and its name is what could not be had. */
function namesFail({ probes }: CheckFacts): boolean {
  return probes.tls.some(({ answer }) => !answer.ok && answer.code === 'EDNS');
}

/** Before the first word of a gateway everything above registration is open. */
function untold({ agent }: CheckFacts): readonly RungId[] {
  return wantedOf(agent).revision === 0 ? ['registration'] : [];
}

function rung(
  id: RungId,
  en: string,
  zh: string,
  judge: Rung['judge'],
  ...needs: readonly RungId[]
): Rung {
  return { id, title: text(en, zh), needs: () => needs, judge };
}
