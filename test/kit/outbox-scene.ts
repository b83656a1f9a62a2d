/** An outbox in virtual time, between a disk and a gateway that the test plays. */
import { Outbox } from '../../agent/access/outbox.ts';
import type { OutboxEffect, OutboxEvent } from '../../agent/access/outbox-events.ts';
import { QUARANTINE_SHELF } from '../../agent/access/outbox-refusal.ts';
import type { EventMessage } from '../../agent/access/payloads.ts';
import { topicsOf } from '../../agent/access/topics.ts';
import type { SagEvent } from '../../agent/model/sag-event.ts';
import { advance } from './advance.ts';
import { decode } from './branch.ts';

export const topics = topicsOf('acme', 'sag00001');
export const raised = {
  type: 'eventRaised',
  name: 'DeviceWanLinkDown',
  content: { uplink: 'wan1' },
  atMs: 12,
  wallMs: 1_000,
} as const satisfies OutboxEvent;

export const NO_LOSSES = { full: 0, expired: 0, refused: 0, unreadable: 0 };

/** An outbox between a disk and a gateway that the test plays. */
export class OutboxScene {
  readonly outbox = new Outbox('boot-1', topics);
  readonly disk = new Map<string, string>();
  readonly quarantine = new Map<string, string>();
  readonly gateway: EventMessage[] = [];
  readonly inFlight: number[] = [];
  readonly notes: string[] = [];
  /** How often the gateway was to hear of losses. */
  reports = 0;
  unanswered: string[] = [];
  /** What the outbox wants to read of the disk. */
  asked: (readonly string[])[] = [];
  nowMs = 0;

  hear(event: OutboxEvent): void {
    this.see(this.outbox.handle(event, this.nowMs));
  }

  see(effects: readonly OutboxEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'storePut' && effect.shelf === QUARANTINE_SHELF) {
        this.quarantine.set(effect.key, effect.value);
      } else if (effect.type === 'storePut') {
        this.disk.set(effect.key, effect.value);
        this.unanswered.push(effect.key);
      } else if (effect.type === 'storeRemove')
        for (const key of effect.keys) this.disk.delete(key);
      else if (effect.type === 'storeRead') this.asked.push(effect.keys);
      else if (effect.type === 'publish') {
        this.gateway.push(decode(effect.message.payload) as EventMessage);
        this.inFlight.push(effect.message.publishId);
      } else if (effect.type === 'noted') this.notes.push(effect.note.code);
      else this.reports += 1;
    }
  }

  stored(ok = true): void {
    const keys = this.unanswered;
    this.unanswered = [];
    for (const key of keys) {
      this.hear({ type: 'storeAnswered', key, ok, ...(ok ? {} : { code: 'ESTORAGE' }) });
    }
  }

  /** The disk answers with what it has. */
  read(ok = true): void {
    const keys = this.asked.shift() ?? [];
    const texts = ok ? keys.flatMap((key) => this.disk.get(key) ?? []) : [];
    const events = texts.map((text) => JSON.parse(text) as SagEvent);
    this.hear({ type: 'eventsRead', ok, events });
  }

  sleep(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (const { atMs, effect } of advance(this.outbox, this.nowMs, untilMs)) {
      this.nowMs = atMs;
      this.see([effect]);
    }
    this.nowMs = untilMs;
  }

  acknowledge(reasonCode = 0): void {
    const publishId = this.inFlight.shift() ?? -1;
    this.hear({ type: 'publishAcknowledged', publishId, reasonCode });
  }
}
