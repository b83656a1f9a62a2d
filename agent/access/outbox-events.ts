/** What the outbox hears and asks for, and the notes it writes. */
import type { AccessNote } from '../model/notes/access-note.ts';
import {
  type LossReason,
  SAG_EVENTS,
  type SagEvent,
  type SagEventName,
} from '../model/sag-event.ts';
import type { AccessPublish } from '../ports.ts';
import type { EventMessage } from './payloads.ts';

export type OutboxEvent =
  | { readonly type: 'restored'; readonly events: readonly SagEvent[] }
  | {
      readonly type: 'eventRaised';
      readonly name: SagEventName;
      readonly content: SagEvent['content'];
      readonly atMs: number;
      readonly wallMs: number;
    }
  | {
      readonly type: 'storeAnswered';
      readonly key: string;
      readonly ok: boolean;
      readonly code?: string;
    }
  /** Answers `storeRead`: the sound ones among them, or none because the disk does not answer. */
  | { readonly type: 'eventsRead'; readonly ok: boolean; readonly events: readonly SagEvent[] }
  | { readonly type: 'publishingOpened' | 'publishingClosed' }
  | {
      readonly type: 'publishAcknowledged';
      readonly publishId: number;
      readonly reasonCode: number;
    };

export type OutboxEffect =
  | { readonly type: 'publish'; readonly message: AccessPublish }
  | {
      readonly type: 'storePut';
      readonly shelf: string;
      readonly key: string;
      readonly value: string;
    }
  /** Answered with `eventsRead`, once each. */
  | { readonly type: 'storeRead'; readonly shelf: string; readonly keys: readonly string[] }
  | { readonly type: 'storeRemove'; readonly shelf: string; readonly keys: readonly string[] }
  /** The gateway is to know how much was lost, and why. */
  | { readonly type: 'lossesChanged' }
  | { readonly type: 'noted'; readonly note: AccessNote };

export function messageOf(event: SagEvent): EventMessage {
  return { v: 1, ...event, ...SAG_EVENTS[event.name] };
}

export function eventRaised({ name, id }: SagEvent): OutboxEffect {
  return note({ code: 'eventRaised', level: 'notice', event: name, id });
}

export function eventStored(id: string): OutboxEffect {
  return note({ code: 'eventStored', level: 'debug', id });
}

/** `dropped` counts everything since the start, whatever the reason. */
export function eventDropped(why: LossReason, dropped: number): OutboxEffect {
  return note({ code: 'eventsDropped', level: 'warning', why, dropped });
}

export function eventQuarantined(id: string, reason: string): OutboxEffect {
  return note({ code: 'eventQuarantined', level: 'error', id, reason });
}

export function storeRefused(shelf: string, reason: string): OutboxEffect {
  return note({ code: 'storeRefused', level: 'error', shelf, reason });
}

function note(note: AccessNote): OutboxEffect {
  return { type: 'noted', note };
}
