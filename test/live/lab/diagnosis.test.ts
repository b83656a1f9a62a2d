/**
 * The story of the technician on real parts: faults are made in the lab, and `sagctl check` names the first broken rung
 * of each by its report and its exit code.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkExitCode } from '../../../agent/diag/check/check-report.ts';
import type { DiagnosisReport } from '../../../sim/lab/diagnosis-story.ts';
import { FAULTS } from '../../unit/agent/diag/check/fault-table.ts';
import { LAB_FAULTS } from '../../unit/agent/diag/check/lab-faults.ts';
import { needLab, processesWith, startMarked } from './marked-run.ts';

/** The story takes about a minute; a busy CI machine takes its time. */
const STORY_MS_MAX = 300_000;
/** Against hanging only: the promise of 5 s is measured, and told in docs/DIAGNOSTICS.md. */
const CHECK_MS_MAX = 30_000;

test(
  'twenty faults are made, and the check sends the technician to the right rung each time',
  async (ctx) => {
    await needLab(ctx);
    const outDirectory = await mkdtemp(join(tmpdir(), 'lab-test-'));
    try {
      const run = startMarked(['demo', '--script', 'diagnosis', '--out', outDirectory]);
      await new Promise((resolve) => run.child.once('close', resolve));
      const text = await readFile(join(outDirectory, 'diagnosis.json'), 'utf8');
      const report = JSON.parse(text) as DiagnosisReport;

      expect(report.healthy).toMatchObject({ firstBroken: 'nothing', exitCode: 0 });
      expect(report.faults.map(({ name }) => name)).toEqual(LAB_FAULTS);
      const wanted = report.faults.map(({ name }) => {
        const fault = FAULTS.find((each) => each.name === name);
        if (fault === undefined) throw new Error(`${name} is in no table`);
        const { rung: id, outcome } = fault;
        const exitCode = checkExitCode({ firstBroken: { id, outcome } });
        return { name, firstBroken: `${id} ${outcome}`, exitCode };
      });
      const found = report.faults.map(({ name, firstBroken, exitCode }) => ({
        name,
        firstBroken,
        exitCode,
      }));
      expect(found).toEqual(wanted);
      expect(report.vpcHost).toEqual({ healthy: 'success', silent: 'failed' });
      for (const { tookMs } of report.faults) expect(tookMs).toBeLessThan(CHECK_MS_MAX);
      expect(await processesWith(run.mark)).toEqual([]);
    } finally {
      await rm(outDirectory, { recursive: true });
    }
  },
  STORY_MS_MAX,
);
