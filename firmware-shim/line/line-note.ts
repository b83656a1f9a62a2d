/**
 * What the board line finds worth telling, as data. The agent's note union takes these in as they are.
 */
import type { RecoveryStage } from './recovery-ladder.ts';

export type LineNote =
  /** The serial port could not be opened or went away; `reason` is a stable code such as `ESERIAL_MISSING`. */
  | {
      readonly code: 'portClosed';
      readonly level: 'warning';
      readonly port: string;
      readonly reason: string;
      readonly text: string;
      readonly retryInMs: number;
    }
  | {
      readonly code: 'lineStateChanged';
      readonly level: 'debug';
      readonly from: string;
      readonly to: string;
      readonly because: string;
    }
  /** The MCU started again by itself or by command; `pendingCommands` ended with `EMCU_REBOOT`. */
  | {
      readonly code: 'boardRebooted';
      readonly level: 'warning';
      readonly bootEpoch: number;
      readonly pendingCommands: number;
    }
  /** One rung of the recovery ladder, by what showed that the last was not enough; `well` is its end. */
  | {
      readonly code: 'lineRecovery';
      readonly level: 'notice' | 'warning';
      readonly stage: RecoveryStage;
      readonly because: string;
      /** Since the board was last heard. */
      readonly outageMs: number;
    }
  /** An intact frame held something impossible. Told at the 1st, 2nd, 4th, 8th … time only. */
  | {
      readonly code: 'boardMessageRefused';
      readonly level: 'warning';
      readonly reason: string;
      readonly field: string;
      readonly times: number;
    }
  /** The board speaks a protocol version this host does not. Told at the 1st, 2nd, 4th … time only. */
  | {
      readonly code: 'boardVersionUnknown';
      readonly level: 'warning';
      readonly version: number;
      readonly times: number;
    };
