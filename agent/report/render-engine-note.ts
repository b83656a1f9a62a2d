/** Sentences of the notes of the tunnel engines. */
import type { EngineNote } from '../model/notes/engine-note.ts';
import { duration } from './render-duration.ts';
import { clause, type Sentences } from './render-sentences.ts';

const ENGINES = { wireguard: 'WireGuard', ipsec: 'IPsec' } as const;

const STAGES = {
  prepare: 'accepts its next identity beside the present one',
  switch: 'shows its new identity and still accepts the old one',
  retire: 'has forgotten its old identity',
  back: 'has returned to its old identity',
} as const;

export const engineSentences: Sentences<EngineNote> = {
  engineMissing: ({ engine, reason, because }) =>
    `No ${ENGINES[engine]} tunnel can be made, because the engine is missing (${reason}): ${clause(because)}; it is looked for again and again.`,
  engineFound: ({ engine }) => `The ${ENGINES[engine]} engine is there now.`,
  engineCalled: ({ tunnel, because, retryInMs }) =>
    because === undefined
      ? `The ends of ${tunnel} have shaken hands again; unless its session comes Up it is called again in ${duration(retryInMs)}.`
      : `The far end of ${tunnel} was called in vain: ${clause(because)}; it is called again in ${duration(retryInMs)}.`,
  engineTunnelUp: ({ tunnel, endpoint, cipher }) =>
    `The engine has set ${tunnel} up with ${endpoint} (${cipher}).`,
  engineTunnelDown: ({ tunnel, because }) => `The engine has lost ${tunnel}: ${clause(because)}.`,
  engineRekeyed: ({ tunnel, association }) => `The ${association} of ${tunnel} has new keys.`,
  engineEndpointMoved: ({ tunnel, endpoint }) => `The far end of ${tunnel} is at ${endpoint} now.`,
  engineAdopted: ({ tunnel }) =>
    `The engine found ${tunnel} standing from a former run and keeps it as it is.`,
  engineDaemonLost: ({ tunnel, because, retryInMs }) =>
    `The daemon of ${tunnel} is lost: ${clause(because)}; it is started again in ${duration(retryInMs)}.`,
  engineDaemonBack: ({ tunnel, afterMs }) =>
    `The daemon of ${tunnel} is back, ${duration(afterMs)} after it was lost.`,
  identityStage: ({ tunnel, stage }) => `${tunnel} ${STAGES[stage]}.`,
};
