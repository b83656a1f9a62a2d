/**
 * Asks the running agent for its snapshot, as `sagctl` does.
 */
import { AgentUnreachable, converse } from '../../agent/cli/control-client.ts';
import type { AgentSnapshot } from '../../agent/model/snapshot.ts';

/** Undefined while nobody answers: the agent is starting, ending or stuck. */
export async function agentSnapshot(controlSocket: string): Promise<AgentSnapshot | undefined> {
  const conversation = converse(controlSocket, { id: 1, op: 'snapshot' });
  try {
    const answer = await conversation.first;
    return answer.ok && 'snapshot' in answer ? answer.snapshot : undefined;
  } catch (error) {
    if (error instanceof AgentUnreachable) return undefined;
    throw error;
  } finally {
    conversation.close();
  }
}
