/**
 * The fifteen items of SAG's quick diagnosis, in its three types, judged by the rungs of the ladder and by what is
 * only asked for here: the other ports, overlaps and the quality of tunnels and Internet.
 *
 * `eccConfigCheck` is the one item id that is published; the others are ours, formed like it.
 */
import { parsePrefix, prefixesOverlap } from '../../../firmware-shim/kernel/prefix.ts';
import type { PortCarrier, PortRole } from '../../../firmware-shim/wire/messages.ts';
import { type CheckFacts, uplinksOf, wantedOf } from './facts.ts';
import {
  allOf,
  degraded,
  eitherOf,
  failed,
  type Judgement,
  passed,
  type Text,
  text,
  unknown,
} from './finding.ts';
import { chainRung } from './rungs-above.ts';
import { internetRung, namesRung, registrationRung } from './rungs-internet.ts';
import { endsAt, uplinkRung } from './uplink-path.ts';

export type SagItemType = 'config' | 'biz' | 'internet';

export interface SagItemFinding extends Judgement {
  readonly id: string;
  readonly type: SagItemType;
  readonly title: Text;
}

/** Of the tunnel in use: worse is felt by people who speak or work over it. */
const VPN_LATENCY_MS_MAX = 150;
const VPN_LOSS_PERCENT_MAX = 1;
const EXPIRY_RED_DAYS = 0;
const EXPIRY_YELLOW_DAYS = 30;

type Item = readonly [
  id: string,
  type: SagItemType,
  en: string,
  zh: string,
  judge: (facts: CheckFacts) => Judgement,
];

const ITEMS: readonly Item[] = [
  ['lanConfigCheck', 'config', 'LAN port', 'LAN 口', (facts) => ports(facts, 'LAN')],
  ['wanConfigCheck', 'config', 'WAN port', 'WAN 口', (facts) => uplinks(facts, false)],
  ['mgtConfigCheck', 'config', 'Management port', '管理口', (facts) => ports(facts, 'MGT')],
  ['eccConfigCheck', 'config', 'Leased-line port', '专线口', (facts) => uplinks(facts, true)],
  ['portCidrConfigCheck', 'config', 'Port CIDRs', '端口网段', ownOverlap],
  ['neighborConfigCheck', 'config', 'OSPF/BGP neighbour', 'OSPF/BGP 邻居', () => notHere()],
  ['haConfigCheck', 'config', 'High availability', '高可用', highAvailability],
  [
    'controllerBizCheck',
    'biz',
    'Connection to the management centre',
    '与管控中心连接',
    registrationRung,
  ],
  ['onlineBizCheck', 'biz', 'Online', '在线状态', online],
  ['expireBizCheck', 'biz', 'Expiry', '到期状态', expiry],
  ['ccnBizCheck', 'biz', 'CCN', '云连接网', chainRung],
  ['cloudCidrBizCheck', 'biz', 'Cloud CIDRs', '云端网段', cloudOverlap],
  ['vpnBizCheck', 'biz', 'VPN', 'VPN 质量', vpn],
  ['internetCheck', 'internet', 'Internet', '互联网', internetRung],
  ['dnsCheck', 'internet', 'DNS', 'DNS', namesRung],
];

export function diagnoseItems(facts: CheckFacts): readonly SagItemFinding[] {
  return ITEMS.map(([id, type, en, zh, judge]) => ({
    id,
    type,
    title: text(en, zh),
    ...judge(facts),
  }));
}

function ports({ agent }: CheckFacts, role: PortRole): Judgement {
  const hello = agent.answers ? agent.snapshot.board.hello : undefined;
  if (!agent.answers || hello === undefined)
    return unknown(text('The board has not told its ports', '主板未上报端口'));
  const own = hello.ports.filter((port) => port.role === role);
  const parts = own.map(({ port }) => {
    const carrier = agent.snapshot.board.reports.find(
      (report): report is PortCarrier => report.kind === 'portCarrier' && report.port === port,
    );
    if (carrier === undefined)
      return unknown(text(`Port ${port}: not reported`, `端口 ${port}：未上报`));
    if (carrier.carrier)
      return passed(
        text(
          `Port ${port}: ${carrier.speedMbps} Mbit/s`,
          `端口 ${port}：${carrier.speedMbps} Mbit/s`,
        ),
      );
    return failed(
      text(`Port ${port}: no cable`, `端口 ${port}：未接网线`),
      text('Plug it in, if it is meant to be used', '如需使用请接入网线'),
    );
  });
  return eitherOf(parts, text('This box has no such port', '本设备没有该类端口'));
}

function uplinks(facts: CheckFacts, leased: boolean): Judgement {
  const own = uplinksOf(facts).filter(({ kind }) => (kind === 'leased-line') === leased);
  const parts = own.map((uplink) => {
    const end = endsAt(facts, uplink) ?? 'address';
    return uplinkRung(facts, uplink, end) ?? notHere();
  });
  return eitherOf(parts, text('This box has no such port', '本设备没有该类端口'));
}

/** The role the document gives; the other device is the cloud's to look at. */
function highAvailability({ agent }: CheckFacts): Judgement {
  const ha = agent.answers ? agent.snapshot.desired.ha : undefined;
  if (ha === undefined || ha.type === 'no_backup') return notHere();
  const words = `${ha.type}, ${ha.role}`;
  return passed(text(`This device: ${words}`, `本设备：${words}`));
}

function notHere(): Judgement {
  return unknown(text('Not used on this device', '本设备未启用'));
}

function ownOverlap({ config }: CheckFacts): Judgement {
  if (config === undefined) return unknown(text('The configuration is not known', '配置未知'));
  const clash = pairs(config.lanPrefixes).find(([a, b]) => overlap(a, b));
  if (clash === undefined) return passed(text('No overlap', '无重叠'));
  return failed(
    text(`${clash[0]} overlaps ${clash[1]}`, `${clash[0]} 与 ${clash[1]} 重叠`),
    text('Give each port a CIDR of its own', '请为各端口配置不重叠的网段'),
  );
}

function cloudOverlap({ config, agent }: CheckFacts): Judgement {
  if (config === undefined) return unknown(text('The configuration is not known', '配置未知'));
  const { prefixes } = wantedOf(agent);
  const clash = config.lanPrefixes
    .flatMap((lan) => prefixes.map((cloud) => [lan, cloud] as const))
    .find(([lan, cloud]) => !isDefault(cloud) && overlap(lan, cloud));
  if (clash === undefined) return passed(text('No overlap', '无重叠'));
  return failed(
    text(`LAN ${clash[0]} overlaps cloud ${clash[1]}`, `LAN ${clash[0]} 与云端 ${clash[1]} 重叠`),
    text('Change one of the two', '请修改其中之一'),
  );
}

function isDefault(prefix: string): boolean {
  return prefix.endsWith('/0');
}

function overlap(a: string, b: string): boolean {
  const [first, second] = [parsePrefix(a), parsePrefix(b)];
  return first !== undefined && second !== undefined && prefixesOverlap(first, second);
}

function pairs(items: readonly string[]): readonly (readonly [string, string])[] {
  return items.flatMap((a, at) => items.slice(at + 1).map((b) => [a, b] as const));
}

function online(facts: CheckFacts): Judgement {
  const { agent } = facts;
  const up = agent.answers && agent.snapshot.fastPath.active !== undefined;
  return up
    ? passed(text('User traffic has a tunnel', '业务流量有可用隧道'))
    : failed(
        text('No tunnel carries user traffic', '没有承载业务的隧道'),
        text('`sagctl check` names the first broken rung', '请执行 sagctl check 定位首个故障点'),
      );
}

function expiry({ instance }: CheckFacts): Judgement {
  const days = instance?.expiresInDays;
  if (days === undefined) return unknown(text('Only the cloud knows', '仅云端可知'));
  const told = text(`Expires in ${days} days`, `${days} 天后到期`);
  const act = text('Renew it in the console', '请在控制台续费');
  if (days <= EXPIRY_RED_DAYS) return failed(told, act);
  return days <= EXPIRY_YELLOW_DAYS ? degraded(told, act) : passed(told);
}

function vpn({ agent, probes }: CheckFacts): Judgement {
  const active = agent.answers
    ? agent.snapshot.fastPath.tunnels.find(({ id }) => id === agent.snapshot.fastPath.active)
    : undefined;
  if (active === undefined) return unknown(text('No tunnel is active', '没有活动隧道'));
  const { id, quality } = active;
  const small = probes.tunnels[id]?.small;
  const latencyMs = quality?.rtt?.p50Ms ?? (small?.ok === true ? small.afterMs : undefined);
  const loss = quality?.lossPercent ?? (small?.ok === true ? small.lossPercent : undefined);
  if (latencyMs === undefined)
    return unknown(text(`${id}: nothing measured yet`, `${id}：尚无测量数据`));
  const words = `${latencyMs.toFixed(1)} ms, ${(loss ?? 0).toFixed(1)} %`;
  const told = text(`${id}: latency and loss ${words}`, `${id}：时延与丢包 ${words}`);
  const bad = latencyMs > VPN_LATENCY_MS_MAX || (loss ?? 0) > VPN_LOSS_PERCENT_MAX;
  const act = text(
    'Compare with the Internet item: the ISP, or the way to the hub',
    '请与互联网项对比，判断运营商或到网关路径',
  );
  return allOf([bad ? degraded(told, act) : passed(told)]);
}
