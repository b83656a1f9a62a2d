/**
 * In which mode each lamp of this board says what is true now.
 *
 * What is wanted is a meaning; the mode comes from the table of the board's own panel, because a steady lamp means
 * opposite things on panels of 2018 and 2021. Where the two editions have different words for the same, both
 * are named and the panel takes the one it has.
 */
import { type LampMeaning, lampMeaning, lampMode } from '../../firmware-shim/wire/led-meaning.ts';
import type { Hello, Led, LedMode, LteSignal } from '../../firmware-shim/wire/messages.ts';
import type { RegistrationSnapshot } from '../model/snapshot.ts';

export interface PanelState {
  readonly registration: RegistrationSnapshot['state'];
  readonly isStopping: boolean;
  /** User traffic is stopped on purpose: by the offline lock, or in arrears. */
  readonly isDataStopped: boolean;
  /** Undefined until the board has told: its lamp is then nobody's business. */
  readonly lte: Pick<LteSignal, 'present' | 'registered'> | undefined;
}

export interface ShownLamp {
  readonly led: Led;
  readonly mode: LedMode;
  /** Absent when this panel has no word for the mode. */
  readonly says?: LampMeaning;
}

export type PanelOf = Pick<Hello, 'model' | 'hardwareRevision'>;

const WELL: readonly LampMeaning[] = ['healthy', 'connected'];
const ILL: readonly LampMeaning[] = ['fault', 'not connected'];

const CLOUD_BY_STATE: Readonly<Record<RegistrationSnapshot['state'], LampMeaning>> = {
  idle: 'not connected',
  waiting: 'restoring',
  connecting: 'restoring',
  registering: 'restoring',
  registered: 'connected',
};

/** The lamps the agent answers for; those this panel does not have are left out. */
export function panelModes(panel: PanelOf, state: PanelState): readonly ShownLamp[] {
  const { registration, isStopping, isDataStopped, lte } = state;
  return [
    ...lampSaying(panel, 'CLOUD', [CLOUD_BY_STATE[registration]]),
    ...lampSaying(panel, 'SYS', isStopping || isDataStopped ? ILL : WELL),
    ...lteLamp(panel, lte),
  ];
}

/** The lamp in this mode, with what it then says. */
export function lampIn(panel: PanelOf, led: Led, mode: LedMode): ShownLamp {
  const says = lampMeaning(panel.model, panel.hardwareRevision, led, mode);
  return { led, mode, ...(says !== undefined && { says }) };
}

/** A part that is not there stays dark on either panel: steady would read as a fault on one of them. */
function lteLamp(panel: PanelOf, lte: PanelState['lte']): readonly ShownLamp[] {
  if (lte === undefined) return [];
  if (!lte.present) return [lampIn(panel, 'LTE', 'off')];
  return lampSaying(panel, 'LTE', lte.registered ? WELL : ILL);
}

function lampSaying(
  panel: PanelOf,
  led: Led,
  meanings: readonly LampMeaning[],
): readonly ShownLamp[] {
  for (const says of meanings) {
    const mode = lampMode(panel.model, panel.hardwareRevision, led, says);
    if (mode !== undefined) return [{ led, mode, says }];
  }
  return [];
}
