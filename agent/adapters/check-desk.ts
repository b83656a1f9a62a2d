/**
 * Runs checks inside the agent, one at a time: who asks while one runs gets the same report.
 */
import { type CheckReport, checkReport } from '../diag/check/check-report.ts';
import type { AgentConfig } from '../model/config.ts';
import type { AgentSnapshot } from '../model/snapshot.ts';
import { gatherFacts } from './check-facts.ts';

export class CheckDesk {
  readonly #config: AgentConfig;
  readonly #snapshot: () => Promise<AgentSnapshot>;
  #running: Promise<CheckReport> | undefined;

  constructor(config: AgentConfig, snapshot: () => Promise<AgentSnapshot>) {
    this.#config = config;
    this.#snapshot = snapshot;
  }

  async run(): Promise<CheckReport> {
    this.#running ??= this.#check().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #check(): Promise<CheckReport> {
    const snapshot = await this.#snapshot();
    const facts = await gatherFacts({ agent: { answers: true, snapshot }, config: this.#config });
    return checkReport(facts);
  }
}
