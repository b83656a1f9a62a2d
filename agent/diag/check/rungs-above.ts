/**
 * The upper rungs: tunnels and what fits through them, routes, the chain SAG → CCN → CEN → VPC, and the far end.
 */
import { ROUTE_PROTOCOL } from '../../../firmware-shim/kernel/types.ts';
import { duration } from '../../report/render-duration.ts';
import { type CheckFacts, type TunnelFacts, tunnelsOf, wantedOf } from './facts.ts';
import { degraded, eitherOf, failed, type Judgement, passed, text, unknown } from './finding.ts';

export function tunnelsRung(facts: CheckFacts): Judgement {
  const { agent } = facts;
  const tunnels = tunnelsOf(agent);
  if (tunnels.length === 0) return noTunnel(facts);
  const parts = agent.answers
    ? agent.snapshot.fastPath.tunnels.map(({ id, state, sinceMs, session }) => {
        const length = duration(agent.snapshot.fastPath.nowMs - sinceMs);
        if (state === 'up')
          return passed(text(`${id}: up for ${length}`, `${id}：已建立 ${length}`));
        const words = `${state} for ${length}, BFD ${session.state}/${session.remoteState}`;
        return failed(
          text(`${id}: ${words}`, `${id}：${words}`),
          text(
            `Let UDP to the hub of ${id} pass in every firewall on its way; \`sagctl why\` tells more`,
            `请在沿途防火墙放行 ${id} 的 UDP；sagctl why 可查看详情`,
          ),
        );
      })
    : tunnels.map((tunnel) => withoutAgent(facts, tunnel));
  return eitherOf(parts, text('No tunnel is planned', '没有规划隧道'));
}

/** Nothing to build is no broken tunnel: the chain or the registration says why. */
function noTunnel({ agent }: CheckFacts): Judgement {
  const { revision } = wantedOf(agent);
  if (revision === 0) {
    return failed(
      text('No gateway has said yet which tunnels are wanted', '网关尚未下发隧道配置'),
      text('Registration comes first', '请先完成注册'),
    );
  }
  return unknown(text('No tunnel is planned for this SAG', '该 SAG 没有规划隧道'));
}

/** Fail static: tunnels live without the agent, and answer pings if they do. */
function withoutAgent({ kernel, probes }: CheckFacts, tunnel: TunnelFacts): Judgement {
  const { id, deviceName } = tunnel;
  const small = probes.tunnels[id]?.small;
  if (small?.ok === true) {
    const ms = small.afterMs.toFixed(1);
    return passed(text(`${id}: far end answered in ${ms} ms`, `${id}：对端响应 ${ms} 毫秒`));
  }
  if (kernel === undefined) return unknown(text(`${id}: not known`, `${id}：未知`));
  const there = kernel.links.some(({ name }) => name === deviceName);
  return failed(
    there
      ? text(`${id}: the far end does not answer`, `${id}：对端无响应`)
      : text(`${id}: device ${deviceName} does not exist`, `${id}：设备 ${deviceName} 不存在`),
    text('Start the agent: it builds its tunnels anew', '请启动代理，隧道会自动重建'),
  );
}

export function mtuRung(facts: CheckFacts): Judgement {
  const parts = tunnelsOf(facts.agent).flatMap(({ id, mtu }) => {
    const { small, large } = facts.probes.tunnels[id] ?? {};
    if (small?.ok !== true || large === undefined) return [];
    const size = mtu === undefined ? '' : ` of ${mtu} bytes`;
    if (large.ok) return [passed(text(`${id}: packets${size} pass`, `${id}：大包可通过${size}`))];
    return [
      degraded(
        text(
          `${id}: small packets pass, packets${size} vanish`,
          `${id}：小包可通过，大包${size}丢失`,
        ),
        text(
          `Something on the way of ${id} has a smaller MTU and tells nobody: ask the ISP, or let ICMP "too big" pass; TCP is clamped meanwhile`,
          `${id} 路径上存在更小的 MTU 且未告知：请联系运营商或放行 ICMP；TCP 已自动调整 MSS`,
        ),
      ),
    ];
  });
  const judged = eitherOf(parts, text('No tunnel could be tried', '没有可测试的隧道'));
  const whole = parts.every(({ outcome }) => outcome === 'degraded');
  return whole && parts.length > 0 ? { ...judged, outcome: 'failed' } : judged;
}

export function routesRung(facts: CheckFacts): Judgement {
  const { agent, kernel } = facts;
  const { prefixes } = wantedOf(agent);
  if (prefixes.length === 0)
    return unknown(text('No prefix is published to this branch', '没有发布到本分支的网段'));
  const ours = kernel?.routes.filter(({ protocol }) => protocol === ROUTE_PROTOCOL) ?? [];
  const missing = prefixes.filter((prefix) => !ours.some((route) => route.destination === prefix));
  const refused = agent.answers ? (agent.snapshot.fastPath.routes.refused ?? []) : [];
  const lost = missing.filter((prefix) => !refused.some((each) => each.prefix === prefix));
  const act = text(
    'The agent puts a missing route back at once; if it stays away, `sagctl routes` and the log say what the kernel refused',
    '代理会立即补回缺失路由；若未恢复，请查看 sagctl routes 与日志',
  );
  if (kernel !== undefined && lost.length > 0) {
    const some = lost.slice(0, SHOWN_MAX).join(', ');
    return failed(
      text(
        `${lost.length} of ${prefixes.length} routes are missing: ${some}`,
        `缺失 ${lost.length}/${prefixes.length} 条路由：${some}`,
      ),
      act,
    );
  }
  if (agent.answers && !agent.snapshot.fastPath.routes.installed)
    return failed(text('The routes are not installed', '路由未安装'), act);
  if (leadsNowhere(facts))
    return failed(
      text(
        'All routes lead into the blackhole: no tunnel carries traffic',
        '所有路由指向黑洞：无可用隧道',
      ),
      act,
    );
  const [first] = refused;
  if (first !== undefined) {
    return degraded(
      text(
        `${refused.length} prefixes are refused, such as ${first.prefix}: ${first.because}`,
        `${refused.length} 个网段被拒绝，如 ${first.prefix}：${first.because}`,
      ),
      text(
        'Change the LAN prefixes or the CIDRs of the cloud, so that they no longer overlap',
        '请调整 LAN 网段或云端网段，避免重叠',
      ),
    );
  }
  if (kernel === undefined && !agent.answers) return unknown(text('Not known', '未知'));
  return passed(
    text(`${prefixes.length} prefixes are routed`, `已安装 ${prefixes.length} 个网段的路由`),
  );
}

/** As many prefixes as fit on a line. */
const SHOWN_MAX = 3;

function leadsNowhere({ kernel }: CheckFacts): boolean {
  const ours = kernel?.nexthops.filter(({ protocol }) => protocol === ROUTE_PROTOCOL) ?? [];
  const groups = ours.filter(({ group }) => group !== undefined);
  const holes = new Set(ours.filter(({ blackhole }) => blackhole === true).map(({ id }) => id));
  return (
    groups.length > 0 &&
    groups.every(({ group }) => group?.every((member) => holes.has(member.id)) ?? false)
  );
}

export function chainRung({ agent, instance }: CheckFacts): Judgement {
  const { revision, ccn, prefixes } = wantedOf(agent);
  if (revision === 0)
    return failed(
      text('No gateway has said yet what this SAG is bound to', '网关尚未下发绑定关系'),
      text('Registration comes first', '请先完成注册'),
    );
  if (ccn === undefined) {
    return failed(
      text('This SAG is bound to no CCN', '该 SAG 未绑定 CCN'),
      text(
        'Bind the SAG to a CCN instance of its area in the console',
        '请在控制台将 SAG 绑定到同区域 CCN',
      ),
    );
  }
  if (prefixes.length === 0) {
    return failed(
      text(
        `CCN ${ccn} publishes no prefix: it is bound to no CEN, or the CEN has no VPC of its area`,
        `CCN ${ccn} 未发布任何网段：未绑定 CEN，或 CEN 中没有同区域 VPC`,
      ),
      text(
        'Bind the CCN to a CEN in the console and grant it; a CEN of another area needs a cross-area bandwidth plan',
        '请在控制台将 CCN 绑定到 CEN 并授权；跨区域需购买带宽包',
      ),
    );
  }
  if (instance?.cenGrant === false) {
    return degraded(
      text(`CCN ${ccn} has no grant of the CEN`, `CCN ${ccn} 缺少 CEN 授权`),
      text('Grant it in the CEN console', '请在 CEN 控制台授权'),
    );
  }
  return passed(
    text(
      `SAG → CCN ${ccn} → CEN, ${prefixes.length} prefixes`,
      `SAG → CCN ${ccn} → CEN，${prefixes.length} 个网段`,
    ),
  );
}

export function reachRung({ probes }: CheckFacts): Judgement {
  const parts = probes.reach.map(({ target, answer }) => {
    if (answer.ok) {
      const ms = answer.afterMs.toFixed(1);
      return passed(text(`${target}: ${ms} ms`, `${target}：${ms} 毫秒`));
    }
    if (answer.code === 'ENOTOOL')
      return unknown(text(`${target}: not asked`, `${target}：未探测`));
    return failed(
      text(`${target}: ${answer.text}`, `${target}：${answer.text}`),
      text(
        `All rungs below stand, so look at ${target} itself: its firewall, security group and route back to the branch`,
        `下层均正常，请检查 ${target} 的防火墙、安全组与回程路由`,
      ),
    );
  });
  return eitherOf(
    parts,
    text('No host is named in diagnosis.endToEnd', '未配置 diagnosis.endToEnd 目标'),
  );
}
