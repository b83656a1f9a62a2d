/**
 * Both ends of a session field are ours, each a process of its own.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { SessionField } from '../../sim/lab/session-field.ts';
import { downsSince, EndProcess, type EndReport } from './end-process.ts';

export interface OwnPair {
  readonly field: SessionField;
  readonly near: EndProcess;
  readonly far: EndProcess;
}

/** Sessions that have just come Up still ask for the size of their path. */
const SETTLE_MS = 3_000;

export async function withOwnPair<Result>(
  sessions: number,
  intervalMs: number,
  run: (pair: OwnPair) => Promise<Result>,
  flags?: readonly string[],
): Promise<Result> {
  const timers = { desiredMinTxMs: intervalMs, requiredMinRxMs: intervalMs, detectMult: 3 };
  const field = await SessionField.open(sessions);
  const near = new EndProcess(field.netnsPath('near'), flags);
  const far = new EndProcess(field.netnsPath('far'), flags);
  try {
    await near.ask({ do: 'plan', tunnels: field.tunnels('near', () => timers) });
    await far.ask({ do: 'plan', tunnels: field.tunnels('far', () => timers) });
    await Promise.all([near.untilUp(sessions), far.untilUp(sessions)]);
    await sleep(SETTLE_MS);
    return await run({ field, near, far });
  } finally {
    await Promise.all([near.stop(), far.stop()]);
    await field.close();
  }
}

export interface Watched {
  readonly falseDowns: number;
  /** Of the near process, all its threads. */
  readonly cpuPercent: number;
  readonly near: EndReport;
}

/** Runs `work` and counts what fell at either end meanwhile. */
export async function watched(
  { near, far }: OwnPair,
  work: () => Promise<unknown>,
): Promise<Watched> {
  const before = { near: await near.report(), far: await far.report() };
  const fromMs = performance.now();
  await work();
  const after = await near.report();
  const tookMs = performance.now() - fromMs;
  const falls = [
    ...downsSince(after, before.near.moves.length),
    ...downsSince(await far.report(), before.far.moves.length),
  ];
  for (const { tunnel, because } of falls.slice(0, 4)) console.log(`fell: ${tunnel}: ${because}`);
  const cpuPercent = (100 * (after.cpuMs - before.near.cpuMs)) / tookMs;
  return { falseDowns: falls.length, cpuPercent, near: after };
}
