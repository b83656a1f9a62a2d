/** Sentences of the notes about the control socket and the page. */
import type { DoorNote } from '../model/notes/door-note.ts';
import { counted, type Sentences } from './render-sentences.ts';

const DOORS = { control: 'The control socket', page: 'The page' } as const;

export const doorSentences: Sentences<DoorNote> = {
  doorOpened: ({ door, where }) => `${DOORS[door]} is open at ${where}.`,
  doorFailed: ({ door, where, reason, text }) =>
    `${DOORS[door]} cannot open at ${where}: ${reason}, ${text}.`,
  doorActed: ({ what, uid, pid }) => `User ${uid} (process ${pid}) asked at the box: ${what}.`,
  doorRefused: ({ door, reason, times }) =>
    `${DOORS[door]} refused ${counted(times, 'request', 'requests')}: ${reason}.`,
};
