/**
 * The wording of single lines of the page, in English and Chinese.
 */
import type { AgentSnapshot, TunnelSnapshot } from '../model/snapshot.ts';
import { CHINESE_TUNNEL_STATES, chineseDownReason } from '../report/chinese/chinese-words.ts';
import { chineseReason } from '../report/chinese/choice-words.ts';
import { duration, since } from '../report/render-duration.ts';
import { downReason } from '../report/render-uplink-note.ts';
import { type Text, text } from './check/finding.ts';
import { detectionTime, discardedWords, lastPacket } from './tunnels-view.ts';

type Verdict = AgentSnapshot['fastPath']['uplinks'][number]['verdict'];

export function subtitleText({ agent, desired, nowMs }: AgentSnapshot): Text {
  const { area, version, startedAtMs } = agent;
  const lived = since(startedAtMs, nowMs);
  return text(
    `${area} · ${desired.ccn ?? 'no CCN'} · agent ${version}, running for ${lived}`,
    `${area} · ${desired.ccn ?? '无 CCN'} · 代理 ${version}，已运行 ${lived}`,
  );
}

export function verdictText(verdict: Verdict, nowMs: number): Text {
  const length = since(verdict.sinceMs, nowMs);
  if (verdict.state === 'up') {
    return text(`${verdict.address}, for ${length}`, `${verdict.address}，已 ${length}`);
  }
  const { reason } = verdict;
  return text(`${downReason(reason)}, for ${length}`, `${chineseDownReason(reason)}，已 ${length}`);
}

export function lifeText(tunnel: TunnelSnapshot, nowMs: number): Text {
  const { uplink, gateway, state, sinceMs } = tunnel;
  const length = since(sinceMs, nowMs);
  return text(
    `${uplink} to ${gateway}, ${state} for ${length}`,
    `${uplink} 至 ${gateway}，${CHINESE_TUNNEL_STATES[state]} ${length}`,
  );
}

export function sessionText(tunnel: TunnelSnapshot): Text {
  const { state, remoteState, detectMs } = tunnel.session;
  return text(
    `BFD ${state}/${remoteState}, detection time ${detectionTime(tunnel)}`,
    `BFD ${state}/${remoteState}，检测时间 ${detectMs === 0 ? '未定' : duration(detectMs)}`,
  );
}

export function packetsText(tunnel: TunnelSnapshot): Text {
  const { rxPackets, txPackets, discarded, lastPacketAgoMs } = tunnel.session;
  const lost = discardedWords(discarded);
  const last = lastPacketAgoMs === undefined ? '尚无报文' : `最近 ${duration(lastPacketAgoMs)} 前`;
  return text(
    `last ${lastPacket(tunnel)}; ${rxPackets} in, ${txPackets} out, ${lost} discarded`,
    `${last}；收 ${rxPackets}，发 ${txPackets}，丢弃 ${lost}`,
  );
}

/** What the choice said is English; in Chinese the rule that decided goes before it. */
export function reasonText(rule: string | undefined, because: string): Text {
  return text(because, chineseReason(rule, because));
}

export function agoText(atMs: number, nowMs: number): Text {
  const length = since(atMs, nowMs);
  return text(`${length} ago`, `${length} 前`);
}

export function routesText({ installed, table, via }: AgentSnapshot['fastPath']['routes']): Text {
  return text(
    `${installed ? 'Installed' : 'Not installed'} in table ${table}, via ${via}`,
    `${installed ? '已安装' : '未安装'}于路由表 ${table}，经由 ${via}`,
  );
}
