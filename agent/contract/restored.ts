/**
 * What the store holds, read back with the same suspicion as what comes over the network: the file may be older than
 * this program, or damaged.
 */
import { type TSchema, Type } from '@sinclair/typebox';
import { CHOICE_KEY } from '../access/access-choice.ts';
import {
  COMMAND_FLOOR_KEY,
  COMMAND_SHELF,
  type RestoredCommand,
} from '../access/command-memory.ts';
import { ACCESS_SHELF, BD_SEQ_KEY } from '../access/life-line.ts';
import { OUTBOX_SHELF } from '../access/outbox.ts';
import type { AccessChoiceRecord } from '../model/access-point.ts';
import type { LockRecord } from '../model/data-stop.ts';
import type { Refusal } from '../model/desired.ts';
import type { TunnelFlaps } from '../model/fast-path.ts';
import { HA_ROLES, type HaRoleRecord } from '../model/ha.ts';
import type { LogLevelRecord } from '../model/log-level.ts';
import { NOTE_LEVELS } from '../model/note.ts';
import type { AgentStart } from '../model/restart.ts';
import type { SagEvent } from '../model/sag-event.ts';
import type { StoredRecord } from '../ports.ts';
import { HA_ROLE_SHELF } from '../report/reporter.ts';
import { DESIRED_KEY, DESIRED_SHELF, TRIAL_KEY } from '../state/commit-confirm.ts';
import { LOCK_SHELF } from '../state/data-lock.ts';
import { LOG_LEVEL_SHELF } from '../state/log-level-hold.ts';
import { WAN_SHELF } from '../state/wan/wan-record.ts';
import type { StoreRestored } from '../wiring/control-events.ts';
import { FLAP_SHELF } from '../wiring/flap-shelf.ts';
import { readTrialValue } from './confirm-schema.ts';
import { readDesiredValue } from './desired-schema.ts';
import { hashed } from './document-hash.ts';
import { type Read, readJsonText } from './payload-json.ts';
import { oneOf } from './payload-parts.ts';
import { readShape } from './payload-shape.ts';
import { sagEventMembers, TASK_STATES } from './report-schema.ts';
import { readWanRecord } from './wan-schema.ts';

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

const LogLevelSchema = Type.Object({
  v: Type.Literal(1),
  level: oneOf(NOTE_LEVELS, 'a log level'),
  untilMs: Type.Number(),
  endsMs: Type.Number(),
});

const HaRoleSchema = Type.Object({ v: Type.Literal(1), role: oneOf(HA_ROLES, 'an HA role') });

const ChoiceSchema = Type.Object({
  v: Type.Literal(1),
  accessPoint: Type.String({ minLength: 1 }),
  document: Type.Optional(Type.String()),
});

const BdSeqSchema = Type.Integer({ minimum: 0, maximum: 255 });

/** The events among these records; what is no event is left out. */
export function readEvents(records: readonly StoredRecord[]): readonly SagEvent[] {
  return records.flatMap(({ value }) => {
    const json = readJsonText(value);
    const read = json.ok ? (readShape(EventSchema, json.value) as Read<SagEvent>) : json;
    return read.ok ? [read.value] : [];
  });
}

/** `load` answers with the records of one shelf, in the order they were put. */
type Load = (shelf: string) => readonly StoredRecord[];

/** Reads shelves, and collects what could not be read. */
class Shelves {
  readonly refusals: { readonly shelf: string; readonly refusal: Refusal }[] = [];
  readonly #load: Load;

  constructor(load: Load) {
    this.#load = load;
  }

  readAll<Value>(
    shelf: string,
    read: (value: unknown) => Read<Value>,
    isWanted: (key: string) => boolean = () => true,
  ): readonly Value[] {
    return this.#load(shelf)
      .filter(({ key }) => isWanted(key))
      .flatMap(({ value }): readonly Value[] => {
        const json = readJsonText(value);
        const each = json.ok ? read(json.value) : json;
        if (each.ok) return [each.value];
        this.refusals.push({ shelf, refusal: each.refusal });
        return [];
      });
  }
}

function shape<Value>(schema: TSchema): (value: unknown) => Read<Value> {
  return (value) => readShape(schema, value) as Read<Value>;
}

export function readRestored(load: Load, start?: AgentStart): StoreRestored {
  const shelves = new Shelves(load);
  const readAll = shelves.readAll.bind(shelves) as Shelves['readAll'];
  const [bdSeq] = readAll<number>(ACCESS_SHELF, shape(BdSeqSchema), (key) => key === BD_SEQ_KEY);
  const [choice] = readAll<AccessChoiceRecord>(
    ACCESS_SHELF,
    shape(ChoiceSchema),
    (key) => key === CHOICE_KEY,
  );
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
  const [logLevel] = readAll<LogLevelRecord>(LOG_LEVEL_SHELF, shape(LogLevelSchema));
  const [haRole] = readAll<HaRoleRecord>(HA_ROLE_SHELF, shape(HaRoleSchema));
  const [wan] = readAll(WAN_SHELF, readWanRecord);
  const desired = document === undefined ? undefined : hashed(document);
  return {
    type: 'storeRestored',
    bdSeq,
    ...(choice === undefined ? {} : { choice }),
    desired,
    ...(trial === undefined ? {} : { trial }),
    ...(start === undefined ? {} : { start }),
    events,
    commands,
    ...(commandFloorMs === undefined ? {} : { commandFloorMs }),
    flaps,
    ...(lock === undefined ? {} : { lock }),
    ...(logLevel === undefined ? {} : { logLevel }),
    ...(haRole === undefined ? {} : { haRole }),
    ...(wan === undefined ? {} : { wan }),
    refused: shelves.refusals,
  };
}
