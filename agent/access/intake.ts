/**
 * What reaches the cores from the gateway, after bytes have become typed values.
 *
 * The channel hands over bytes; `agent/contract/access-intake.ts` reads them at the door, and from there on
 * nobody meets a payload that was not checked. What could not be read arrives as a refusal with its reason.
 */
import type { HashedDocument, Refusal } from '../model/desired.ts';
import type { AccessEvent } from '../ports.ts';
import type { IdentityAnswer } from './identity-payloads.ts';
import type { Birth, Command, Death } from './payloads.ts';

/** The part of a birth that others judge it by. */
export type LifeSign = Pick<Birth, 'v' | 'state' | 'bdSeq' | 'bootId'> | Death;

/** What a command's signature is worth; `unpinned`: this device knows no issuer. */
export type CommandProof = 'valid' | 'absent' | 'forged' | 'unpinned';

export type AccessIntake =
  | Exclude<AccessEvent, { readonly type: 'messageArrived' }>
  | ({ readonly type: 'desiredReceived' } & HashedDocument)
  /** Our own nonce came back. */
  | { readonly type: 'confirmReceived'; readonly nonce: string }
  | {
      readonly type: 'commandReceived';
      readonly command: Command;
      readonly proof: CommandProof;
      readonly retained: boolean;
    }
  | { readonly type: 'lifeReceived'; readonly life: LifeSign; readonly retained: boolean }
  | { readonly type: 'rebirthRequested' }
  | {
      readonly type: 'identityAnswered';
      readonly answer: IdentityAnswer;
      readonly retained: boolean;
    }
  | {
      readonly type: 'messageRefused';
      readonly topic: string;
      readonly about: 'desired' | 'command' | 'life' | 'other';
      readonly refusal: Refusal;
      /** Where the payload still told it. */
      readonly revision?: number;
      /** From the topic, so that even an unreadable command gets an answer. */
      readonly commandId?: string;
      readonly retained: boolean;
    };
