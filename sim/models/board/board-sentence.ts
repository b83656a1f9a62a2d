/**
 * Sentences for the log of whoever watches a simulated board.
 */
import type { BoardCommand } from '../../../firmware-shim/wire/messages.ts';
import type { BoardAction } from './board-action.ts';

/** Pictures of an image's bytes say nothing to a reader; where they belong does. */
export function commandSentence(command: BoardCommand): string {
  if (command.kind === 'ledSet') return `LED ${command.led} ${command.mode}`;
  if (command.kind === 'boardReset') return 'reset';
  return command.kind === 'updateChunk' ? `updateChunk at ${command.offset}` : command.kind;
}

export function actionSentence(action: BoardAction): string {
  switch (action.do) {
    case 'pull':
    case 'plug':
      return `port ${action.port}: ${action.do}`;
    case 'lte':
      return `LTE signal: ${action.dBm === undefined ? 'gone' : `${action.dBm} dBm`}`;
    case 'reboot':
      return 'the MCU restarts';
    case 'garbage':
      return `${action.bytes} bytes of noise`;
    default: {
      const { do: verb, ...rest } = action;
      return [verb, ...Object.entries(rest).map(([key, value]) => `${key} ${value}`)].join(', ');
    }
  }
}
