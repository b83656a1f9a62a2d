/**
 * The safety core by area: the files that are mutated, and the tests that must notice.
 *
 * Only tests without real parts are asked, and of these only the area's own: a mistake should be found where it is
 * made, not three floors above.
 */
export interface Area {
  /** Globs below the root of the repository. */
  readonly files: readonly string[];
  readonly tests: readonly string[];
  /** Parts of the names of tests that take seconds and are not asked: the score can only be lower for it. */
  readonly leftOut?: readonly string[];
}

const UNIT = 'test/unit';

export const AREAS = {
  framer: {
    files: ['firmware-shim/wire/*.ts'],
    tests: [`${UNIT}/firmware-shim/wire/*.test.ts`],
  },
  'board-line': {
    files: ['firmware-shim/line/*.ts', '!firmware-shim/line/{firmware-update,update-*}.ts'],
    tests: [
      `${UNIT}/firmware-shim/line/{at-*,board-*,commands,line-*,ordered-*,pending-*,recovery*,story}.test.ts`,
    ],
    leftOut: [
      'operations under faults',
      'over a thousand reboots',
      'noise between the frames',
      'whatever happens in whatever order',
    ],
  },
  /** Apart from the line below it, whose mutants would otherwise each wait for whole updates in virtual time. */
  'firmware-update': {
    files: ['firmware-shim/line/{firmware-update,update-*}.ts'],
    tests: [`${UNIT}/firmware-shim/line/{firmware-update*,update-*}.test.ts`],
    leftOut: [
      'whatever the board says in whatever order',
      'survives reboots',
      'one write in five lost',
      'waits for a board that is not there yet',
    ],
  },
  bfd: {
    files: ['agent/tunnel/bfd/*.ts'],
    tests: [
      `${UNIT}/agent/tunnel/bfd-{authentication,broken-link,burst,intervals,moves,packet,poll-sequence,repeated,session*,state-table}.test.ts`,
    ],
    leftOut: ['two per cent of loss each way over an hour'],
  },
  choice: {
    files: ['agent/tunnel/choice/*.ts'],
    tests: [`${UNIT}/agent/tunnel/{tunnel-choice,hub-choice,sla-judge,choice-*}.test.ts`],
  },
  routes: {
    files: ['agent/routes/*.ts'],
    tests: [`${UNIT}/agent/routes/*.test.ts`],
  },
  outbox: {
    files: [
      'agent/access/{outbox*,event-*,publish-lane,replay-pace,state-mirror}.ts',
      'agent/report/reporter.ts',
      'agent/durable/*.ts',
    ],
    tests: [
      `${UNIT}/agent/access/{outbox*,event-queue,state-mirror}.test.ts`,
      `${UNIT}/agent/report/reporter*.test.ts`,
      `${UNIT}/agent/durable/*.test.ts`,
    ],
    leftOut: ['a week offline'],
  },
  registration: {
    files: [
      'agent/access/{registration*,retry-pace,gateway-walk,attempt-plan,close-reaction,life}.ts',
    ],
    tests: [
      `${UNIT}/agent/access/{registration,registration-[!c]*,attempt-plan,life,retry-*}.test.ts`,
    ],
  },
  'commit-confirm': {
    files: ['agent/state/{commit-confirm,confirm-*,document-trial,trial-record,safe-mode}.ts'],
    tests: [`${UNIT}/agent/state/{commit-confirm*,safe-mode}.test.ts`],
  },
  authorisation: {
    files: [
      'agent/diag/page-access/*.ts',
      'agent/contract/command-proof.ts',
      'agent/access/command-{desk,rules}.ts',
    ],
    tests: [
      `${UNIT}/agent/diag/page-access/*.test.ts`,
      `${UNIT}/agent/contract/command-proof.test.ts`,
      `${UNIT}/agent/access/command-{desk*,rules}.test.ts`,
    ],
    leftOut: ['lets 100,000 guesses take a week'],
  },
} as const satisfies Readonly<Record<string, Area>>;

export type AreaName = keyof typeof AREAS;
