/**
 * The ten inspection rules Alibaba applies to a SAG instance, with its thresholds: green, yellow or red each, and
 * one verdict over all.
 *
 * Some of them only the cloud can know (expiry, ACL, flow log); on a box that nobody told they are grey and count
 * for nothing.
 */
import type { LteSignal } from '../../../firmware-shim/wire/messages.ts';
import { type CheckFacts, tunnelsOf, uplinksOf, wantedOf } from './facts.ts';
import { type Text, text } from './finding.ts';
import { dataUplinks, LTE_BAD_DBM, LTE_GOOD_DBM } from './uplink-path.ts';

export type RuleColour = 'green' | 'yellow' | 'red' | 'grey';

export interface RuleFinding {
  readonly id: string;
  readonly title: Text;
  readonly colour: RuleColour;
  readonly evidence: Text;
}

export type Overall = 'HEALTHY' | 'MOSTLY HEALTHY' | 'ATTENTION NEEDED' | 'CRITICAL';

export interface Inspection {
  readonly overall: Overall;
  /** In the order of the rules. */
  readonly rules: readonly RuleFinding[];
  /** Ids of what is not green, in the order to mend it. */
  readonly fixOrder: readonly string[];
}

const EXPIRY_RED_DAYS = 7;
const EXPIRY_YELLOW_DAYS = 30;
const DROP_RED_PERCENT = 5;
const DROP_YELLOW_PERCENT = 1;
/** So many yellows need attention. */
const YELLOWS_MAX = 2;
const FIX_ORDER = ['online', 'tunnel', 'expiry', 'chain', 'routes', 'drops', 'lte'];

type Verdict = readonly [RuleColour, string, string];
type Rule = readonly [id: string, en: string, zh: string, (facts: CheckFacts) => Verdict];

const UNTOLD: Verdict = ['grey', 'only the cloud knows', '仅云端可知'];

const RULES: readonly Rule[] = [
  ['online', 'Online', '在线状态', online],
  ['tunnel', 'Tunnel', '隧道状态', tunnel],
  ['ha', 'High availability', '高可用', ha],
  ['expiry', 'Expiry', '到期时间', expiry],
  ['drops', 'Drop rate', '丢包率', drops],
  ['lte', '4G signal', '4G 信号', lte],
  ['chain', 'SAG, CCN, CEN chain', '云连接链路', chain],
  ['routes', 'Routes', '路由', routes],
  ['acl', 'ACL', '访问控制', acl],
  ['flowLog', 'Flow log', '流日志', flowLog],
];

export function inspect(facts: CheckFacts): Inspection {
  const rules = RULES.map(([id, en, zh, judge]): RuleFinding => {
    const [colour, evidenceEn, evidenceZh] = judge(facts);
    return { id, title: text(en, zh), colour, evidence: text(evidenceEn, evidenceZh) };
  });
  const ill = rules.filter(({ colour }) => colour === 'red' || colour === 'yellow');
  const rank = (id: string): number =>
    FIX_ORDER.includes(id) ? FIX_ORDER.indexOf(id) : FIX_ORDER.length;
  const fixOrder = ill.map(({ id }) => id).toSorted((a, b) => rank(a) - rank(b));
  return { overall: overallOf(ill), rules, fixOrder };
}

function overallOf(ill: readonly RuleFinding[]): Overall {
  if (ill.some(({ colour }) => colour === 'red')) return 'CRITICAL';
  if (ill.length > YELLOWS_MAX) return 'ATTENTION NEEDED';
  return ill.length > 0 ? 'MOSTLY HEALTHY' : 'HEALTHY';
}

function online({ agent, instance }: CheckFacts): Verdict {
  const status = instance?.status;
  if (status !== undefined) {
    const colour = status === 'Active' ? 'green' : status === 'Offline' ? 'red' : 'yellow';
    return [colour, status, status];
  }
  const registered = agent.answers && agent.snapshot.registration.state === 'registered';
  return registered
    ? ['green', 'registered with an access gateway', '已注册到接入网关']
    : ['red', 'not registered', '未注册'];
}

function tunnel({ agent }: CheckFacts): Verdict {
  const tunnels = tunnelsOf(agent);
  if (!agent.answers) return ['yellow', 'the agent is not there to say', '代理未运行，状态未知'];
  if (tunnels.length === 0) return ['yellow', 'no tunnel is planned', '没有规划隧道'];
  const { active } = agent.snapshot.fastPath;
  return active === undefined
    ? ['red', 'no tunnel carries traffic', '没有可用隧道']
    : ['green', `${active} carries the traffic`, `${active} 承载业务流量`];
}

function ha({ instance }: CheckFacts): Verdict {
  switch (instance?.ha) {
    case 'fine':
      return ['green', 'active, all links fine', '主用，链路正常'];
    case 'flapping':
      return ['yellow', 'roles are flapping', '主备频繁切换'];
    case 'standby-offline':
      return ['red', 'the standby is offline', '备用设备离线'];
    case undefined:
      return ['grey', 'no second device is known', '未配置备机'];
  }
}

function expiry({ instance }: CheckFacts): Verdict {
  const days = instance?.expiresInDays;
  if (days === undefined) return UNTOLD;
  const colour = days <= EXPIRY_RED_DAYS ? 'red' : days <= EXPIRY_YELLOW_DAYS ? 'yellow' : 'green';
  return [colour, `expires in ${days} days`, `${days} 天后到期`];
}

/** Of all packets of the uplinks since their devices were made. */
function drops(facts: CheckFacts): Verdict {
  const counted = uplinksOf(facts).flatMap(
    ({ deviceName }) => facts.kernel?.drops?.[deviceName] ?? [],
  );
  const packets = counted.reduce((sum, each) => sum + each.packets + each.drops, 0);
  if (packets === 0) return ['grey', 'no packet was counted', '无流量统计'];
  const percent = (100 * counted.reduce((sum, each) => sum + each.drops, 0)) / packets;
  const words = `${percent.toFixed(2)} %`;
  const colour =
    percent >= DROP_RED_PERCENT ? 'red' : percent >= DROP_YELLOW_PERCENT ? 'yellow' : 'green';
  return [colour, words, words];
}

function lte(facts: CheckFacts): Verdict {
  const { agent } = facts;
  const uplink = dataUplinks(facts).find(({ kind }) => kind === 'lte');
  if (uplink === undefined)
    return ['grey', 'no LTE uplink for user traffic', '没有用于业务的 LTE 链路'];
  const reports = agent.answers ? agent.snapshot.board.reports : [];
  const signal = reports.find((report): report is LteSignal => report.kind === 'lteSignal');
  const dBm = signal?.dBm;
  if (signal === undefined || dBm === undefined) return ['grey', 'no reading', '无信号读数'];
  const verdict = agent.answers
    ? agent.snapshot.fastPath.uplinks.find(({ id }) => id === uplink.id)?.verdict
    : undefined;
  const words = `${dBm} dBm, ${signal.strength}`;
  if (verdict?.state === 'down') return ['red', `${words}, no address`, `${words}，无 IP`];
  const colour = dBm < LTE_BAD_DBM ? 'red' : dBm < LTE_GOOD_DBM ? 'yellow' : 'green';
  return [colour, words, words];
}

function chain({ agent, instance }: CheckFacts): Verdict {
  const { ccn, prefixes } = wantedOf(agent);
  if (ccn === undefined) return ['red', 'bound to no CCN', '未绑定 CCN'];
  if (instance?.cenGrant === false || prefixes.length === 0)
    return ['yellow', `CCN ${ccn} without CEN, or no grant`, `CCN ${ccn} 未绑定 CEN 或未授权`];
  return ['green', `SAG, CCN ${ccn}, CEN`, `SAG、CCN ${ccn}、CEN`];
}

function routes({ agent }: CheckFacts): Verdict {
  const { prefixes } = wantedOf(agent);
  if (prefixes.length === 0) return ['red', 'none', '无路由'];
  const refused = agent.answers ? (agent.snapshot.fastPath.routes.refused ?? []) : [];
  return refused.length > 0
    ? [
        'yellow',
        `${refused.length} prefixes overlap the LAN`,
        `${refused.length} 个网段与 LAN 重叠`,
      ]
    : ['green', `${prefixes.length} prefixes, no overlap`, `${prefixes.length} 个网段，无重叠`];
}

function acl({ instance }: CheckFacts): Verdict {
  switch (instance?.acl) {
    case 'none':
      return ['green', 'no ACL', '无访问控制'];
    case 'whitelist':
      return ['green', 'a whitelist', '白名单'];
    case 'no-final-deny':
      return ['yellow', 'no final deny', '缺少末尾拒绝规则'];
    case 'deny-all':
      return ['red', 'denies all and allows nothing', '全部拒绝且无放行规则'];
    case undefined:
      return UNTOLD;
  }
}

function flowLog({ instance }: CheckFacts): Verdict {
  switch (instance?.flowLog) {
    case 'active':
      return ['green', 'active', '已启用'];
    case 'none':
      return ['yellow', 'none', '未启用'];
    case undefined:
      return UNTOLD;
  }
}
