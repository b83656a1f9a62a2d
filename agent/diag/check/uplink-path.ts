/**
 * One uplink from its cable to its next hop: what each rung says of it, and at which rung it ends.
 *
 * Board and kernel are two witnesses; either may say that something is broken, and a silent board leaves the kernel.
 */
import { parsePrefix, prefixContains } from '../../../firmware-shim/kernel/prefix.ts';
import type { KernelLink } from '../../../firmware-shim/kernel/types.ts';
import type { BoardReport, LteSignal, PortCarrier } from '../../../firmware-shim/wire/messages.ts';
import { NEVER_FORWARDS, type Uplink } from '../../model/uplink.ts';
import { type CheckFacts, uplinksOf } from './facts.ts';
import { degraded, failed, type Judgement, passed, text, unknown } from './finding.ts';

export type UplinkRung = 'cable' | 'lte' | 'address' | 'nextHop';
const RUNGS: readonly UplinkRung[] = ['cable', 'lte', 'address', 'nextHop'];

/** Below this a modem holds its connection badly, and below the second hardly at all (inspection rule 6). */
export const LTE_GOOD_DBM = -85;
export const LTE_BAD_DBM = -100;

/** Neighbour states of the kernel (linux/neighbour.h): somebody asked and nobody answered. */
const NEIGHBOUR_DEAD = 0x01 | 0x10 | 0x20;

/** Uplinks that should carry user traffic; the others are nobody's ladder. */
export function dataUplinks(facts: CheckFacts): readonly Uplink[] {
  return uplinksOf(facts).filter(
    ({ use, priority }) => use === 'data' && priority !== NEVER_FORWARDS,
  );
}

/** The rung this uplink ends at; undefined when it stands up to its next hop, as far as anybody knows. */
export function endsAt(facts: CheckFacts, uplink: Uplink): UplinkRung | undefined {
  return RUNGS.find((rung) => uplinkRung(facts, uplink, rung)?.outcome === 'failed');
}

/** Undefined where the rung is not for this kind of uplink. */
export function uplinkRung(
  facts: CheckFacts,
  uplink: Uplink,
  rung: UplinkRung,
): Judgement | undefined {
  switch (rung) {
    case 'cable':
      return uplink.kind === 'lte' ? undefined : cable(facts, uplink);
    case 'lte':
      return uplink.kind === 'lte' ? lte(facts, uplink) : undefined;
    case 'address':
      return address(facts, uplink);
    case 'nextHop':
      return nextHop(facts, uplink);
  }
}

function reports({ agent }: CheckFacts): readonly BoardReport[] {
  return agent.answers && agent.snapshot.board.state === 'up' ? agent.snapshot.board.reports : [];
}

function linkOf({ kernel }: CheckFacts, { deviceName }: Uplink): KernelLink | undefined {
  return kernel?.links.find(({ name }) => name === deviceName);
}

function cable(facts: CheckFacts, uplink: Uplink): Judgement {
  const { id, port, deviceName } = uplink;
  const where = port === undefined ? deviceName : `port ${port} (${deviceName})`;
  const place = port === undefined ? deviceName : `端口 ${port}（${deviceName}）`;
  const board = reports(facts).find(
    (report): report is PortCarrier => report.kind === 'portCarrier' && report.port === port,
  );
  if (board?.carrier === false) {
    return failed(
      text(`${id}: the board sees no cable at ${where}`, `${id}：主板在${place}未检测到网线`),
      text(
        `Push the cable of ${where} in at both ends, then try another cable`,
        `请插紧${place}两端的网线，或更换网线`,
      ),
    );
  }
  if (facts.kernel === undefined)
    return unknown(text(`${id}: the kernel could not be asked`, `${id}：无法查询内核`));
  const link = linkOf(facts, uplink);
  if (link === undefined) {
    return failed(
      text(
        `${id}: kernel device ${deviceName} does not exist`,
        `${id}：内核设备 ${deviceName} 不存在`,
      ),
      text(
        `Correct deviceName of uplink ${id} in the configuration`,
        `请检查配置中上行链路 ${id} 的 deviceName`,
      ),
    );
  }
  if (!link.adminUp) {
    return failed(
      text(`${id}: ${deviceName} is switched off`, `${id}：${deviceName} 已被关闭`),
      text(
        `Switch it on: ip link set ${deviceName} up`,
        `请启用接口：ip link set ${deviceName} up`,
      ),
    );
  }
  if (!link.carrier) {
    return failed(
      text(`${id}: the kernel sees no carrier on ${deviceName}`, `${id}：${deviceName} 无载波`),
      text(
        `Push the cable in at both ends; look at the lamp of the modem or switch`,
        '请插紧两端网线，并查看光猫或交换机指示灯',
      ),
    );
  }
  const speed = board === undefined ? '' : `, ${board.speedMbps} Mbit/s ${board.duplex}`;
  return passed(text(`${id}: cable in ${where}${speed}`, `${id}：${place}网线已连接${speed}`));
}

function lte(facts: CheckFacts, uplink: Uplink): Judgement {
  const { id, deviceName } = uplink;
  const signal = reports(facts).find((report): report is LteSignal => report.kind === 'lteSignal');
  if (signal === undefined) {
    return unknown(
      text(`${id}: the board tells nothing of the modem`, `${id}：主板未上报 LTE 模块状态`),
    );
  }
  const act = text(
    'Move the antenna to a window, check that the SIM is seated and paid for',
    '请将天线移至窗边，确认 SIM 卡插好且未欠费',
  );
  if (!signal.present) return failed(text(`${id}: no modem`, `${id}：未检测到 LTE 模块`), act);
  if (!signal.simReady) return failed(text(`${id}: no usable SIM`, `${id}：SIM 卡不可用`), act);
  const level = signal.dBm === undefined ? signal.strength : `${signal.dBm} dBm`;
  if (!signal.registered) {
    return failed(
      text(
        `${id}: the modem is not registered with the mobile network (${level})`,
        `${id}：未注册到移动网络（${level}）`,
      ),
      act,
    );
  }
  const weak = signal.dBm === undefined ? signal.strength === 'Low' : signal.dBm < LTE_BAD_DBM;
  if (weak) return degraded(text(`${id}: weak signal, ${level}`, `${id}：信号弱，${level}`), act);
  return passed(
    text(`${id}: ${deviceName} registered, ${level}`, `${id}：${deviceName} 已注册，${level}`),
  );
}

function address(facts: CheckFacts, uplink: Uplink): Judgement {
  const { id, deviceName, gateway } = uplink;
  const link = linkOf(facts, uplink);
  if (facts.kernel === undefined || link === undefined)
    return unknown(text(`${id}: ${deviceName} is not known`, `${id}：未知设备 ${deviceName}`));
  const own = facts.kernel.addresses.filter(({ deviceIndex }) => deviceIndex === link.index);
  const usable = own.filter((each) => !/^(169\.254\.|fe[89ab])/i.test(each.address));
  const shown = usable.map((each) => `${each.address}/${each.prefixLength}`).join(', ');
  if (usable.length === 0) {
    return failed(
      text(`${id}: ${deviceName} has no address`, `${id}：${deviceName} 没有 IP 地址`),
      text(
        'Check DHCP or the static address of this uplink, and the VLAN of the cable',
        '请检查该链路的 DHCP 或静态地址，以及所在 VLAN',
      ),
    );
  }
  const hop = parsePrefix(gateway);
  const near = usable.some((each) => {
    const network = parsePrefix(`${each.address}/${each.prefixLength}`);
    return hop !== undefined && network !== undefined && prefixContains(network, hop);
  });
  if (!near && uplink.kind !== 'lte') {
    return failed(
      text(
        `${id}: ${deviceName} has ${shown}, which does not contain its next hop ${gateway}`,
        `${id}：${deviceName} 地址为 ${shown}，不包含网关 ${gateway}`,
      ),
      text(
        'The cable is in another network or VLAN than configured: correct the address or the patch',
        '网线接入了错误的网络或 VLAN：请更正地址或重新跳线',
      ),
    );
  }
  return passed(text(`${id}: ${shown}`, `${id}：${shown}`));
}

function nextHop(facts: CheckFacts, uplink: Uplink): Judgement {
  const { id, gateway } = uplink;
  const answer = facts.probes.nextHops[id];
  if (answer?.ok === true) {
    const ms = answer.afterMs.toFixed(1);
    return passed(
      text(`${id}: ${gateway} answered in ${ms} ms`, `${id}：${gateway} 响应 ${ms} 毫秒`),
    );
  }
  const neighbour = facts.kernel?.neighbours.find((each) => each.address === gateway);
  // Many gateways answer no ping; one that gave its hardware address lately is there.
  if (neighbour?.hardwareAddress !== undefined && (neighbour.state & NEIGHBOUR_DEAD) === 0) {
    return passed(
      text(
        `${id}: ${gateway} is at ${neighbour.hardwareAddress}, and answers no ping`,
        `${id}：${gateway} 位于 ${neighbour.hardwareAddress}，不响应 ping`,
      ),
    );
  }
  if (answer === undefined || answer.code === 'ENOTOOL') {
    return unknown(text(`${id}: ${gateway} was not asked`, `${id}：未探测 ${gateway}`));
  }
  return failed(
    text(
      `${id}: the next hop ${gateway} does not answer (${answer.text})`,
      `${id}：网关 ${gateway} 无响应（${answer.text}）`,
    ),
    text(
      'Restart the ISP box behind this cable; if it stays, call the ISP',
      '请重启该线路的光猫或路由器；若仍无响应，请联系运营商',
    ),
  );
}
