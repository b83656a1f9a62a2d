/** Parts of Chinese sentences that several tables use. */
import type { DataStop } from '../../model/data-stop.ts';
import type { SetAsideCounts } from '../../model/restart.ts';
import type { TunnelState } from '../../model/tunnel.ts';
import type { UplinkDownReason } from '../../model/uplink.ts';

/** Where in a document, or nothing when the whole of it is meant. */
export function placed(pointer: string): string {
  return pointer === '' ? '' : `（位于 ${pointer}）`;
}

export function chineseDocumentInForce(mode: 'safe' | 'bare'): string {
  return mode === 'safe'
    ? '沿用最近一次已确认的配置文档'
    : '不读取任何配置文档，保留上次运行的内容';
}

export function chineseSetAside({ events, commands, documents }: SetAsideCounts): string {
  return `${events} 条事件、${commands} 条命令、${documents} 份试用中的文档`;
}

export function chineseDataStop(stop: DataStop): string {
  return stop === 'arrears' ? '本 SAG 已欠费' : '本设备与网关失联过久，已锁定，需解锁';
}

/** What a tunnel is, as the rest of a sentence about it. */
export const CHINESE_TUNNEL_STATES: Readonly<Record<TunnelState, string>> = {
  absent: '设备不存在',
  establishing: '建立中',
  up: '已连通',
  down: '已断开',
};

const DOWN_REASONS: Readonly<Record<UplinkDownReason, string>> = {
  'not-observed-yet': '主板与内核均尚未上报',
  'no-carrier-board': '主板未检测到网线',
  'no-carrier-kernel': '内核未检测到网线',
  'device-missing': '内核设备不存在',
  'device-admin-down': '内核设备已被关闭',
  'no-address': '没有 IP 地址',
  'lte-not-registered': '模块未注册到移动网络',
};

/** A reason this program does not know stays as it is. */
export function chineseDownReason(reason: UplinkDownReason): string {
  return Object.hasOwn(DOWN_REASONS, reason) ? DOWN_REASONS[reason] : reason;
}
