/**
 * What the store holds, read back with the same suspicion as what comes over the network: the file may be older than
 * this program, or damaged.
 */
import { type TSchema, Type } from '@sinclair/typebox';
import {
  COMMAND_FLOOR_KEY,
  COMMAND_SHELF,
  type RestoredCommand,
} from '../access/command-memory.ts';
import { ACCESS_SHELF, BD_SEQ_KEY } from '../access/life-line.ts';
import { OUTBOX_SHELF } from '../access/outbox.ts';
import type { LockRecord } from '../model/data-stop.ts';
import type { Refusal } from '../model/desired.ts';
import type { TunnelFlaps } from '../model/fast-path.ts';
import type { AgentStart } from '../model/restart.ts';
import type { SagEvent } from '../model/sag-event.ts';
import type { StoredRecord } from '../ports.ts';
import { DESIRED_KEY, DESIRED_SHELF, TRIAL_KEY } from '../state/commit-confirm.ts';
import { LOCK_SHELF } from '../state/data-lock.ts';
import type { StoreRestored } from '../wiring/control-events.ts';
import { FLAP_SHELF } from '../wiring/flap-shelf.ts';
import { readTrialValue } from './confirm-schema.ts';
import { readDesiredValue } from './desired-schema.ts';
import { hashed } from './document-hash.ts';
import { type Read, readJsonText } from './payload-json.ts';
import { oneOf } from './payload-parts.ts';
import { readShape } from './payload-shape.ts';
import { sagEventMembers, TASK_STATES } from './report-schema.ts';

const WallMs = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

const EventSchema = Type.Object(sagEventMembers);

const CommandSchema = Type.Object({
  id: Type.String({ minLength: 1 }),
  state: oneOf(TASK_STATES, 'the state of a SAG task'),
  errorCode: Type.String(),
  errorMessage: Type.String(),
  nonce: Type.Optional(Type.String()),
  expiresAtMs: Type.Optional(WallMs),
  machineBoot: Type.Optional(Type.String()),
});

const FlapsSchema = Type.Object({
  tunnel: Type.String({ minLength: 1 }),
  losses: Type.Integer({ minimum: 1 }),
});

const LockSchema = Type.Object({
  v: Type.Literal(1),
  locked: Type.Boolean(),
  machineBoot: Type.String(),
  sinceMs: Type.Optional(Type.Number({ minimum: 0 })),
  offlineMs: Type.Number({ minimum: 0 }),
});

const BdSeqSchema = Type.Integer({ minimum: 0, maximum: 255 });

/** `load` answers with the records of one shelf, in the order they were put. */
export function readRestored(
  load: (shelf: string) => readonly StoredRecord[],
  start?: AgentStart,
): StoreRestored {
  const refusals: { readonly shelf: string; readonly refusal: Refusal }[] = [];
  const keep = <Value>(shelf: string, read: Read<Value>): readonly Value[] => {
    if (read.ok) return [read.value];
    refusals.push({ shelf, refusal: read.refusal });
    return [];
  };
  const readAll = <Value>(
    shelf: string,
    read: (value: unknown) => Read<Value>,
    isWanted: (key: string) => boolean = () => true,
  ): readonly Value[] =>
    load(shelf)
      .filter(({ key }) => isWanted(key))
      .flatMap(({ value }) => {
        const json = readJsonText(value);
        return keep(shelf, json.ok ? read(json.value) : json);
      });
  const shape =
    <Value>(schema: TSchema) =>
    (value: unknown): Read<Value> =>
      readShape(schema, value) as Read<Value>;
  const [bdSeq] = readAll<number>(ACCESS_SHELF, shape(BdSeqSchema), (key) => key === BD_SEQ_KEY);
  const [document] = readAll(DESIRED_SHELF, readDesiredValue, (key) => key === DESIRED_KEY);
  const [trial] = readAll(DESIRED_SHELF, readTrialValue, (key) => key === TRIAL_KEY);
  const events = readAll<SagEvent>(OUTBOX_SHELF, shape(EventSchema));
  const isFloor = (key: string): boolean => key === COMMAND_FLOOR_KEY;
  const [commandFloorMs] = readAll<number>(COMMAND_SHELF, shape(WallMs), isFloor);
  const commands = readAll<RestoredCommand>(
    COMMAND_SHELF,
    shape(CommandSchema),
    (key) => !isFloor(key),
  );
  const flaps = readAll<TunnelFlaps>(FLAP_SHELF, shape(FlapsSchema));
  const [lock] = readAll<LockRecord>(LOCK_SHELF, shape(LockSchema));
  const desired = document === undefined ? undefined : hashed(document);
  return {
    type: 'storeRestored',
    bdSeq,
    desired,
    ...(trial === undefined ? {} : { trial }),
    ...(start === undefined ? {} : { start }),
    events,
    commands,
    ...(commandFloorMs === undefined ? {} : { commandFloorMs }),
    flaps,
    ...(lock === undefined ? {} : { lock }),
    refused: refusals,
  };
}
