/** Sentences of the notes about the control socket and the page. */
import type { DoorNote } from '../model/notes/door-note.ts';
import { counted, type Sentences } from './render-sentences.ts';

const DOORS = { control: 'The control socket', page: 'The page' } as const;

export const doorSentences: Sentences<DoorNote> = {
  doorOpened: ({ door, where }) => `${DOORS[door]} is open at ${where}.`,
  doorFailed: ({ door, where, reason, text }) =>
    `${DOORS[door]} cannot open at ${where}: ${reason}, ${text}.`,
  doorActed: ({ what, uid, pid }) => `User ${uid} (process ${pid}) asked at the box: ${what}.`,
  pageActed: ({ role, from, what }) => `At the page, ${role} at ${from}: ${what}.`,
  pagePasswordForgotten: ({ kept }) =>
    kept
      ? 'The passwords of the page are forgotten and everybody is logged off: whoever opens it next sets a new one.'
      : 'The passwords of the page are forgotten and everybody is logged off, but the disk refused: after a restart the former ones count again unless new ones are set.',
  doorRefused: ({ door, reason, times }) =>
    `${DOORS[door]} refused ${counted(times, 'request', 'requests')}: ${reason}.`,
};
