/** WAN settings asked for at the control socket: read as those of the page are, and told to the log without their secrets. */
import { readWanAsk } from '../../contract/wan-schema.ts';
import { type ControlAnswer, refusal } from '../../diag/control-answer.ts';
import type { ControlRequest } from '../../diag/control-protocol.ts';
import type { ControlDesk } from './control-desk.ts';

type WanRequest = Extract<ControlRequest, { readonly op: 'wan' }>;

export async function setUpWan(
  { id, ask }: WanRequest,
  { wan, box }: ControlDesk,
): Promise<ControlAnswer> {
  if (wan === undefined || box === undefined) {
    return refusal(id, 'ECONTROL_ACT', 'this agent sets up no uplink from here');
  }
  const read = readWanAsk(ask, box);
  if (!read.ok) {
    const { code, pointer, sentence } = read.refusal;
    return { id, ok: true, done: { ok: false, code, because: `${pointer} ${sentence}`.trim() } };
  }
  try {
    return { id, ok: true, done: await wan(read.value) };
  } catch {
    return refusal(id, 'ECONTROL_ACT', 'the agent did not answer; look before trying again');
  }
}

/** `wan "set" "wan1" "PPPOE"`: what is asked for, never with what. */
export function wanWords({ ask }: WanRequest): string {
  const { do: what, uplink, setting } = Object(ask) as Readonly<Record<string, unknown>>;
  const { uplink: of, ipType } = Object(setting) as Readonly<Record<string, unknown>>;
  const words = [what, uplink, of, ipType].filter((each) => typeof each === 'string');
  return ['wan', ...words.map((each) => JSON.stringify(each))].join(' ');
}
