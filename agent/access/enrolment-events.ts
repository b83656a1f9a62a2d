/**
 * What the enrolment core hears and asks for.
 */
import type { IdentityNote } from '../model/notes/identity-note.ts';
import type { UplinkId } from '../model/uplink.ts';
import type { WanPath } from '../model/wan.ts';
import type { AccessPublish, AccessTarget } from '../ports.ts';
import type { AccessIntake } from './intake.ts';

type Intake =
  | 'channelOpened'
  | 'channelClosed'
  | 'publishAcknowledged'
  | 'identityAnswered'
  | 'messageRefused';

/** Something that could not be done, with its stable code. */
export interface Failing {
  readonly code: string;
  readonly text: string;
}

/** Undefined: as the system routes. */
export type EnrolmentPath = WanPath | undefined;

export type EnrolmentEvent =
  | Extract<AccessIntake, { readonly type: Intake }>
  | {
      readonly type: 'boardMet';
      readonly serialNumber: string;
      /** The board has a factory key, as far as it says. */
      readonly canProve: boolean;
    }
  /** What leads out of the box from now on, best first. */
  | { readonly type: 'pathsChanged'; readonly paths: readonly EnrolmentPath[] }
  /** Answers `makeRequest`: PKCS #10 in PEM for the key that now waits on disk. */
  | { readonly type: 'requestMade'; readonly request: string }
  /** Answers `askProof`: base64. */
  | { readonly type: 'proofMade'; readonly proof: string }
  /** Answers `keepPair`: certificate and key are on disk, as one. */
  | { readonly type: 'pairKept' }
  /** Answers any of the three when it could not be done. */
  | ({ readonly type: 'workFailed' } & Failing);

export type EnrolmentEffect =
  | { readonly type: 'makeRequest'; readonly serialNumber: string }
  | {
      readonly type: 'openEnrolment';
      readonly target: AccessTarget;
      readonly serialNumber: string;
    }
  /** A gateway of the pinned CA has answered; over that uplink, where one was chosen. */
  | { readonly type: 'gatewayReached'; readonly uplink: UplinkId | undefined }
  | { readonly type: 'subscribe'; readonly topics: readonly string[] }
  | { readonly type: 'publish'; readonly message: AccessPublish }
  | { readonly type: 'closeAccess'; readonly how: 'bye' | 'drop' }
  /** The factory key shall vouch for this request in the light of this nonce. */
  | {
      readonly type: 'askProof';
      readonly serialNumber: string;
      readonly nonce: string;
      readonly request: string;
    }
  /** Keep it only if it is for our key and our serial number and leads to the CCN's CA. */
  | {
      readonly type: 'keepPair';
      readonly serialNumber: string;
      readonly certificate: string;
    }
  | { readonly type: 'noted'; readonly note: IdentityNote }
  | { readonly type: 'enrolled' };
