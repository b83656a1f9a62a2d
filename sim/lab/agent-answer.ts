/**
 * Asks the running agent, as `sagctl` does.
 */
import { AgentUnreachable, converse } from '../../agent/cli/control-client.ts';
import type { ControlAnswer, Done } from '../../agent/diag/control-answer.ts';
import type { ControlRequest } from '../../agent/diag/control-protocol.ts';
import type { AgentSnapshot } from '../../agent/model/snapshot.ts';

/** Undefined while nobody answers: the agent is starting, ending or stuck. */
export async function agentSnapshot(controlSocket: string): Promise<AgentSnapshot | undefined> {
  const answer = await ask(controlSocket, { id: 1, op: 'snapshot' });
  return answer?.ok === true && 'snapshot' in answer ? answer.snapshot : undefined;
}

/** Other session keys for a tunnel; what the agent says of it. */
export async function agentRekeys(controlSocket: string, tunnel: string): Promise<Done> {
  const answer = await ask(controlSocket, { id: 1, op: 'rekey', tunnel });
  if (answer?.ok === true && 'done' in answer) return answer.done;
  return { ok: false, because: JSON.stringify(answer) };
}

async function ask(
  controlSocket: string,
  request: ControlRequest,
): Promise<ControlAnswer | undefined> {
  const conversation = converse(controlSocket, request);
  try {
    return await conversation.first;
  } catch (error) {
    if (error instanceof AgentUnreachable) return undefined;
    throw error;
  } finally {
    conversation.close();
  }
}
