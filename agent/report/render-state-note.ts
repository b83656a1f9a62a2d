/** Sentences of the notes about desired state, the steps towards it, and what is observed. */
import type { StateNote } from '../model/notes/state-note.ts';
import type { SetAsideCounts } from '../model/restart.ts';
import { dataStopWords } from './render-data-stop.ts';
import { duration } from './render-duration.ts';
import { changeWords } from './render-kernel-change.ts';
import { counted, pointed, type Sentences } from './render-sentences.ts';

export function documentInForce(mode: 'safe' | 'bare'): string {
  return mode === 'safe'
    ? 'the last confirmed document is in force'
    : 'no document is read and what a former run left stays';
}

export function setAsideWords({ events, commands, documents }: SetAsideCounts): string {
  return [
    counted(events, 'event', 'events'),
    counted(commands, 'command', 'commands'),
    counted(documents, 'document on trial', 'documents on trial'),
  ].join(', ');
}

export const stateSentences: Sentences<StateNote> = {
  desiredAccepted: ({ revision }) => `Desired revision ${revision} is accepted, on trial.`,
  desiredConfirmed: ({ revision }) => `Desired revision ${revision} has proved itself.`,
  desiredUndone: ({ revision, to, reason, because }) =>
    `Desired revision ${revision} was undone, ${to === 0 ? 'nothing' : `revision ${to}`} is wanted again: ${reason}, ${because}.`,
  desiredRefused: ({ revision, reason, pointer, because }) =>
    `Desired revision ${revision} was refused: ${reason}${pointed(pointer)}, ${because}.`,
  safeModeEntered: ({ mode, crashes, stayMs, ...aside }) =>
    `Safe mode after ${counted(crashes, 'crash', 'crashes')} in a row, for ${duration(stayMs)}: ${documentInForce(mode)}, no other is taken; ${setAsideWords(aside)} set aside.`,
  safeModeLeft: ({ givesBack }) =>
    `Safe mode ends and the agent starts anew; the events set aside ${givesBack ? 'are tried again' : 'are kept for the next version of the agent'}.`,
  desiredReached: ({ revision }) => `Everything desired revision ${revision} asks for exists.`,
  planSent: ({ revision, tunnels, prefixes }) =>
    `The fast path got the plan of revision ${revision}: ${counted(tunnels, 'tunnel', 'tunnels')}, ${counted(prefixes, 'prefix', 'prefixes')}.`,
  dataStopped: ({ why }) => `User traffic is stopped: ${dataStopWords(why)}.`,
  dataResumed: () => 'User traffic is no longer stopped.',
  stepDone: ({ step }) => `Done: ${step}.`,
  stepFailed: ({ step, because, retryInMs }) =>
    `Not done: ${step} (${because}); tried again in ${duration(retryInMs)}.`,
  packetRulesGone: () =>
    'The rules for packets were changed by somebody else and are written again.',
  dhcpEnded: ({ why }) => `Addresses are no longer given out on the LAN: ${why}.`,
  packetRuleRefused: ({ rule, because }) => `The rule ${rule} is left out: ${because}.`,
  logLevelHeld: ({ held, forMs }) =>
    `The document sets the log level to ${held} for ${duration(forMs)}.`,
  flowsUnmarked: ({ because }) =>
    `Flows do not remember their tunnel, so all of them move when traffic returns (${because}).`,
  kernelResynced: ({ added, removed, changed, objects }) => {
    const total = added + removed + changed;
    const what = total === 0 ? 'nothing had changed' : changeWords(objects, total);
    return `Messages of the kernel were lost and everything was looked at again, ${added} added, ${removed} removed, ${changed} changed: ${what}.`;
  },
};
