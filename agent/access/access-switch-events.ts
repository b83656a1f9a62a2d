/**
 * What a switch of the access point hears and asks for, by the slot it concerns.
 */
import { nothing } from '../../firmware-shim/base/core.ts';
import type { AccessChoiceRecord } from '../model/access-point.ts';
import type { AccessSlot } from '../ports.ts';
import type { ChoiceEffect } from './access-choice.ts';
import type { RegistrationEffect, RegistrationEvent } from './registration-events.ts';

/** Absent: the channel in use. */
export type SlottedEffect<Effect> = Effect & { readonly slot?: AccessSlot };
export type AccessSwitchEvent =
  | (Exclude<RegistrationEvent, { readonly type: 'restored' }> & { readonly slot?: AccessSlot })
  | (Extract<RegistrationEvent, { readonly type: 'restored' }> & {
      readonly choice?: AccessChoiceRecord | undefined;
    })
  /** By the document; undefined: by it, none. Before `restored` for the document of a former run. */
  | { readonly type: 'accessPointChosen'; readonly accessPoint: string | undefined }
  | {
      readonly type: 'accessPointSwitchRequested';
      readonly requestId: string;
      readonly accessPoint: string;
    };

/** What became of something a command had asked for. */
export interface ActionAnswered {
  readonly type: 'actionAnswered';
  readonly requestId: string;
  readonly ok: boolean;
  readonly code?: string;
  readonly because: string;
}

export type AccessSwitchEffect =
  | SlottedEffect<RegistrationEffect>
  | ChoiceEffect
  | { readonly type: 'accessPromoted'; readonly slot: AccessSlot }
  | ActionAnswered;

/** Of a registration that is not in use: what goes over its own channel, is kept or is noted, and nothing else. */
export function slotted(
  effects: readonly RegistrationEffect[],
  slot: AccessSlot,
): readonly AccessSwitchEffect[] {
  return effects.flatMap((effect): readonly AccessSwitchEffect[] => {
    switch (effect.type) {
      case 'openAccess':
      case 'publish':
      case 'subscribe':
      case 'closeAccess':
        return [{ ...effect, slot }];
      case 'storePut':
      case 'noted':
      case 'identityMisused':
        return [effect];
      default:
        return nothing;
    }
  });
}

export function other(slot: AccessSlot): AccessSlot {
  return slot === 0 ? 1 : 0;
}
