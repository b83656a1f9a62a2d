/** Notes about the board and its line. */
import type { LineNote } from '../../../firmware-shim/line/line-note.ts';
import type { UpdateNote } from '../../../firmware-shim/line/update-note.ts';
import type { Button } from '../../../firmware-shim/wire/messages.ts';

export type BoardNote =
  | {
      readonly code: 'boardUp';
      readonly level: 'notice';
      readonly model: string;
      readonly serialNumber: string;
    }
  | { readonly code: 'boardLost'; readonly level: 'warning'; readonly why: string }
  /** The MCU started, and not because power came or anybody asked. */
  | {
      readonly code: 'mcuStarted';
      readonly level: 'warning';
      readonly cause: 'watchdog' | 'fault';
    }
  /** Somebody at the box asks for a reset: of the page's passwords, or of everything, which the agent only tells. */
  | {
      readonly code: 'passwordResetAsked' | 'factoryResetAsked';
      readonly level: 'warning';
      readonly button: Button;
      readonly heldMs: number;
    }
  /** The board's reset function is locked. */
  | {
      readonly code: 'pressRefused';
      readonly level: 'notice';
      readonly button: Button;
      readonly heldMs: number;
    }
  | LineNote
  | UpdateNote;
