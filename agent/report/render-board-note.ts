/** Sentences of the notes about the board and its line. */
import type { BoardNote } from '../model/notes/board-note.ts';
import { duration } from './render-duration.ts';
import { counted, type Sentences } from './render-sentences.ts';

export const boardSentences: Sentences<BoardNote> = {
  boardUp: ({ model, serialNumber }) =>
    `The board answers: ${model}, serial number ${serialNumber}.`,
  boardLost: ({ why }) =>
    `The board is silent (${why}); uplinks are judged by the kernel alone until it returns.`,
  portClosed: ({ port, reason, text, retryInMs }) =>
    `The serial port ${port} is closed: ${reason}, ${text}; next attempt in ${duration(retryInMs)}.`,
  lineStateChanged: ({ from, to, because }) =>
    `The board line went from ${from} to ${to}: ${because}.`,
  boardRebooted: ({ bootEpoch, pendingCommands }) =>
    `The board started again (boot epoch ${bootEpoch}); ${counted(pendingCommands, 'command', 'commands')} went unanswered.`,
  lineRecovery: ({ stage, because, outageMs }) =>
    stage === 'well'
      ? `The board is back after ${Math.round(outageMs)} ms: ${because}.`
      : `Recovering the board by ${stage}: ${because}.`,
  boardMessageRefused: ({ reason, field, times }) =>
    `The board sent something impossible in ${field}: ${reason}, ${counted(times, 'time', 'times')} so far.`,
  boardVersionUnknown: ({ version, times }) =>
    `The board speaks protocol version ${version}, which this agent does not, ${counted(times, 'time', 'times')} so far.`,
};
