/** Sentences of the notes about how uplinks get their addresses. */
import type { WanNote } from '../model/notes/wan-note.ts';
import { duration } from './render-duration.ts';
import type { Sentences } from './render-sentences.ts';

export const wanSentences: Sentences<WanNote> = {
  wanTried: ({ uplink, ipType, confirmMs }) =>
    `${uplink} is set to ${ipType} at the box, on trial for ${duration(confirmMs)}.`,
  wanKept: ({ uplink, ipType, by }) => `${uplink} stays ${ipType}: ${by} has confirmed it.`,
  wanUndone: ({ uplink, because }) => `${uplink} is as it was before its trial: ${because}.`,
  wanLeased: ({ uplink, address, gateway }) =>
    `${uplink} was given ${address} with next hop ${gateway}.`,
  wanTrouble: ({ uplink, because }) => `${uplink} has no address: ${because}.`,
};
