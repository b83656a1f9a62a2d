/**
 * What commit-confirm hears and asks for.
 */
import type { DesiredDocument, HashedDocument, Refusal, TrialRecord } from '../model/desired.ts';
import type { StateNote } from '../model/notes/state-note.ts';
import type { UplinkId, UplinkVerdict } from '../model/uplink.ts';

export type ConfirmEvent =
  /** The store has been read: the document last confirmed, and what else was tried. */
  | {
      readonly type: 'restored';
      readonly confirmed: HashedDocument | undefined;
      readonly trial: TrialRecord | undefined;
    }
  | ({ readonly type: 'desiredReceived' } & HashedDocument)
  /** A document came that was none; `revision` where it still told one. */
  | {
      readonly type: 'desiredUnreadable';
      readonly refusal: Refusal;
      readonly revision?: number;
    }
  | { readonly type: 'storeAnswered'; readonly key: string; readonly ok: boolean }
  /** Every step of the adopted document has been taken, or tried. */
  | { readonly type: 'settled' }
  /** The kernel refuses a step of the adopted document for good. */
  | { readonly type: 'stepRefused'; readonly pointer?: string; readonly sentence: string }
  | { readonly type: 'registrationChanged'; readonly registered: boolean }
  /** Our own nonce came back from the gateway. */
  | { readonly type: 'confirmReceived'; readonly nonce: string }
  /** Whether a tunnel is chosen to carry traffic. */
  | { readonly type: 'dataChanged'; readonly carries: boolean }
  | {
      readonly type: 'uplinkChanged';
      readonly uplink: UplinkId;
      readonly verdict: UplinkVerdict;
    };

export type ConfirmEffect =
  /** It is news that may be tried, and is being written down as on trial. */
  | ({ readonly type: 'takenUp' } & HashedDocument)
  /** At start: nothing is known of what a former run has left when there is no document. */
  | { readonly type: 'restore'; readonly document: DesiredDocument | undefined }
  /** From now on this is wanted; undefined after the first document ever was undone. */
  | { readonly type: 'adopt'; readonly document: DesiredDocument | undefined }
  | { readonly type: 'askConfirmation'; readonly revision: number; readonly nonce: string }
  /** The way to the gateway is another one now. */
  | { readonly type: 'reconnect'; readonly because: string }
  | {
      readonly type: 'storePut';
      readonly shelf: string;
      readonly key: string;
      readonly value: string;
    }
  | { readonly type: 'storeRemove'; readonly shelf: string; readonly keys: readonly string[] }
  | { readonly type: 'noted'; readonly note: StateNote }
  /** What is refused or on trial is another one now. */
  | { readonly type: 'progressed' };
