/**
 * Suite `sim`: how many simulated seconds pass in a second of one core.
 *
 * The world is one thread, so a second of its CPU is a second on a machine that has nothing else to do; on one that
 * has, the figure stays the same.
 */
import { type BenchRow, floorRow, writeRows } from './harness.ts';
import { TunnelField } from './sim/tunnel-field.ts';
import { WholeBranch } from './sim/whole-branch.ts';

const COUNTS: readonly number[] = [1, 10, 400];
/** One branch. */
const GOAL = { tunnels: 2, simulatedSPerS: 20_000 } as const;
const FAST = { desiredMinTxMs: 100, requiredMinRxMs: 100, detectMult: 3 };
const ROUNDS = 3;
/** A round takes so much of the core that its clock can tell; the first ones, until it does, warm the code up. */
const SHARE_S_MIN = 0.3;
const FIRST_MS = 1_000;

interface Subject {
  readonly nowMs: number;
  start(): Promise<void>;
}

interface Case<Of extends Subject> {
  readonly id: string;
  readonly what: string;
  readonly make: () => Of;
  /** Lets about so much time pass; throws when anything is not as it should be. */
  readonly pass: (subject: Of, forMs: number) => Promise<void>;
  /** 0 where a figure is told and nothing promised. */
  readonly least: number;
}

function played(count: number): Case<TunnelField> {
  return {
    id: `tunnels-${count}-played`,
    what: `both ends of ${count} tunnels at ${FAST.desiredMinTxMs} ms, every packet played`,
    make: () => new TunnelField(count, FAST),
    pass: async (field, forMs) => field.play(forMs),
    least: 0,
  };
}

function rated(count: number, least = 0): Case<TunnelField> {
  return {
    id: `tunnels-${count}-rated`,
    what: `both ends of ${count} tunnels at ${FAST.desiredMinTxMs} ms, calm time as a rate`,
    make: () => new TunnelField(count, FAST),
    pass: async (field, forMs) => field.rest(forMs),
    least,
  };
}

const WHOLE: Case<WholeBranch> = {
  id: 'branch-whole',
  what: 'a branch with everything on and four tunnels at 50 ms, calm time as a rate, all checks',
  make: () => new WholeBranch(),
  pass: async (branch, forMs) => branch.rest(forMs),
  least: 0,
};

export async function runSimSuite(outDirectory: string): Promise<number> {
  const rows: BenchRow[] = [];
  for (const count of COUNTS) rows.push(await measured(played(count)));
  rows.push(await measured(rated(GOAL.tunnels, GOAL.simulatedSPerS)));
  for (const count of COUNTS) rows.push(await measured(rated(count)));
  rows.push(await measured(WHOLE));
  await writeRows('sim', rows, outDirectory);
  return rows.every(({ held }) => held) ? 0 : 1;
}

async function measured<Of extends Subject>(subjects: Case<Of>): Promise<BenchRow> {
  const { id, what, make, pass, least } = subjects;
  const subject = make();
  await subject.start();
  const samples: number[] = [];
  for (let forMs = FIRST_MS; samples.length < ROUNDS; ) {
    const fromMs = subject.nowMs;
    const tookS = await cpuSeconds(async () => pass(subject, forMs));
    if (tookS < SHARE_S_MIN && samples.length === 0) forMs *= 2;
    else samples.push((subject.nowMs - fromMs) / 1_000 / tookS);
  }
  return floorRow({ id, what, unit: 'simulated s per s', samples, least });
}

async function cpuSeconds(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
