/** Sentences of the notes about uplinks, and what each reason of a verdict means. */
import type { UplinkNote } from '../model/notes/uplink-note.ts';
import type { UplinkDownReason } from '../model/uplink.ts';
import type { Sentences } from './render-sentences.ts';

export const uplinkSentences: Sentences<UplinkNote> = {
  uplinkUp: ({ uplink, address }) => `Uplink ${uplink} is up with address ${address}.`,
  uplinkDown: ({ uplink, reason }) => `Uplink ${uplink} is down: ${downReason(reason)}.`,
};

const DOWN_REASONS: Readonly<Record<UplinkDownReason, string>> = {
  'not-observed-yet': 'neither board nor kernel has spoken of it yet',
  'no-carrier-board': 'the board sees no cable',
  'no-carrier-kernel': 'the kernel sees no cable',
  'device-missing': 'its kernel device does not exist',
  'device-admin-down': 'its kernel device is switched off',
  'no-address': 'its device has no address',
  'lte-not-registered': 'the modem is not registered with the mobile network',
};

/** The reason as a clause; a reason this program does not know stays as it is. */
export function downReason(reason: UplinkDownReason): string {
  return Object.hasOwn(DOWN_REASONS, reason) ? DOWN_REASONS[reason] : reason;
}
