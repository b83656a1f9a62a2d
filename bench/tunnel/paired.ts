/**
 * Rows of suite `tunnel`: our fast path and bfdd as each other's far end, so that both do the same work on the
 * same sessions at the same time. CPU of each process, and how long each needs to find the other silent.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BfdTimers } from '../../agent/model/tunnel.ts';
import { liveClock } from '../../firmware-shim/adapters/live-clock.ts';
import { FrrBfdd } from '../../sim/lab/frr-bfdd.ts';
import { FIELD_DEVICE, type FieldSide, SessionField } from '../../sim/lab/session-field.ts';
import { type BenchRow, pairedRow } from '../harness.ts';
import { downsSince, EndProcess } from './end-process.ts';

const LOADS = [
  { sessions: 100, intervalMs: 50 },
  { sessions: 400, intervalMs: 100 },
] as const;
const WINDOWS = 3;
const WINDOW_MS = 2_500;
const DETECTION = { sessions: 50, intervalMs: 50, cuts: 2 } as const;
/** Kernel clock ticks, in which /proc counts (USER_HZ). */
const TICK_MS = 10;
/** A little more than ours may need, because its detection is the same arithmetic. */
const DETECTION_RATIO_MAX = 1.1;
const CPU_RATIO_MAX = 0.5;

interface Pair {
  readonly field: SessionField;
  readonly ours: EndProcess;
  readonly frr: FrrBfdd;
}

export async function pairedRows(): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const { sessions, intervalMs } of LOADS) {
    rows.push(await withPair(sessions, intervalMs, async (pair) => cpuRow(pair, intervalMs)));
  }
  const { sessions, intervalMs } = DETECTION;
  rows.push(await withPair(sessions, intervalMs, detectionRow));
  return rows;
}

async function withPair<Result>(
  sessions: number,
  intervalMs: number,
  run: (pair: Pair) => Promise<Result>,
): Promise<Result> {
  const timers: BfdTimers = {
    desiredMinTxMs: intervalMs,
    requiredMinRxMs: intervalMs,
    detectMult: 3,
  };
  const field = await SessionField.open(sessions);
  const ours = new EndProcess(field.netnsPath('near'));
  const peers = Array.from({ length: sessions }, (_, index) => ({
    remoteAddress: field.address('near', index),
    localAddress: field.address('far', index),
    deviceName: FIELD_DEVICE,
    timers,
  }));
  let frr: FrrBfdd | undefined;
  try {
    frr = await FrrBfdd.start(field.netnsPath('far'), peers);
    await ours.ask({ do: 'plan', tunnels: field.tunnels('near', () => timers) });
    await ours.untilUp(sessions);
    await sleep(2_000);
    return await run({ field, ours, frr });
  } finally {
    await ours.stop();
    await frr?.close();
    await field.close();
  }
}

async function cpuRow({ field, ours, frr }: Pair, intervalMs: number): Promise<BenchRow> {
  const percents = { ours: [] as number[], peer: [] as number[] };
  for (let window = 0; window < WINDOWS; window += 1) {
    const before = { ours: (await ours.report()).cpuMs, peer: cpuMsOf(frr.pid) };
    const fromMs = liveClock.nowMs();
    await sleep(WINDOW_MS);
    const after = { ours: (await ours.report()).cpuMs, peer: cpuMsOf(frr.pid) };
    const tookMs = liveClock.nowMs() - fromMs;
    percents.ours.push((100 * (after.ours - before.ours)) / tookMs);
    percents.peer.push((100 * (after.peer - before.peer)) / tookMs);
  }
  return pairedRow({
    id: `liveness-cpu-${field.count}x${intervalMs}`,
    what: `CPU of ${field.count} sessions at ${intervalMs} ms, the whole process`,
    unit: '% of a core',
    peerName: 'FRR bfdd',
    ...percents,
    ratioMax: CPU_RATIO_MAX,
  });
}

/** What either end needs from the cut of its own receiving until it says Down. */
async function detectionRow({ field, ours }: Pair): Promise<BenchRow> {
  const samples = { ours: [] as number[], peer: [] as number[] };
  for (let cut = 0; cut < DETECTION.cuts; cut += 1) {
    samples.ours.push(...(await deafen(field, ours, 'near')));
    // bfdd's Down reaches us at once, because the other direction is whole.
    samples.peer.push(...(await deafen(field, ours, 'far')));
  }
  const { sessions, intervalMs } = DETECTION;
  return pairedRow({
    id: `detection-${sessions}x${intervalMs}`,
    what: `silence until Down, ${sessions} sessions at ${intervalMs} ms x 3`,
    unit: 'ms',
    peerName: 'FRR bfdd',
    ...samples,
    ratioMax: DETECTION_RATIO_MAX,
  });
}

async function deafen(
  field: SessionField,
  ours: EndProcess,
  side: FieldSide,
): Promise<readonly number[]> {
  const since = (await ours.report()).moves.length;
  await field.nft(side, [
    'add table inet deaf',
    'add chain inet deaf in { type filter hook input priority 0 ; }',
    'add rule inet deaf in udp dport 3784 drop',
  ]);
  const cutAtMs = liveClock.nowMs();
  await sleep(1_000);
  const downs = downsSince(await ours.report(), since);
  await field.nft(side, ['delete table inet deaf']);
  await ours.untilUp(field.count);
  await sleep(500);
  return downs.map(({ atMs }) => atMs - cutAtMs);
}

function cpuMsOf(pid: number): number {
  // The name in brackets may hold anything; fields are counted behind it (proc_pid_stat(5)).
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return TICK_MS * (Number(fields[11]) + Number(fields[12]));
}
