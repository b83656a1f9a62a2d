/** Notes about the registration with the access gateway, the outbox and what arrives over MQTT. */
import type { LossReason } from '../sag-event.ts';

export type AccessNote =
  | {
      readonly code: 'registered';
      readonly level: 'notice';
      readonly gateway: string;
      readonly area: string;
      readonly overUplink: string;
      /** From the first byte of this attempt until birth was acknowledged and had come back. */
      readonly afterMs: number;
    }
  | {
      readonly code: 'registrationLost';
      readonly level: 'warning';
      readonly gateway: string;
      readonly because: string;
      readonly retryInMs: number;
    }
  | {
      readonly code: 'registrationStateChanged';
      readonly level: 'debug';
      readonly from: string;
      readonly to: string;
      readonly because: string;
    }
  | {
      readonly code: 'attemptFailed';
      readonly level: 'warning';
      readonly gateway: string;
      readonly overUplink: string;
      /** Stable code such as `ETLS_NAME`, `EAREA_MISMATCH` or `EMQTT_0x87`. */
      readonly reason: string;
      readonly because: string;
      readonly retryInMs: number;
    }
  | {
      readonly code: 'identityInUseTwice';
      readonly level: 'error';
      readonly gateway: string;
      readonly because: string;
    }
  /** It was decided for, and cannot be had now; the registration stays where it is. */
  | {
      readonly code: 'accessPointMissed';
      readonly level: 'warning';
      readonly accessPoint: string;
      readonly because: string;
    }
  | {
      readonly code: 'accessPointsRanked';
      readonly level: 'notice';
      readonly nearest: string;
      readonly standby: string;
      /** Round trip and loss of each. */
      readonly because: string;
    }
  | {
      readonly code: 'redirectRefused';
      readonly level: 'warning';
      readonly gateway: string;
      readonly reference: string;
    }
  | {
      readonly code: 'bornAgain';
      readonly level: 'notice';
      readonly because: string;
    }
  | {
      readonly code: 'serialNumberMismatch';
      readonly level: 'error';
      readonly certificate: string;
      readonly board: string;
    }
  | {
      readonly code: 'eventRaised';
      readonly level: 'notice';
      readonly event: string;
      readonly id: string;
    }
  | { readonly code: 'eventStored'; readonly level: 'debug'; readonly id: string }
  | {
      readonly code: 'eventsDropped';
      readonly level: 'warning';
      readonly why: LossReason;
      /** Since the start, for all reasons. */
      readonly dropped: number;
    }
  | {
      readonly code: 'eventQuarantined';
      readonly level: 'error';
      readonly id: string;
      readonly reason: string;
    }
  | {
      readonly code: 'storeRefused';
      readonly level: 'error';
      readonly shelf: string;
      readonly reason: string;
    }
  | {
      readonly code: 'storeQuarantined';
      readonly level: 'error';
      readonly path: string;
      readonly because: string;
    }
  /** The file cannot be used: until the next start everything is held in memory only. */
  | {
      readonly code: 'storeVolatile';
      readonly level: 'error';
      readonly path: string;
      readonly because: string;
    }
  | {
      readonly code: 'commandAnswered';
      readonly level: 'notice';
      readonly id: string;
      readonly verb: string;
      readonly state: string;
      readonly errorCode: string;
      readonly because: string;
    }
  | {
      readonly code: 'messageRefused';
      readonly level: 'warning';
      readonly topic: string;
      /** Stable code such as `EPAYLOAD_JSON`. */
      readonly reason: string;
      readonly pointer: string;
      readonly because: string;
    };
