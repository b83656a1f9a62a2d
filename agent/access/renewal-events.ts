/**
 * What the renewal core hears and asks for.
 */
import type { IdentityDone, IdentityWork } from '../model/certificate.ts';
import type { IdentityNote } from '../model/notes/identity-note.ts';
import type { AccessPublish } from '../ports.ts';
import type { AccessIntake } from './intake.ts';

export type RenewalEvent =
  | Extract<AccessIntake, { readonly type: 'channelClosed' | 'identityAnswered' }>
  /** The time is known, or known better. */
  | { readonly type: 'timeTold'; readonly wallMs: number }
  | { readonly type: 'registered' }
  | IdentityDone;

export type RenewalEffect =
  | { readonly type: 'identityWork'; readonly work: IdentityWork }
  | { readonly type: 'subscribe'; readonly topics: readonly string[] }
  | { readonly type: 'publish'; readonly message: AccessPublish }
  | { readonly type: 'closeAccess'; readonly how: 'bye' | 'drop' }
  | { readonly type: 'noted'; readonly note: IdentityNote };
