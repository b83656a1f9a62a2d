/**
 * Runs checks inside the agent, one at a time: who asks while one runs gets the same report.
 */

import type { AnonymiseLevel } from '../../diag/bundle/anonymise.ts';
import { type CheckReport, checkReport } from '../../diag/check/check-report.ts';
import { climbSoFar, type LadderSoFar } from '../../diag/check/ladder.ts';
import {
  type SagDiagnosis,
  type SagDiagnosisReport,
  sagReport,
  sagReportBegun,
  sagReportFailed,
} from '../../diag/check/sag-report.ts';
import type { AgentConfig } from '../../model/config.ts';
import type { AgentSnapshot } from '../../model/snapshot.ts';
import type { DiagnosisPort } from '../../ports.ts';
import { writeBundle } from '../diag/bundle-file.ts';
import { collectBundle } from '../diag/bundle-sources.ts';
import { gatherFacts } from './check-facts.ts';

type OnRungs = (soFar: LadderSoFar) => void;

export class CheckDesk implements DiagnosisPort {
  readonly #config: AgentConfig;
  readonly #snapshot: () => Promise<AgentSnapshot>;
  readonly #listeners = new Set<OnRungs>();
  #running: Promise<CheckReport> | undefined;

  constructor(config: AgentConfig, snapshot: () => Promise<AgentSnapshot>) {
    this.#config = config;
    this.#snapshot = snapshot;
  }

  /** `onRungs` hears the ladder as it grows. */
  async run(onRungs?: OnRungs): Promise<CheckReport> {
    if (onRungs !== undefined) this.#listeners.add(onRungs);
    this.#running ??= this.#check().finally(() => {
      this.#running = undefined;
    });
    try {
      return await this.#running;
    } finally {
      if (onRungs !== undefined) this.#listeners.delete(onRungs);
    }
  }

  /** Everything support needs, as `sagctl bundle` makes it. */
  async bundle(configFile: string, level: AnonymiseLevel): Promise<AsyncIterable<Uint8Array>> {
    const report = await this.run();
    const snapshot = await this.#snapshot();
    const sources = { configFile, config: this.#config, snapshot, report };
    return writeBundle(await collectBundle(sources), level, () => undefined);
  }

  async startDiagnosis(
    diagnoseId: string,
    onReport: (report: SagDiagnosisReport) => void,
  ): Promise<void> {
    const startMs = Date.now();
    const unknownBox = { boxType: '', boxVersion: '', monitorVersion: '' };
    let diagnosis: SagDiagnosis = { diagnoseId, startMs, ...unknownBox };
    try {
      const { agent, board } = await this.#snapshot();
      const { model = '', firmwareVersion = '' } = board.hello ?? {};
      const box = { boxType: model, boxVersion: firmwareVersion, monitorVersion: agent.version };
      diagnosis = { ...diagnosis, ...box };
      onReport(sagReportBegun(diagnosis));
      onReport(sagReport(diagnosis, await this.run(), Date.now()));
    } catch {
      onReport(sagReportFailed(diagnosis, Date.now()));
    }
  }

  async #check(): Promise<CheckReport> {
    const snapshot = await this.#snapshot();
    const sources = { agent: { answers: true, snapshot }, config: this.#config } as const;
    const facts = await gatherFacts(sources, (soFar, ended) => {
      if (this.#listeners.size === 0) return;
      const rungs = climbSoFar(soFar, ended);
      for (const listener of this.#listeners) listener(rungs);
    });
    return checkReport(facts);
  }
}
