/** What the disk keeps of the WAN side: settings that have proved themselves, and what was there before them. */
import type { UplinkId } from '../../model/uplink.ts';
import type { WanRecord, WanSetting } from '../../model/wan.ts';

export const WAN_SHELF = 'wan';
export const WAN_KEY = 'setup';
export const NOTHING_SET: WanRecord = { v: 1, settings: [], found: [] };

/** The record with this setting of the uplink, or with none. */
export function withSetting(
  record: WanRecord,
  uplink: UplinkId,
  setting: WanSetting | undefined,
): WanRecord {
  const others = record.settings.filter((each) => each.uplink !== uplink);
  return { ...record, settings: setting === undefined ? others : [...others, setting] };
}
