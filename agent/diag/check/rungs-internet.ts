/**
 * The middle rungs: names, the clock, the Internet, TLS to the access gateways, registration and a message to
 * ourselves.
 */
import { duration } from '../../report/render-duration.ts';
import { utcMinute } from '../../report/render-utc.ts';
import type { Answer, CheckFacts } from './facts.ts';
import {
  degraded,
  eitherOf,
  failed,
  type Judgement,
  passed,
  type Text,
  text,
  unknown,
} from './finding.ts';
import { dataUplinks, endsAt } from './uplink-path.ts';

/** More loss than this on the way to the Internet is felt. */
const LOSS_PERCENT_MAX = 5;
const NO_UPLINK = text('No uplink gets as far as this', '没有链路到达此步');

export function namesRung(facts: CheckFacts): Judgement {
  const parts = standing(facts, (id) => {
    const answer = facts.probes.names[id];
    if (answer === undefined)
      return unknown(text(`${id}: no name server is known`, `${id}：未配置 DNS 服务器`));
    if (answer.ok) {
      const ms = answer.afterMs.toFixed(0);
      return passed(
        text(`${id}: ${answer.name} resolves in ${ms} ms`, `${id}：解析 ${answer.name} ${ms} 毫秒`),
      );
    }
    return failed(
      text(
        `${id}: ${answer.name} does not resolve (${answer.text})`,
        `${id}：无法解析 ${answer.name}（${answer.text}）`,
      ),
      text(
        'Check the name servers of this uplink in /etc/resolv.conf, and that UDP port 53 is open',
        '请检查 /etc/resolv.conf 中的 DNS 服务器，并确认 UDP 53 未被拦截',
      ),
    );
  });
  return eitherOf(parts, NO_UPLINK);
}

export function clockRung({ wallMs, clock }: CheckFacts): Judgement {
  const shown = utcMinute(wallMs);
  const act = text(
    'Set the time: timedatectl set-ntp true, or date -s; certificates cannot be judged before that',
    '请校准时间：timedatectl set-ntp true 或 date -s；在此之前无法验证证书',
  );
  if (wallMs < clock.floorMs) {
    return failed(
      text(
        `The clock says ${shown}, which lies before ${utcMinute(clock.floorMs)} (${clock.floorFrom})`,
        `系统时间 ${shown} 早于 ${utcMinute(clock.floorMs)}（${clock.floorFrom}）`,
      ),
      act,
    );
  }
  const { certificateEndsMs } = clock;
  if (certificateEndsMs !== undefined && wallMs > certificateEndsMs) {
    return failed(
      text(
        `The clock says ${shown}, after the end of this device's certificate (${utcMinute(certificateEndsMs)})`,
        `系统时间 ${shown} 晚于设备证书到期时间（${utcMinute(certificateEndsMs)}）`,
      ),
      act,
      text('If the time is right, renew the certificate', '若时间正确，请更新设备证书'),
    );
  }
  return passed(text(shown, shown));
}

export function internetRung(facts: CheckFacts): Judgement {
  const parts = standing(facts, (id) => {
    const answer = facts.probes.internet[id];
    if (answer === undefined || (!answer.ok && answer.code === 'ENOTOOL'))
      return unknown(text(`${id}: the Internet was not asked`, `${id}：未探测互联网`));
    const { target } = answer;
    const act = text(
      'The line to the ISP is up but leads nowhere: check the account of the line, or call the ISP',
      '线路已连接但无法上网：请检查宽带账户或联系运营商',
    );
    if (!answer.ok) {
      return failed(
        text(`${id}: ${target} ${answer.text}`, `${id}：${target} ${answer.text}`),
        act,
      );
    }
    const loss = answer.lossPercent ?? 0;
    const words = `${answer.afterMs.toFixed(1)} ms, ${loss.toFixed(0)} % loss`;
    const told = text(`${id}: ${target} ${words}`, `${id}：${target} ${words}`);
    return loss > LOSS_PERCENT_MAX ? degraded(told, act) : passed(told);
  });
  const judged = eitherOf(parts, NO_UPLINK);
  if (judged.outcome !== 'failed' || !gatewayReached(facts)) return judged;
  const note = text('The access gateway is reached all the same', '但仍可到达接入网关');
  return { ...judged, outcome: 'degraded', evidence: [...judged.evidence, note] };
}

/** A private line or a strict firewall leads to the gateway and nowhere else. */
function gatewayReached({ probes, agent }: CheckFacts): boolean {
  if (agent.answers && agent.snapshot.registration.state === 'registered') return true;
  return probes.tls.some(({ answer }) => answer.ok);
}

export function tlsRung(facts: CheckFacts): Judgement {
  const usable = new Set(standingUplinks(facts));
  const parts = facts.probes.tls
    .filter(({ uplink }) => usable.has(uplink))
    .map(({ gateway, uplink, answer }) => tlsOf(`${gateway} over ${uplink}`, answer));
  return eitherOf(parts, text('No access gateway was asked', '未探测接入网关'));
}

function tlsOf(path: string, answer: Answer): Judgement {
  if (answer.ok) {
    const ms = answer.afterMs.toFixed(0);
    return passed(text(`${path}: TLS in ${ms} ms`, `${path}：TLS 握手 ${ms} 毫秒`));
  }
  const { code } = answer;
  return failed(
    text(`${path}: ${code}: ${answer.text}`, `${path}：${code}：${answer.text}`),
    tlsAdvice(code),
  );
}

function tlsAdvice(code: string): Text {
  if (code.startsWith('ETLS_')) {
    return text(
      'Somebody else answers, or access.caFile is not the CA of this CCN: compare it with the console; a proxy that opens TLS must leave this port alone',
      '应答方证书不符：请核对 access.caFile 与控制台 CA；若存在 TLS 代理，请放行该端口',
    );
  }
  return text(
    "Let TCP to the gateway's port pass in the branch's and the ISP's firewall; check address and port in the configuration",
    '请在分支与运营商防火墙放行到网关端口的 TCP；并核对配置中的地址与端口',
  );
}

export function registrationRung({ agent }: CheckFacts): Judgement {
  if (!agent.answers)
    return unknown(text('The agent is not there to register', '代理未运行，无法注册'));
  const { registration, nowMs } = agent.snapshot;
  const { state, gateway = '', overUplink = '', sinceMs, lastError } = registration;
  const length = duration(nowMs - sinceMs);
  if (state === 'registered') {
    return passed(
      text(
        `Registered with ${gateway} over ${overUplink} for ${length}`,
        `已通过 ${overUplink} 注册到 ${gateway}，已持续 ${length}`,
      ),
    );
  }
  // The gateway took the connection; what it then did with our birth is the next rung's.
  if (isOfLife(lastError?.code))
    return passed(text(`The gateway took the connection`, '网关已接受连接'));
  const why = lastError === undefined ? '' : `: ${lastError.code} ${lastError.text}`;
  return failed(
    text(`Not registered for ${length}${why}`, `未注册，已持续 ${length}${why}`),
    registrationAdvice(lastError?.code ?? ''),
  );
}

function isOfLife(code: string | undefined): boolean {
  return code?.startsWith('ELIFE_') ?? false;
}

function registrationAdvice(code: string): Text {
  if (code.startsWith('EAREA_')) {
    return text(
      'This SAG was bought for another CCN area: name the gateways of its own area',
      '该 SAG 属于其他 CCN 区域：请配置所属区域的接入网关',
    );
  }
  if (code === 'ETLS_REFUSED' || code.startsWith('EMQTT_0x8')) {
    return text(
      'The gateway refuses this device: check in the console that its serial number is activated and its certificate not revoked',
      '网关拒绝本设备：请在控制台确认序列号已激活且证书未吊销',
    );
  }
  return text(
    'Look at `sagctl notes` for the attempts; the agent tries again by itself',
    '使用 sagctl notes 查看注册尝试记录；代理会自动重试',
  );
}

export function echoRung({ agent }: CheckFacts): Judgement {
  if (!agent.answers) return unknown(text('The agent is not there to publish', '代理未运行'));
  const { registration, outbox } = agent.snapshot;
  const { state, lastError } = registration;
  if (state !== 'registered') {
    if (!isOfLife(lastError?.code))
      return failed(text('Nothing can be published before registration', '注册完成前无法发布'));
    return failed(
      text(
        `Our own message did not come back: ${lastError?.text ?? ''}`,
        `未收到自身回传消息：${lastError?.text ?? ''}`,
      ),
      text(
        'The gateway takes connections and passes nothing on: tell the operator of the access gateway',
        '网关可连接但不转发消息：请联系接入网关运维',
      ),
    );
  }
  if (outbox.dropped > 0) {
    return degraded(
      text(`${outbox.dropped} events were dropped`, `已丢弃 ${outbox.dropped} 条事件`),
      text(
        'The box was away for too long; nothing can be done about these',
        '离线时间过长，无法恢复',
      ),
    );
  }
  return passed(
    text(
      `Our birth came back; ${outbox.pending} events wait`,
      `上线消息已回传；待发事件 ${outbox.pending} 条`,
    ),
  );
}

/** Uplinks that stand up to their next hop. */
export function standingUplinks(facts: CheckFacts): readonly string[] {
  return dataUplinks(facts).flatMap((uplink) =>
    endsAt(facts, uplink) === undefined ? [uplink.id] : [],
  );
}

function standing(facts: CheckFacts, judge: (uplink: string) => Judgement): readonly Judgement[] {
  return standingUplinks(facts).map(judge);
}
