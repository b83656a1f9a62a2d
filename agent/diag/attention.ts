/**
 * What a person should look at, most urgent first, in English and Chinese; nothing when all is well.
 */
import type { EventLosses } from '../model/sag-event.ts';
import type { AgentSnapshot, SafeModeSnapshot } from '../model/snapshot.ts';
import { NEVER_FORWARDS } from '../model/uplink.ts';
import {
  CHINESE_TUNNEL_STATES,
  chineseDocumentInForce,
  chineseDownReason,
  chineseSetAside,
} from '../report/chinese/chinese-words.ts';
import { duration } from '../report/render-duration.ts';
import { counted } from '../report/render-sentences.ts';
import { documentInForce, setAsideWords } from '../report/render-state-note.ts';
import { downReason } from '../report/render-uplink-note.ts';
import { type Text, text } from './check/finding.ts';
import { healthTexts } from './health.ts';
import { nameTexts } from './name-blocks.ts';
import { endToEndWords } from './reach-blocks.ts';

/** A fast path that has not spoken for longer is worth a look: it answers a snapshot in milliseconds. */
const FAST_PATH_SILENCE_MAX_MS = 3_000;

/** In English alone, as terminals and programs read it. */
export function attentionOf(snapshot: AgentSnapshot): readonly string[] {
  return attentionTexts(snapshot).map(({ en }) => en);
}

export function attentionTexts(snapshot: AgentSnapshot): readonly Text[] {
  const { board, control, data } = healthTexts(snapshot);
  const { outbox, desired, nowMs } = snapshot;
  const found: Text[] = [...safeModeTexts(desired.safeMode, nowMs)];
  const name = ({ en, zh }: Text, because: Text): void => {
    found.push(text(`${en}: ${because.en}.`, `${zh}：${because.zh}。`));
  };
  if (data.state === 'Abnormal') name(text('User traffic', '用户流量'), data.because);
  if (control.state === 'Abnormal') name(text('Control channel', '控制通道'), control.because);
  found.push(...nameTexts(snapshot.gatewayNames), ...reachTexts(snapshot));
  if (board.state === 'Abnormal') name(text('Board', '主板'), board.because);
  found.push(...wanTexts(snapshot), ...pathTexts(snapshot), ...desiredTexts(snapshot));
  if (outbox.dropped > 0) found.push(lossesText(outbox.dropped, outbox.losses));
  const silentMs = nowMs - snapshot.fastPath.nowMs;
  if (silentMs > FAST_PATH_SILENCE_MAX_MS) {
    found.push(
      text(
        `The fast path has not answered for ${duration(silentMs)}; what is shown of it is old.`,
        `快速通道已 ${duration(silentMs)} 未应答；所示内容已过时。`,
      ),
    );
  }
  return found;
}

function safeModeTexts(safe: SafeModeSnapshot | undefined, nowMs: number): readonly Text[] {
  if (safe === undefined) return [];
  const { mode, crashes, setAside, untilMs = nowMs } = safe;
  const left = duration(untilMs - nowMs);
  return [
    text(
      `Safe mode after ${counted(crashes, 'crash', 'crashes')} in a row: ${documentInForce(mode)}, ${setAsideWords(setAside)} set aside; it starts anew in ${left}.`,
      `连续崩溃 ${crashes} 次后处于安全模式：${chineseDocumentInForce(mode)}，已搁置 ${chineseSetAside(setAside)}；${left} 后重新启动。`,
    ),
  ];
}

function reachTexts({ endToEnd, healthChecks = [] }: AgentSnapshot): readonly Text[] {
  const { state, because } = endToEndWords(endToEnd);
  const failed = healthChecks.filter(({ status }) => status === 'failed');
  return [
    ...(state === 'Abnormal' ? [text(`End to end: ${because}.`, `端到端：${because}。`)] : []),
    ...failed.map(({ id, destination, round }) =>
      text(
        `Health check ${id}: ${destination} fails, ${round?.because ?? 'answers too late'}.`,
        `健康检查 ${id}：${destination} 失败，${round?.because ?? '应答过迟'}。`,
      ),
    ),
  ];
}

/** What was set at the box and is not settled: whoever set it may have gone, and the cloud's people look here. */
function wanTexts({ wan, nowMs }: AgentSnapshot): readonly Text[] {
  if (wan === undefined) return [];
  const { uplinks, trial } = wan;
  const troubled = uplinks.flatMap(({ uplink, trouble }) =>
    trouble === undefined
      ? []
      : [text(`${uplink} is given no address: ${trouble}.`, `${uplink} 未获得地址：${trouble}。`)],
  );
  if (trial === undefined) return troubled;
  const { uplink, untilMs, lacks } = trial;
  const left = duration(untilMs - nowMs);
  return [
    text(
      `The address of ${uplink} was set at the box and is undone in ${left} unless it is kept: ${lacks}.`,
      `${uplink} 的地址已在设备上修改，若未确认保留，${left} 后撤销：${lacks}。`,
    ),
    ...troubled,
  ];
}

function pathTexts({ fastPath }: AgentSnapshot): readonly Text[] {
  const { active, tunnels, uplinks } = fastPath;
  return [
    ...uplinks.flatMap(({ id, use, priority, verdict }) => {
      if (verdict.state === 'up' || use !== 'data' || priority === NEVER_FORWARDS) return [];
      const { reason } = verdict;
      const [en, zh] = [downReason(reason), chineseDownReason(reason)];
      return [text(`Uplink ${id} is down: ${en}.`, `上行链路 ${id} 已断开：${zh}。`)];
    }),
    ...tunnels.flatMap(({ id, state }) =>
      state === 'up' || id === active
        ? []
        : [
            text(
              `Tunnel ${id} is ${state}; it could not take over.`,
              `隧道 ${id} ${CHINESE_TUNNEL_STATES[state]}，无法接替。`,
            ),
          ],
    ),
  ];
}

function desiredTexts({ desired }: AgentSnapshot): readonly Text[] {
  const { refused, rules = [] } = desired;
  const found: Text[] = [];
  if (refused !== undefined) {
    const { revision, code, pointer } = refused;
    found.push(
      text(
        `Desired revision ${revision} was refused: ${code} at ${pointer || 'its root'}.`,
        `期望配置修订 ${revision} 被拒绝：${code}，位于 ${pointer || '根'}。`,
      ),
    );
  }
  for (const { kind, id, state, code } of rules) {
    if (state !== 'error') continue;
    found.push(
      text(
        `The rule ${kind}/${id} is not applied: ${code}.`,
        `规则 ${kind}/${id} 未生效：${code}。`,
      ),
    );
  }
  return found;
}

const LOSSES: Readonly<Record<keyof EventLosses, Text>> = {
  full: text('no room', '空间不足'),
  expired: text('too old', '过期'),
  refused: text('refused by the gateway', '被网关拒绝'),
  unreadable: text('damaged on the disk', '磁盘上已损坏'),
};

function lossesText(dropped: number, losses: EventLosses): Text {
  const counts = (Object.keys(LOSSES) as (keyof EventLosses)[]).filter((why) => losses[why] > 0);
  const en = counts.map((why) => `${losses[why]} ${LOSSES[why].en}`).join(', ');
  const zh = counts.map((why) => `${losses[why]} 条${LOSSES[why].zh}`).join('，');
  return text(`${dropped} events were never told: ${en}.`, `${dropped} 条事件从未上报：${zh}。`);
}
