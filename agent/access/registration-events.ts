/**
 * What the registration core hears and asks for.
 */
import type { Hello } from '../../firmware-shim/wire/messages.ts';
import type { AccessNote } from '../model/notes/access-note.ts';
import type { UplinkId, UplinkVerdict } from '../model/uplink.ts';
import type { AccessPublish, AccessTarget, AccessWill } from '../ports.ts';
import type { AccessIntake } from './intake.ts';

type Intake =
  | 'channelOpened'
  | 'channelClosed'
  | 'publishAcknowledged'
  | 'lifeReceived'
  | 'rebirthRequested';

export type RegistrationEvent =
  | Extract<AccessIntake, { readonly type: Intake }>
  /** The store has been read: attempts may begin. */
  | { readonly type: 'restored'; readonly bdSeq: number | undefined }
  | {
      readonly type: 'uplinkChanged';
      readonly uplink: UplinkId;
      readonly verdict: UplinkVerdict;
    }
  /** The access points of our area, the nearest first: attempts may begin, if the store has been read. */
  | { readonly type: 'accessPointsRanked'; readonly order: readonly string[] }
  | { readonly type: 'boardIntroduced'; readonly hello: Hello }
  /** The tunnel engine was missing at start and is there now. */
  | { readonly type: 'tunnelKeyKnown'; readonly publicKey: string }
  /** Something else found this uplink silent: make sure we are still heard over it. */
  | { readonly type: 'uplinkDoubted'; readonly uplink: UplinkId }
  /** The time (F-21) or our own certificate is another one: who refused or was refused may be taken now. */
  | { readonly type: 'trustChanged' }
  /** The way to the gateway is another one now: only a new connection tells whether it works. */
  | { readonly type: 'pathChanged'; readonly because: string }
  | { readonly type: 'leaveRequested' };

export type RegistrationEffect =
  | { readonly type: 'openAccess'; readonly target: AccessTarget; readonly will: AccessWill }
  | { readonly type: 'publish'; readonly message: AccessPublish }
  | { readonly type: 'subscribe'; readonly topics: readonly string[] }
  | { readonly type: 'closeAccess'; readonly how: 'bye' | 'drop' }
  | {
      readonly type: 'storePut';
      readonly shelf: string;
      readonly key: string;
      readonly value: string;
    }
  | { readonly type: 'noted'; readonly note: AccessNote }
  /** Birth is acknowledged and has come back: everybody may publish. */
  | { readonly type: 'registered' }
  /** Nothing can be published until the next `registered`. */
  | { readonly type: 'registrationEnded' }
  /** Somebody else uses our identity; said each time it shows. */
  | { readonly type: 'identityMisused'; readonly because: string }
  /** The gateway asked for everything anew. */
  | { readonly type: 'stateWanted' }
  /** We have said goodbye, or could not in time. */
  | { readonly type: 'left' };
