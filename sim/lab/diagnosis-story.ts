/**
 * The story of the technician: a branch that works, then one fault after the other, and what `sagctl check` makes of
 * each; written to `diagnosis.json`.
 */
import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CheckReport } from '../../agent/diag/check/check-report.ts';
import type { AgentSnapshot } from '../../agent/model/snapshot.ts';
import { NameServer } from '../live/name-server.ts';
import { insideNetns, runCommand } from './command.ts';
import { DemoLab } from './demo-lab.ts';
import { diagnosisFaults, SILENT_HOST } from './diagnosis-faults.ts';
import type { InsideRun } from './inside-run.ts';
import type { LabEngine } from './lab-engines.ts';
import { LAB_DIRECTORY } from './network-lab.ts';
import { LAB_RESOLVER, netnsPath, VPC_HOST } from './topology.ts';
import { NotInTime, waitUntil } from './wait-until.ts';

/** Cold start of Node, handshakes and the first sessions, on a slow machine under load. */
const START_MS_MAX = 30_000;
/** From a fault until the check names it: sessions fall, a board is missed, an agent starts. */
const NAMED_MS_MAX = 60_000;
/** The state directory of an appliance, small enough to be filled. */
const STATE_OPTIONS = 'size=16m,mode=0700';

export interface DiagnosisReport {
  readonly healthy: CheckRun;
  readonly faults: readonly (CheckRun & {
    readonly name: string;
    readonly expected: string;
    readonly named: boolean;
  })[];
  readonly statusMs: readonly number[];
  /** What became of the document's check of the VPC host: on a healthy branch, and while that host is silent. */
  readonly vpcHost: { readonly healthy: string; readonly silent: string };
  readonly failed: readonly string[];
}

interface CheckRun {
  readonly firstBroken: string;
  readonly exitCode: number;
  /** Wall time of `sagctl check`, with the start of Node. */
  readonly tookMs: number;
}

export async function runDiagnosis(
  run: InsideRun,
  { engine, outDirectory }: { readonly engine: LabEngine; readonly outDirectory: string },
): Promise<number> {
  const logDirectory = join(outDirectory, 'diagnosis-logs');
  await mkdir(logDirectory, { recursive: true });
  const troubles: string[] = [];
  const onTrouble = (text: string): void => void troubles.push(text);
  const lab = await DemoLab.open({ engine, logDirectory, onTrouble });
  const names = await NameServer.open(netnsPath('inet'), LAB_RESOLVER);
  try {
    const report = await tell(run, lab, names);
    const file = join(outDirectory, 'diagnosis.json');
    await writeFile(file, `${JSON.stringify({ ...report, troubles }, null, 2)}\n`);
    for (const sentence of report.failed) console.error(`demo: FAILED: ${sentence}`);
    return report.failed.length === 0 ? 0 : 1;
  } finally {
    names.close();
    await lab.close();
  }
}

async function tell(run: InsideRun, lab: DemoLab, names: NameServer): Promise<DiagnosisReport> {
  const state = join(dirname(lab.config.configFile), 'state');
  await mkdir(state, { mode: 0o700 });
  await runCommand(['mount', '-t', 'tmpfs', '-o', STATE_OPTIONS, 'none', state]);
  const check = { id: VPC_CHECK, type: 'ICMP_ECHO', destination: VPC_HOST } as const;
  const { controller } = lab.cloud.cloud;
  controller.settle((settings) => ({ ...settings, healthChecks: [check] }));
  await lab.startAgent();
  const healthy = await named(lab, 'nothing', START_MS_MAX, run.stop);
  say(`a healthy branch: exit code ${healthy.exitCode} after ${healthy.tookMs} ms`);
  const vpcHost = { healthy: await checkedVpcHost(lab, 'success', run.stop), silent: 'not asked' };
  const faults: DiagnosisReport['faults'][number][] = [];
  for (const { name, rung, outcome, make, heal } of diagnosisFaults({ lab, names })) {
    const expected = `${rung} ${outcome}`;
    await make();
    const found = await named(lab, expected, NAMED_MS_MAX, run.stop);
    if (name === SILENT_HOST) vpcHost.silent = await checkedVpcHost(lab, 'failed', run.stop);
    await heal();
    faults.push({ name, expected, named: found.firstBroken === expected, ...found });
    say(`${name}: ${found.firstBroken}, exit code ${found.exitCode}, ${found.tookMs} ms`);
  }
  const statusMs: number[] = [];
  for (let at = 0; at < STATUS_RUNS; at += 1) statusMs.push((await sagctl(lab, 'status')).tookMs);
  say(`sagctl status: ${statusMs.join(', ')} ms`);
  const failed = faults.flatMap(({ name, named: isNamed, expected, firstBroken }) =>
    isNamed ? [] : [`${name}: ${firstBroken} was named and not ${expected}`],
  );
  if (healthy.firstBroken !== 'nothing') failed.push(`healthy: ${healthy.firstBroken}`);
  return { healthy, faults, statusMs, vpcHost, failed };
}

const STATUS_RUNS = 10;
const VPC_CHECK = 'vpc-host';

/** Asks until the health check has the status it should; what it had last when it never does. */
async function checkedVpcHost(lab: DemoLab, wanted: string, stop: AbortSignal): Promise<string> {
  let last = 'no answer';
  const look = async (): Promise<true | undefined> => {
    const { out } = await sagctl(lab, 'status');
    const { healthChecks = [] } = JSON.parse(out) as Pick<AgentSnapshot, 'healthChecks'>;
    last = healthChecks.find(({ id }) => id === VPC_CHECK)?.status ?? 'no such check';
    return last === wanted ? true : undefined;
  };
  try {
    await waitUntil(`health check ${wanted}`, NAMED_MS_MAX, look, stop);
  } catch (error) {
    if (!(error instanceof NotInTime)) throw error;
  }
  say(`the health check of the VPC host: ${last}`);
  return last;
}

/** Checks until the check names what it should; what it named last when it never does. */
async function named(
  lab: DemoLab,
  expected: string,
  withinMs: number,
  stop: AbortSignal,
): Promise<CheckRun> {
  let last: CheckRun = { firstBroken: 'no answer', exitCode: -1, tookMs: 0 };
  try {
    await waitUntil(
      expected,
      withinMs,
      async () => {
        last = await check(lab);
        return last.firstBroken === expected ? true : undefined;
      },
      stop,
    );
  } catch (error) {
    if (!(error instanceof NotInTime)) throw error;
  }
  return last;
}

async function check(lab: DemoLab): Promise<CheckRun> {
  const { out, exitCode, tookMs } = await sagctl(lab, 'check');
  const { firstBroken } = JSON.parse(out) as CheckReport;
  const words = firstBroken === null ? 'nothing' : `${firstBroken.id} ${firstBroken.outcome}`;
  return { firstBroken: words, exitCode, tookMs };
}

async function sagctl(
  { config }: DemoLab,
  command: string,
): Promise<{ readonly out: string; readonly exitCode: number; readonly tookMs: number }> {
  const program = new URL('../../agent/cli/sagctl.ts', import.meta.url).pathname;
  const options = ['--json', '--socket', config.controlSocket, '--config', config.configFile];
  const words = [program, command, ...options];
  const flags = ['--disable-warning=ExperimentalWarning'];
  const env = { ...process.env, NODE_COMPILE_CACHE: join(LAB_DIRECTORY, 'compile-cache') };
  const [file = '', ...argv] = insideNetns(
    [process.execPath, ...flags, ...words],
    netnsPath('sag'),
  );
  const startedAtMs = performance.now();
  const child = spawn(file, argv, { stdio: ['ignore', 'pipe', 'inherit'], env });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? -1));
  });
  return { out, exitCode, tookMs: Math.round(performance.now() - startedAtMs) };
}

function say(sentence: string): void {
  console.log(`demo: ${sentence}`);
}
