/**
 * What can be asked of the agent at the control socket, and the answers that need nothing of the connection.
 */
import type { CheckReport } from '../../diag/check/check-report.ts';
import type { LadderSoFar } from '../../diag/check/ladder.ts';
import { type ControlAnswer, type Done, refusal } from '../../diag/control-answer.ts';
import type { ControlRequest } from '../../diag/control-protocol.ts';
import type { AgentConfig } from '../../model/config.ts';
import type { NoteLevel } from '../../model/note.ts';
import type { AgentSnapshot } from '../../model/snapshot.ts';
import type { WanAnswer, WanAsk } from '../../model/wan.ts';
import type { DiagTools } from '../diag/diag-tools.ts';
import type { UpdateDesk } from '../host/board-update.ts';

/** What is left out is refused with a sentence. */
export interface ControlDesk {
  readonly snapshot: () => Promise<AgentSnapshot>;
  readonly check: (onRungs?: (soFar: LadderSoFar) => void) => Promise<CheckReport>;
  /** Asks for another active tunnel. */
  readonly onSwitch?: (tunnel: string) => Promise<Done>;
  /** Asks for other session keys of a tunnel. */
  readonly rekey?: (tunnel: string) => Promise<Done>;
  /** Lets every lamp blink; 0 ends it. */
  readonly blink?: (seconds: number) => Promise<Done>;
  readonly logLevel?: (level: NoteLevel, seconds: number) => Done;
  /** Sets how an uplink gets its address. */
  readonly wan?: (ask: WanAsk) => Promise<WanAnswer>;
  /** What a WAN setting is judged by. */
  readonly box?: Pick<AgentConfig, 'uplinks' | 'lanPrefixes'>;
  readonly tools?: Pick<DiagTools, 'use'>;
  /** Takes a firmware image to the board. */
  readonly updates?: Pick<UpdateDesk, 'begin' | 'abort'>;
}

type Act = Extract<ControlRequest, { readonly op: 'switch' | 'rekey' | 'blink' | 'logLevel' }>;

export async function act(request: Act, desk: ControlDesk): Promise<ControlAnswer> {
  const { id } = request;
  try {
    switch (request.op) {
      case 'switch': {
        const switched = await desk.onSwitch?.(request.tunnel);
        if (switched !== undefined) return { id, ok: true, switched };
        return refusal(id, 'ECONTROL_SWITCH', 'this agent takes no switch from here');
      }
      case 'rekey':
        return done(id, await desk.rekey?.(request.tunnel));
      case 'blink':
        return done(id, await desk.blink?.(request.seconds));
      case 'logLevel':
        return done(id, desk.logLevel?.(request.level, request.seconds));
    }
  } catch {
    const code = request.op === 'switch' ? 'ECONTROL_SWITCH' : 'ECONTROL_ACT';
    return refusal(id, code, 'the agent did not answer; look before trying again');
  }
}

function done(id: number, what: Done | undefined): ControlAnswer {
  if (what !== undefined) return { id, ok: true, done: what };
  return refusal(id, 'ECONTROL_ACT', 'this agent does not do that from here');
}

export async function diagnose(
  { id, ask }: Extract<ControlRequest, { readonly op: 'tool' }>,
  { tools }: ControlDesk,
  send: (answer: ControlAnswer) => void,
  stop: AbortSignal,
): Promise<ControlAnswer> {
  if (tools === undefined) return refusal(id, 'ECONTROL_ACT', 'this agent runs no diagnostics');
  send({ id, ok: true, began: true });
  const onBytes = (bytes: Uint8Array): void => {
    send({ id, ok: true, output: Buffer.from(bytes).toString('base64') });
  };
  try {
    const end = await tools.use(ask, { role: 'local', stop, onBytes });
    return 'code' in end ? refusal(id, end.code, end.sentence) : { id, ok: true, ended: end };
  } catch {
    return refusal(id, 'ECONTROL_ACT', 'the diagnostic broke off; look at the log');
  }
}
