/**
 * `node test/crash/main.ts --kills 200 [--seed 1]`: kills the real agent at random moments and says what was lost.
 *
 * Exit status 0: nothing that was ever on its disk, and nothing that was acknowledged, is missing at the gateway, and no
 * file was damaged. 1: something was. 2: it cannot be tried here.
 */
import { parseArgs } from 'node:util';
import { netnsMissing } from '../kit/scratch-netns.ts';
import { runMutants } from './mutants.ts';
import { type CrashReport, runCrash } from './run.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    mutants: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
  },
});

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function summary(report: CrashReport): string {
  const { kills, gatewayKills, kept, stored, lost, duplicates, doubled, corrupt, tookMs } = report;
  return [
    `${kills} kills of the agent and ${gatewayKills} of its gateway in ${(tookMs / 1_000).toFixed(0)} s`,
    `  ${kept} events were on the disk of a killed agent, ${stored} are stored`,
    `  ${lost.length} acknowledged events lost${lost.length > 0 ? `: ${lost.slice(0, 5).join(', ')}` : ''}`,
    `  ${corrupt.length} corrupt files${corrupt.length > 0 ? `: ${corrupt.join(', ')}` : ''}`,
    `  ${duplicates} events came again and were kept once; ${doubled} are stored twice`,
  ].join('\n');
}

const [kills, mutants, seed] = [values.kills, values.mutants, values.seed].map(Number);
const damaged = await runMutants({ mutants: mutants ?? 0, seed: seed ?? 1, onProgress: say });
say(
  `${damaged.mutants} damaged files: ${damaged.unopened} did not open, ${damaged.believed} wrong records were believed, ` +
    `${damaged.loops} were not mended by the next start; ${damaged.salvaged} kept all, ${damaged.quarantined} were set aside`,
);
const missing = netnsMissing();
if (missing !== undefined) {
  say(`the agent cannot be killed here: ${missing}`);
  process.exitCode = 2;
} else {
  const report = await runCrash({ kills: kills ?? 0, seed: seed ?? 1, onProgress: say });
  say(summary(report));
  const isSound = report.lost.length + report.corrupt.length + report.doubled === 0;
  if (!isSound || damaged.unopened + damaged.believed + damaged.loops > 0) process.exitCode = 1;
}
