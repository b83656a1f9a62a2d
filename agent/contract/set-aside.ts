/**
 * Sets aside what the agent was working on when it crashed, without reading any of it: whatever reads it may be what
 * crashes. Records are moved as they are to a shelf of their own, and from there back to where they were.
 */
import { COMMAND_FLOOR_KEY, COMMAND_SHELF } from '../access/command-memory.ts';
import { OUTBOX_SHELF } from '../access/outbox.ts';
import type { TrialRecord } from '../model/desired.ts';
import type { SetAsideCounts, StartMode } from '../model/restart.ts';
import type { StoredRecord } from '../ports.ts';
import { DESIRED_SHELF, TRIAL_KEY } from '../state/commit-confirm.ts';
import { CRASHES_MAX } from '../state/safe-mode.ts';

export const SET_ASIDE_SHELF = 'set-aside';

type Load = (shelf: string) => readonly StoredRecord[];

/** A record and the shelf it lies on. */
export interface ShelfRecord extends StoredRecord {
  readonly shelf: string;
}

export interface StoreChanges {
  readonly puts: readonly ShelfRecord[];
  readonly removes: readonly ShelfRecord[];
}

export interface SetAside {
  readonly changes: StoreChanges;
  /** What such a start reads instead of the store, whether or not the disk takes the changes. */
  readonly load: Load;
  readonly counts: SetAsideCounts;
}

/** In a bare start the confirmed document and everything else stays where it is and is not looked at. */
export function setAside(load: Load, mode: Exclude<StartMode, 'normal'>): SetAside {
  const isBare = mode === 'bare';
  const events = on(OUTBOX_SHELF, load);
  const isFloor = ({ key }: StoredRecord): boolean => key === COMMAND_FLOOR_KEY;
  const floors = on(COMMAND_SHELF, load).filter(isFloor);
  const commands = on(COMMAND_SHELF, load).filter((each) => !isFloor(each));
  const unfinished = commands.filter(({ value }) => isBare || isUnfinished(value));
  const answered = unfinished.map(interrupted);
  const trials = on(DESIRED_SHELF, load).filter(isTrial);
  const spent = trials.flatMap(spentTrial);
  const former = load(SET_ASIDE_SHELF);
  // Of a second start in safe mode: what was put in the place of a command counts as unfinished again.
  const known = new Set(former.map(({ key }) => key));
  const moved = [...events, ...unfinished, ...trials].filter((each) => !known.has(placeOf(each)));
  const views: Readonly<Record<string, readonly StoredRecord[]>> = {
    [OUTBOX_SHELF]: [],
    [COMMAND_SHELF]: [
      ...floors,
      ...commands.filter((each) => !unfinished.includes(each)),
      ...answered,
    ],
    ...(!isBare && {
      [DESIRED_SHELF]: [...on(DESIRED_SHELF, load).filter((each) => !isTrial(each)), ...spent],
    }),
  };
  return {
    changes: {
      puts: [...moved.map(aside), ...answered, ...spent],
      removes: [...events, ...(spent.length === 0 ? trials : [])],
    },
    load: (shelf) => views[shelf] ?? (isBare ? [] : load(shelf)),
    counts: countsOf([...former, ...moved.map(aside)]),
  };
}

/** Events go back; a command or a document was answered as interrupted and is not begun again by itself. */
export function giveBack(load: Load): StoreChanges {
  const prefix = `${OUTBOX_SHELF}/`;
  const all = on(SET_ASIDE_SHELF, load);
  const puts = all.flatMap(({ key, value }) =>
    key.startsWith(prefix) ? [{ shelf: OUTBOX_SHELF, key: key.slice(prefix.length), value }] : [],
  );
  return { puts, removes: all };
}

export function countsOf(records: readonly StoredRecord[]): SetAsideCounts {
  const count = (shelf: string): number =>
    records.filter(({ key }) => key.startsWith(`${shelf}/`)).length;
  return {
    events: count(OUTBOX_SHELF),
    commands: count(COMMAND_SHELF),
    documents: count(DESIRED_SHELF),
  };
}

function on(shelf: string, load: Load): readonly ShelfRecord[] {
  return load(shelf).map((record) => ({ ...record, shelf }));
}

function placeOf({ shelf, key }: ShelfRecord): string {
  return `${shelf}/${key}`;
}

function aside(record: ShelfRecord): ShelfRecord {
  return { shelf: SET_ASIDE_SHELF, key: placeOf(record), value: record.value };
}

function isUnfinished(value: string): boolean {
  return /"state":"(?:Initialized|Processing)"/.test(value);
}

/** What was undone already is not being worked on. */
function isTrial({ key, value }: StoredRecord): boolean {
  return key === TRIAL_KEY && !value.includes('"state":"undone"');
}

/** Its id, nonce and end are remembered, so that it cannot run twice; the desk answers it as interrupted. */
function interrupted({ key: id, value }: ShelfRecord): ShelfRecord {
  const [, nonce] = /"nonce":"([^"\\]{1,128})"/.exec(value) ?? [];
  const fine = { errorCode: '200', errorMessage: 'Successful' };
  const [, end] = /"expiresAtMs":(\d{1,15})[,}]/.exec(value) ?? [];
  const known = { ...(nonce && { nonce }), ...(end && { expiresAtMs: Number(end) }) };
  const status = { id, state: 'Processing', ...fine, ...known };
  return { shelf: COMMAND_SHELF, key: id, value: JSON.stringify(status) };
}

/** The document of this revision and hash is not tried again when it comes again. */
function spentTrial({ value }: StoredRecord): readonly ShelfRecord[] {
  const [, revision] = /"revision":(\d{1,15})[,}]/.exec(value) ?? [];
  const [, hash] = /"hash":"([0-9a-f]{64})"/.exec(value) ?? [];
  if (revision === undefined || hash === undefined) return [];
  const record = {
    v: 1,
    state: 'undone',
    revision: Number(revision),
    hash,
    interruptions: CRASHES_MAX,
    code: 'EDESIRED_INTERRUPTED',
    pointer: '',
  } satisfies TrialRecord;
  return [{ shelf: DESIRED_SHELF, key: TRIAL_KEY, value: JSON.stringify(record) }];
}
