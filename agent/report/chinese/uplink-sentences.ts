/** The notes about uplinks in Chinese. */
import type { UplinkNote } from '../../model/notes/uplink-note.ts';
import type { Sentences } from '../render-sentences.ts';
import { chineseDownReason } from './chinese-words.ts';

export const uplinkSentences: Sentences<UplinkNote> = {
  uplinkUp: ({ uplink, address }) => `上行链路 ${uplink} 已连通，地址 ${address}。`,
  uplinkDown: ({ uplink, reason }) => `上行链路 ${uplink} 已断开：${chineseDownReason(reason)}。`,
};
