/** Sentences of the notes about the board and its line. */
import type { BoardNote } from '../model/notes/board-note.ts';
import { duration } from './render-duration.ts';
import { clause, counted, type Sentences } from './render-sentences.ts';

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
  mcuStarted: ({ cause }) =>
    cause === 'watchdog'
      ? 'The MCU started anew because nobody kicked its watchdog: this agent was away, or hung, for too long.'
      : 'The MCU failed and started anew by itself; if that repeats, the board needs a look.',
  passwordResetAsked: ({ button, heldMs }) =>
    `${button} was held for ${duration(heldMs)}, which asks for a new password of the local page.`,
  factoryResetAsked: ({ button, heldMs }) =>
    `${button} was held for ${duration(heldMs)}, which asks for the factory settings; this version erases nothing: if it is wanted, unbind the SAG in the console first.`,
  pressRefused: ({ button, heldMs }) =>
    `${button} was held for ${duration(heldMs)} and refused: the reset function is locked, and nothing was done; unlock it in the console first.`,
  firmwareUpdateProgress: ({ stage, version, sentBytes, sizeBytes, because }) =>
    `The update of the board's firmware to ${version} is ${stage}, ${sentBytes} of ${sizeBytes} bytes sent: ${clause(because)}.`,
  firmwareUpdateEnded: ({ version, tookMs, failure, text }) =>
    failure === undefined
      ? `The board runs firmware ${version} and keeps it, after ${duration(tookMs)}: ${clause(text)}.`
      : `The update of the board's firmware to ${version} failed after ${duration(tookMs)}: ${failure}, ${clause(text)}.`,
};
