/**
 * `sagctl check`: asks the agent, and looks for itself when the agent does not answer.
 */

import { gatherFacts } from '../adapters/check/check-facts.ts';
import { readStored } from '../adapters/check/check-state.ts';
import { type CheckReport, checkExitCode, checkReport } from '../diag/check/check-report.ts';
import { type SagDiagnosisReport, sagReport } from '../diag/check/sag-report.ts';
import { checkBlocks } from '../diag/check-view.ts';
import { renderBlocks } from '../diag/text-table.ts';
import type { Invocation } from './arguments.ts';
import { AgentUnreachable, converse } from './control-client.ts';
import { configOf } from './offline-config.ts';
import { printableJson, type Terminal, understood } from './terminal.ts';

/** An agent that lives says at once that it has begun. */
const BEGIN_WAIT_MS = 1_000;
/** And ends within the bounds of its probes; past this it hangs, and is told as such. */
const END_WAIT_MS = 4_500;

export async function runCheck(invocation: Invocation, terminal: Terminal): Promise<number> {
  const report = await reportOf(invocation, terminal.stop);
  if (invocation.options.has('sag')) {
    terminal.out(printableJson(understood(() => sagShape(report))));
    return checkExitCode(report);
  }
  const language = invocation.options.has('zh') ? 'zh' : 'en';
  const blocks = understood(() => checkBlocks(report, language));
  terminal.out(invocation.json ? printableJson(report) : renderBlocks(blocks, terminal.colour));
  return checkExitCode(report);
}

/** As the cloud gets it; board and agent are named in the report itself where they answer. */
function sagShape(report: CheckReport): SagDiagnosisReport {
  const { wallMs } = report;
  const diagnosis = { diagnoseId: `local-${wallMs}`, startMs: wallMs };
  const box = { boxType: '', boxVersion: '', monitorVersion: '' };
  return sagReport({ ...diagnosis, ...box }, report, wallMs);
}

export async function reportOf(invocation: Invocation, stop: AbortSignal): Promise<CheckReport> {
  try {
    return await askAgent(invocation.socket, stop);
  } catch (error) {
    if (!(error instanceof AgentUnreachable)) throw error;
    return checkAlone(invocation, error.message);
  }
}

async function askAgent(socketPath: string, stop: AbortSignal): Promise<CheckReport> {
  const { promise, resolve, reject } = Promise.withResolvers<CheckReport>();
  const conversation = converse(socketPath, { id: 1, op: 'check' }, (answer) => {
    if ('report' in answer) resolve(answer.report);
    else reject(new AgentUnreachable('the agent began a check and did not end it'));
  });
  const silence = (): void => reject(new AgentUnreachable('the agent does not answer'));
  let timer = setTimeout(silence, BEGIN_WAIT_MS);
  stop.addEventListener('abort', silence, { once: true });
  try {
    void conversation.first.then((answer) => {
      clearTimeout(timer);
      if ('report' in answer) return resolve(answer.report);
      if (!('began' in answer))
        return reject(new AgentUnreachable('the agent knows no check; its version is another'));
      timer = setTimeout(silence, END_WAIT_MS);
    }, reject);
    void conversation.ended.then(silence);
    return await promise;
  } finally {
    clearTimeout(timer);
    conversation.close();
  }
}

/** From configuration, state directory, kernel and the same probes. */
async function checkAlone(invocation: Invocation, because: string): Promise<CheckReport> {
  const { config, configProblem } = configOf(invocation);
  const stored = config && readStored(config);
  const agent = { answers: false, because, ...(stored !== undefined && { stored }) } as const;
  const facts = await gatherFacts({
    agent,
    config,
    ...(configProblem !== undefined && { configProblem }),
  });
  return checkReport(facts);
}
