/**
 * What the lamps of a front panel say, as data: one table for the panels as documented in 2018, one for those of
 * 2021, and which hardware revision has which.
 *
 * In 2018 a steady WAN, WIFI or RUN lamp meant "connected"; since 2021 a steady one is a fault and blinking is
 * good. The same mode so means opposite things, and nobody may read a panel without its revision.
 * No public page tells editions from revisions: that assignment is ours.
 */
import type { BoardModel, Led, LedMode } from './messages.ts';

/** LEDs a host sets, and lamps the hardware drives by itself. */
export type Lamp = Led | 'SIGNAL' | 'RJ45_GREEN' | 'RJ45_YELLOW';
export type LedEdition = '2018' | '2021';

export type LampMeaning =
  | 'healthy'
  | 'fault'
  | 'connected'
  | 'not connected'
  /** Restoring the connection, or a factory reset under way. */
  | 'restoring'
  | 'traffic'
  | 'link'
  | 'no link'
  | 'powered'
  | 'no power'
  | '1000 Mbit/s'
  | '10 or 100 Mbit/s'
  /** Up to three bars. */
  | 'signal'
  | 'no signal'
  | 'alarm'
  | 'no alarm';

export type LampModes = Readonly<Record<LedMode, LampMeaning>>;

const HEALTHY_WHEN_BLINKING: LampModes = { blink: 'healthy', on: 'fault', off: 'fault' };
const CONNECTED_WHEN_STEADY: LampModes = {
  on: 'connected',
  blink: 'traffic',
  off: 'not connected',
};
const TRAFFIC_WHEN_BLINKING: LampModes = { blink: 'traffic', on: 'fault', off: 'fault' };
const CLOUD: LampModes = { on: 'connected', blink: 'restoring', off: 'not connected' };
const POWER: LampModes = { on: 'powered', blink: 'powered', off: 'no power' };
const ALARM: LampModes = { on: 'alarm', blink: 'alarm', off: 'no alarm' };
const SIGNAL: LampModes = { on: 'signal', blink: 'signal', off: 'no signal' };
const RJ45_GREEN: LampModes = { on: 'link', blink: 'traffic', off: 'no link' };
const RJ45_YELLOW: LampModes = {
  on: '1000 Mbit/s',
  blink: '1000 Mbit/s',
  off: '10 or 100 Mbit/s',
};

type LampTable = Readonly<Partial<Record<Lamp, LampModes>>>;

const HARDWARE_LAMPS: LampTable = { SIGNAL, RJ45_GREEN, RJ45_YELLOW };

/** By model, because each front has its own lamps: WIFI and WAN only on the small box, ALARM only on the large. */
export const LAMPS: Readonly<Record<LedEdition, Readonly<Record<BoardModel, LampTable>>>> = {
  '2018': {
    'sag-1000': {
      PWR: POWER,
      SYS: CONNECTED_WHEN_STEADY,
      CLOUD,
      LTE: CONNECTED_WHEN_STEADY,
      ALARM,
      ...HARDWARE_LAMPS,
    },
    'sag-100wm': {
      PWR: POWER,
      SYS: CONNECTED_WHEN_STEADY,
      CLOUD,
      LTE: CONNECTED_WHEN_STEADY,
      WAN: CONNECTED_WHEN_STEADY,
      WIFI: CONNECTED_WHEN_STEADY,
      ...HARDWARE_LAMPS,
    },
  },
  '2021': {
    'sag-1000': {
      PWR: POWER,
      SYS: HEALTHY_WHEN_BLINKING,
      CLOUD,
      LTE: HEALTHY_WHEN_BLINKING,
      ALARM,
      ...HARDWARE_LAMPS,
    },
    'sag-100wm': {
      PWR: POWER,
      SYS: HEALTHY_WHEN_BLINKING,
      CLOUD,
      LTE: HEALTHY_WHEN_BLINKING,
      WAN: TRAFFIC_WHEN_BLINKING,
      WIFI: TRAFFIC_WHEN_BLINKING,
      ...HARDWARE_LAMPS,
    },
  },
};

/** Revisions printed with the panel of 2018, by how they begin; every other has that of 2021. */
export const REVISIONS_OF_2018: Readonly<Record<BoardModel, readonly string[]>> = {
  'sag-1000': ['A1', 'A2'],
  'sag-100wm': ['A'],
};

export function ledEdition(model: BoardModel, hardwareRevision: string): LedEdition {
  const early = REVISIONS_OF_2018[model].some((begin) => hardwareRevision.startsWith(begin));
  return early ? '2018' : '2021';
}

/** What a lamp in this mode says on this board; undefined when the board has no such lamp. */
export function lampMeaning(
  model: BoardModel,
  hardwareRevision: string,
  lamp: Lamp,
  mode: LedMode,
): LampMeaning | undefined {
  return LAMPS[ledEdition(model, hardwareRevision)][model][lamp]?.[mode];
}

/** The mode in which a lamp of this board says `meaning`; undefined when it cannot say that. */
export function lampMode(
  model: BoardModel,
  hardwareRevision: string,
  lamp: Lamp,
  meaning: LampMeaning,
): LedMode | undefined {
  const modes = LAMPS[ledEdition(model, hardwareRevision)][model][lamp];
  if (modes === undefined) return undefined;
  return (['on', 'blink', 'off'] as const).find((mode) => modes[mode] === meaning);
}
