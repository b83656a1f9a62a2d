/** The notes about how uplinks get their addresses in Chinese. */
import type { WanNote } from '../../model/notes/wan-note.ts';
import { duration } from '../render-duration.ts';
import { clause, type Sentences } from '../render-sentences.ts';

const CONFIRMERS = { 'the gateway': '网关', 'a person': '操作人员' } as const;

export const wanSentences: Sentences<WanNote> = {
  wanTried: ({ uplink, ipType, confirmMs }) =>
    `${uplink} 已在设备上设为 ${ipType}，试用 ${duration(confirmMs)}。`,
  wanKept: ({ uplink, ipType, by }) => `${uplink} 保持 ${ipType}：${CONFIRMERS[by]}已确认。`,
  wanUndone: ({ uplink, because }) => `${uplink} 已恢复试用前的设置：${clause(because)}。`,
  wanLeased: ({ uplink, address, gateway }) => `${uplink} 获得地址 ${address}，下一跳 ${gateway}。`,
  wanTrouble: ({ uplink, because }) => `${uplink} 没有地址：${clause(because)}。`,
};
