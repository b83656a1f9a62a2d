/**
 * Writes notes as JSON lines to standard output, for the journal of the machine.
 *
 * The destination is synchronous: a line costs some microseconds more and survives whatever ends the process
 * a moment later. One note is one line; strings are escaped and cut short, and nothing that looks like a
 * private key ever passes.
 */
import { pino } from 'pino';
import type { NoteLevel } from '../model/note.ts';
import type { TimedNote } from '../model/snapshot.ts';
import { renderNote } from '../report/render-note.ts';
import { withoutSecret } from '../report/render-printable.ts';

export interface NoteLog {
  log(timed: TimedNote): void;
  /** Another level for so long, at once over with 0; then that of the configuration returns. */
  levelFor(level: NoteLevel, forMs: number): void;
  /** Returns when everything logged has been handed to the operating system. */
  flush(): void;
}

const STANDARD_OUTPUT_FD = 1;
/** A peer chooses some of the strings in notes; a line stays readable all the same. */
const STRING_CHARACTERS_MAX = 512;
/** Lists and maps in notes are short; a longer one is cut. */
const MEMBERS_MAX = 32;
const DEPTH_MAX = 4;

/** Numbers grow with urgency, as pino wants them. */
const LEVELS: Readonly<Record<NoteLevel, number>> = {
  debug: 20,
  info: 30,
  notice: 35,
  warning: 40,
  error: 50,
};

/** Logs notes of `level` and above; `fd` is standard output unless told otherwise. */
export function openNoteLog(level: NoteLevel, fd = STANDARD_OUTPUT_FD): NoteLog {
  const destination = pino.destination({ fd, sync: true });
  // The reader of a pipe may go away; that must not end the agent.
  destination.on('error', () => undefined);
  const logger = pino(
    {
      level,
      base: null,
      timestamp: false,
      messageKey: 'sentence',
      customLevels: { ...LEVELS },
      useOnlyCustomLevels: true,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  let back: NodeJS.Timeout | undefined;
  return {
    log: (timed) => {
      logger[timed.note.level](fieldsOf(timed), renderNote(timed.note));
    },
    levelFor: (other, forMs) => {
      clearTimeout(back);
      logger.level = forMs > 0 ? other : level;
      back = setTimeout(() => {
        logger.level = level;
      }, forMs).unref();
    },
    flush: () => destination.flushSync(),
  };
}

function fieldsOf({ atMs, wallMs, note }: TimedNote): Record<string, unknown> {
  const { code, level: _inTheLine, ...own } = note;
  return { time: wallTime(wallMs), atMs, code, ...(bounded(own, 0) as object) };
}

/** RFC 3339 in UTC; a wall clock gone mad must not cost the line. */
function wallTime(wallMs: number): string {
  const date = new Date(wallMs);
  return Number.isNaN(date.getTime()) ? 'unknown' : date.toISOString();
}

function bounded(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return boundedString(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEPTH_MAX) return '…';
  if (Array.isArray(value)) {
    return value.slice(0, MEMBERS_MAX).map((item: unknown) => bounded(item, depth + 1));
  }
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MEMBERS_MAX)
      .map(([key, member]) => [key, bounded(member, depth + 1)]),
  );
}

function boundedString(text: string): string {
  const open = withoutSecret(text);
  return open.length > STRING_CHARACTERS_MAX ? `${open.slice(0, STRING_CHARACTERS_MAX)}…` : open;
}
