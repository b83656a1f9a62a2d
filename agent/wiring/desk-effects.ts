/** What a command asks for, as work for the others. */
import type { CommandEffect } from '../access/command-desk.ts';
import type { ControlEffect } from './control-events.ts';

type Effects = readonly ControlEffect[];

export function fromDesk(effects: readonly CommandEffect[]): Effects {
  return effects.map((effect): ControlEffect => {
    if (effect.type !== 'requestSwitch') return effect;
    const { requestId, tunnel } = effect;
    return { type: 'orderFastPath', order: { type: 'switchRequested', requestId, tunnel } };
  });
}
